"""The console as people work: the groups of its sidebar, in order."""

from enum import Enum
from typing import Any

from core.console.words import said


class Group(Enum):
    """Which kind of work a page belongs to."""

    REVIEW = ("Review", "审核")
    CAMPAIGNS = ("Campaigns", "活动与优惠券")
    SECTIONS = ("Sections", "专区")
    ORDERS = ("Orders", "订单与物流")
    MONEY = ("Money", "资金")
    OPERATIONS = ("Operations", "运维")

    @property
    def title(self) -> Any:
        """Return what the group is called, in the language of whoever reads it."""
        return said(*self.value)
