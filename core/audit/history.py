"""Reading lives back."""

from django.db.models import QuerySet

from core.audit.models import StateLog


def life_of(subject: str, subject_id: int) -> QuerySet[StateLog]:
    """Return the steps of one life, oldest first, with who took them."""
    return (
        StateLog.objects.filter(subject=subject, subject_id=subject_id)
        .select_related("actor", "on_behalf_of")
        .order_by("at", "id")
    )
