"""A payment provider that is away or says no when told to, and otherwise is the practice one."""

from orders.payments.providers.protocol import (
    Answer,
    ChargeState,
    ProviderUnavailable,
    RefundRefused,
)
from orders.payments.providers.sandbox import SandboxWallet


class MoodyDesk(SandboxWallet):
    """Answer nothing while away, refuse refunds while unwilling, and let some charges fail.

    While it mumbles a charge is opened, and nobody hears of it.
    """

    def __init__(self):
        self.is_away = self.is_unwilling = self.mumbles = False
        self.failed = set()

    def create(self, **asked):
        self._answer()
        opened = super().create(**asked)
        if self.mumbles:
            raise ProviderUnavailable
        return opened

    def query(self, *, reference):
        self._answer()
        said = super().query(reference=reference)
        has_failed = reference in self.failed and said.state is ChargeState.PENDING
        return Answer(ChargeState.FAILED) if has_failed else said

    def close(self, **asked):
        self._answer()
        return super().close(**asked)

    def refund(self, **asked):
        self._answer()
        if self.is_unwilling:
            raise RefundRefused
        super().refund(**asked)

    def _answer(self):
        if self.is_away:
            raise ProviderUnavailable
