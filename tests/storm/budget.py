"""`python -m tests.storm.budget`: a storm on one budget, with its workers killed again and again.

Claims, orders, payments, cancellations, refunds, expiry and voiding at random from many
connections. Every snapshot must show available + reserved + spent = total and the ledger equal to
what is spent; whoever is killed leaves half of nothing behind. `--help` tells what can be set.
"""

import sys

from core.local import temporary


def main() -> int:
    # Servers of its own, unless DATABASE_URL and REDIS_URL name others.
    with temporary.servers() as environment:
        return temporary.run("tests.storm.blowing", *sys.argv[1:], environment=environment)


if __name__ == "__main__":
    sys.exit(main())
