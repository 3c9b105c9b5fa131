"""What people may be asked to do for the platform, and what one may do for another."""

from django.db import models

from core.http.enums import offered


@offered
class Role(models.TextChoices):
    """A task of the platform's own people."""

    REVIEWER = "REVIEWER", "Reviewer|审核员"
    CAMPAIGN_MANAGER = "CAMPAIGN_MANAGER", "Campaign manager|活动运营"
    SECTION_MANAGER = "SECTION_MANAGER", "Section manager|专区运营"
    OPERATOR = "OPERATOR", "Operator|平台运维"
    REPORTS = "REPORTS", "Reports|数据报表"
    # Of the people of an organisation that the market works with, never for the whole country.
    PARTNER = "PARTNER", "Partner's reviewer|合作方审核员"
    # Likewise, of those who give money for coupons.
    FUNDER = "FUNDER", "Funder's officer|出资方人员"


# What can be limited to a region. Budgets, deliveries and people have no region: whoever looks
# after them does so for the whole country, or not at all.
REGIONAL = frozenset({Role.REVIEWER, Role.SECTION_MANAGER, Role.REPORTS, Role.PARTNER, Role.FUNDER})


@offered
class Scope(models.TextChoices):
    """What a mandate allows; payout account, sign-in and mandates themselves are never in it."""

    LIST = "LIST", "List products|代上架"
    PRICE = "PRICE", "Set prices|代定价"
    SHIP = "SHIP", "Ship orders|代发货"
    AFTER_SALE = "AFTER_SALE", "Answer after-sales|代处理售后"
    BUY = "BUY", "Buy|代购"
