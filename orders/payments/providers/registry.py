"""Which providers are switched on."""

from django.conf import settings

from core.errors import NotFound
from orders.payments.providers.protocol import Provider
from orders.payments.providers.sandbox import SandboxCard, SandboxWallet

_SANDBOX: dict[str, Provider] = {
    SandboxWallet.name: SandboxWallet(),
    SandboxCard.name: SandboxCard(),
}


def names() -> list[str]:
    """Return the providers that a buyer may choose from."""
    return sorted(_SANDBOX) if settings.MARKETPLACE_SANDBOX else []


def provider(name: str) -> Provider:
    """Return a provider by name.

    Raises:
        NotFound: there is none of this name, or it is switched off.
    """
    if name not in names():
        raise NotFound(provider=name)
    return _SANDBOX[name]
