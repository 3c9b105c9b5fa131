from marketplace.campaigns.models.campaign import Campaign
from marketplace.campaigns.models.enrolment import Enrolment

__all__ = ["Campaign", "Enrolment"]
