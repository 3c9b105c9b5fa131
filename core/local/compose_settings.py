"""Fresh secrets for `docker-compose.yml`: `python3 -m core.local.compose_settings > .env`."""

import secrets

from core.local.folder import fresh_secrets


def main() -> None:
    """Print every secret that compose asks for, as lines of an `.env` file."""
    made = {**fresh_secrets(), "POSTGRES_PASSWORD": secrets.token_hex(24)}
    print("\n".join(f"{name}={value}" for name, value in made.items()))


if __name__ == "__main__":
    main()
