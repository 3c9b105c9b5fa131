from marketplace.campaigns.models.activity import Activity, ActivityBuyer

__all__ = ["Activity", "ActivityBuyer"]
