"""Traces in the console: what is to be looked at, and who belongs together."""

from django.contrib import admin
from django.utils.safestring import SafeString

from core.accounts.domain.roles import Role
from core.console import figures, filters
from core.console.groups import Group
from core.console.pages import ReadPage
from core.console.words import chosen, said
from marketplace.abuse.domain.rules import Code, Deed, Outcome
from marketplace.abuse.models import Trace
from marketplace.abuse.selectors import console, rings

SHOWN_MAX = 50


@admin.register(Trace)
class TracePage(ReadPage):
    """Claims and orders that may not be what they seem."""

    rows = staticmethod(console.traces_for)
    roles = (Role.OPERATOR,)
    group, place, icon = Group.OPERATIONS, 60, "visibility"
    called = (said("trace", "风控记录"), said("traces", "风控记录"))
    list_display = ("what", "judged", "rule", "who", "when")
    list_filter = (
        filters.by_code(
            "outcome",
            Outcome,
            said("Outcome", "结果"),
            unasked=(said("To be looked at", "待复核"), [Outcome.REVIEW]),
        ),
        filters.by_code("deed", Deed, said("Deed", "行为")),
    )
    search_fields = ("user__reference",)
    fields = ("what", "judged", "rule", "who", "when", "ring")
    ordering = ("-pk",)

    @admin.display(description=said("Deed", "行为"), ordering="deed")
    def what(self, row: Trace) -> str:
        return f"{figures.label(Deed, row.deed)} {str(row.subject)[:8]}"

    @admin.display(description=said("Outcome", "结果"), ordering="outcome")
    def judged(self, row: Trace) -> SafeString:
        colour = figures.AMBER if row.outcome == Outcome.REVIEW else figures.GREY
        return figures.badge(figures.label(Outcome, row.outcome), colour)

    @admin.display(description=said("Rule", "规则"), ordering="code")
    def rule(self, row: Trace) -> str:
        return figures.label(Code, row.code) if row.code else figures.NOTHING

    @admin.display(description=said("Person", "用户"))
    def who(self, row: Trace) -> str:
        return str(row.user.reference)

    @admin.display(description=said("When", "时间"), ordering="at")
    def when(self, row: Trace) -> str:
        return figures.local_time(row.at)

    @admin.display(description=said("Ring", "关联用户"))
    def ring(self, row: Trace) -> SafeString:
        found = rings.ring_of(row)
        claims: dict[object, int] = {}
        for user, _ in found.claims:
            claims[user] = claims.get(user, 0) + 1
        headings = (chosen("Person", "用户"), chosen("Claims", "领券次数"))
        return figures.table(
            headings,
            [(str(user), claims.get(user, 0)) for user in found.users[:SHOWN_MAX]],
            figures={1},
        )
