"""Becoming somebody on the market."""

from datetime import datetime

from django.contrib.auth.hashers import make_password

from core.accounts import phones
from core.accounts.models import User
from core.transactions import needs_transaction


@needs_transaction
def register(phone: str, now: datetime) -> User:
    """Return the user of a normalised phone, a new one where there was none."""
    index = phones.index_of(phone)
    try:
        return User.objects.get(phone_index=index)
    except User.DoesNotExist:
        newcomer = User(phone=phone, phone_index=index, password=make_password(None), joined_at=now)
    # Two first sign-ins at once: one inserts, the other waits for it and finds the row.
    User.objects.bulk_create([newcomer], ignore_conflicts=True)
    return User.objects.get(phone_index=index)


@needs_transaction
def rename(user_id: int, name: str) -> None:
    """Change the name others see."""
    User.objects.filter(pk=user_id).update(name=name)
