"""Campaigns in the console: their calendar, their pages, and what shops offer to them."""

from marketplace.campaigns.admin.enrolments import EnrolmentPage
from marketplace.campaigns.admin.pages import CampaignPage

__all__ = ["CampaignPage", "EnrolmentPage"]
