"""The life of one thing, step by step, on its page."""

from django.db.models import TextChoices
from django.utils.safestring import SafeString

from core.audit import history
from core.audit.advancing import BIRTH
from core.audit.models import StateLog
from core.console import figures
from core.console.words import chosen
from core.states import Machine


def life(machine: Machine, key: int, states: type[TextChoices]) -> SafeString:
    """Draw the steps of one life, with who took them and why."""
    headings = (
        chosen("When", "时间"),
        chosen("State", "状态"),
        chosen("Step", "操作"),
        chosen("By", "操作人"),
        chosen("Reason", "原因"),
    )
    return figures.table(
        headings,
        [
            (
                figures.local_time(step.at),
                figures.label(states, step.to_state),
                "" if step.action == BIRTH else step.action,
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
    if step.on_behalf_of is None:
        return str(step.actor)
    return chosen(
        f"{step.actor} for {step.on_behalf_of}", f"{step.actor}（代 {step.on_behalf_of}）"
    )
