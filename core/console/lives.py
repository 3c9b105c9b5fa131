"""The life of one thing, step by step, on its page."""

from typing import Any

from django.db.models import TextChoices
from django.utils.safestring import SafeString

from core.accounts.sealing import mask_phone
from core.audit import history
from core.audit.models import StateLog
from core.console import figures
from core.console.words import chosen
from core.states import Machine


def life(machine: Machine, key: int, states: type[TextChoices]) -> SafeString:
    """Draw the steps of one life, with who took them and why."""
    headings = (
        chosen("When", "时间"),
        chosen("State", "状态"),
        chosen("By", "操作人"),
        chosen("Reason", "原因"),
    )
    return figures.table(
        headings,
        [
            (
                figures.local_second(step.at),
                figures.label(states, step.to_state),
                who(step),
                step.reason,
            )
            for step in history.life_of(machine.subject, key)
        ],
    )


def who(step: StateLog) -> str:
    """Return who took a step, and for whom."""
    if step.actor is None:
        return chosen("The market", "系统")
    actor = person(step.actor)
    if step.on_behalf_of is None:
        return actor
    principal = person(step.on_behalf_of)
    return chosen(f"{actor} for {principal}", f"{actor}（代 {principal}）")


def person(user: Any) -> str:
    """Return what somebody is called in the office; a phone only masked."""
    return str(user.name or user.username or mask_phone(user.phone or ""))
