"""A carrier that fails when told to, and otherwise is the practice carrier."""

from logistics.parcels.providers.protocol import CarrierUnavailable
from logistics.parcels.providers.sandbox import SandboxCarrier


class MoodyCarrier(SandboxCarrier):
    """Raise what is in `moods`, one for each call, before doing what was asked."""

    def __init__(self, *moods):
        self.moods = list(moods)
        self.asked = []

    def book(self, consignment, *, now):
        self._mood("book", consignment.reference)
        return super().book(consignment, now=now)

    def cancel(self, *, reference, now):
        self._mood("cancel", reference)
        super().cancel(reference=reference, now=now)

    def track(self, *, reference, now):
        self._mood("track", reference)
        return super().track(reference=reference, now=now)

    def _mood(self, question, reference):
        self.asked.append((question, reference))
        mood = self.moods.pop(0) if self.moods else None
        if callable(mood) and not isinstance(mood, type):
            mood()
        elif mood is not None:
            raise mood


DOWN = CarrierUnavailable
