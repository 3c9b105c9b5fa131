from marketplace.activities.models.activity import Activity, ActivityBuyer

__all__ = ["Activity", "ActivityBuyer"]
