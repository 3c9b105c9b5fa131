"""Operations: what waits for a person, who did what, and who is who."""

import json
from typing import Any

from django.contrib import admin
from django.contrib.auth.models import Group as Permissions
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString

from core.accounts import phones
from core.accounts.domain.roles import Role
from core.accounts.models import User
from core.accounts.sealing import mask_phone
from core.audit.models import StateLog
from core.console import figures, filters, lives, locks, second_factor, selectors
from core.console.groups import Group
from core.console.pages import ReadPage
from core.console.words import chosen, said
from core.errors import InvalidInput
from core.outbox import deliveries
from core.outbox.models import Delivery, DeliveryState
from core.transactions import entry

# Roles say who may do what here; the framework's own groups say nothing.
admin.site.unregister(Permissions)
admin.site.index_template = "console/today.html"
admin.site.login_template = "console/login.html"

FAILURE_CHARACTERS = 80
# Their pages stand in modules of their own.
PAGES_BESIDES = (locks, second_factor)


@admin.register(Delivery)
class DeliveryPage(ReadPage):
    """What consumers owe, the parked ones to be run again by a person."""

    rows = staticmethod(selectors.deliveries_for)
    roles = (Role.OPERATOR,)
    group, place, icon = Group.OPERATIONS, 10, "mark_email_unread"
    called = (said("delivery", "事件投递"), said("deliveries", "事件投递"))
    states = DeliveryState
    colours = {"PENDING": figures.AMBER, "PARKED": figures.RED, "DONE": figures.GREEN}
    list_display = ("topic", "consumer_short", "standing", "attempts_made", "waits", "why")
    list_filter = (
        filters.by_code(
            "state",
            DeliveryState,
            said("State", "状态"),
            unasked=(said("Not done", "未完成"), [DeliveryState.PENDING, DeliveryState.PARKED]),
        ),
    )
    search_fields = ("message__topic", "consumer")
    search_help_text = said("Fact or consumer", "事件或消费者")
    fields = (
        "topic",
        "body",
        "consumer_name",
        "standing",
        "attempts_made",
        "rung",
        "due",
        "parked",
        "failed",
    )
    ordering = ("-pk",)
    actions = ("run_again",)

    def name_of(self, row: Delivery) -> str:
        """Name the fact."""
        return f"{row.message.topic} {row.pk}"

    def acts_on(self, row: Delivery) -> list[str]:
        """Only what is parked waits for a person."""
        return ["run_again"] if row.state == DeliveryState.PARKED else []

    @admin.display(description=said("Fact", "事件"), ordering="message__topic")
    def topic(self, row: Delivery) -> str:
        return row.message.topic

    @admin.display(description=said("Says", "内容"))
    def body(self, row: Delivery) -> SafeString:
        return format_html(
            "<pre>{}</pre>", json.dumps(row.message.body, ensure_ascii=False, indent=2)
        )

    @admin.display(description=said("Consumer", "消费者"))
    def consumer_name(self, row: Delivery) -> str:
        return row.consumer

    @admin.display(description=said("Consumer", "消费者"), ordering="consumer")
    def consumer_short(self, row: Delivery) -> str:
        room, _, work = row.consumer.rpartition(".tasks.")
        return f"{room} {work}".strip()

    @admin.display(description=said("Waits since or until", "搁置或下次时间"))
    def waits(self, row: Delivery) -> str:
        return self.parked(row) if row.parked_at else self.due(row)

    @admin.display(description=said("Attempts", "尝试次数"), ordering="attempts")
    def attempts_made(self, row: Delivery) -> str:
        return str(row.attempts)

    @admin.display(description=said("Rung", "通知次数"))
    def rung(self, row: Delivery) -> str:
        return str(row.rings)

    @admin.display(description=said("Next attempt", "下次尝试"), ordering="next_attempt_at")
    def due(self, row: Delivery) -> str:
        is_waiting = row.state == DeliveryState.PENDING
        return figures.local_time(row.next_attempt_at if is_waiting else None)

    @admin.display(description=said("Parked", "搁置时间"), ordering="parked_at")
    def parked(self, row: Delivery) -> str:
        return figures.local_time(row.parked_at)

    @admin.display(description=said("Why", "原因"))
    def why(self, row: Delivery) -> str:
        return row.failure[:FAILURE_CHARACTERS]

    @admin.display(description=said("Why", "原因"))
    def failed(self, row: Delivery) -> SafeString:
        return format_html("<pre>{}</pre>", row.failure or figures.NOTHING)

    @admin.action(description=said("Run again", "重新投递"))
    def run_again(self, request: HttpRequest, queryset: QuerySet[Delivery]) -> None:
        ids = list(queryset.values_list("pk", flat=True))
        taken = entry(deliveries.rerun)(ids, now=timezone.now())
        self.message_user(
            request,
            chosen(f"{len(taken)} on their way again.", f"已重新投递 {len(taken)} 项。"),
        )


@admin.register(StateLog)
class StepPage(ReadPage):
    """Every step of every life, newest first."""

    rows = staticmethod(selectors.steps_for)
    roles = (Role.OPERATOR,)
    group, place, icon = Group.OPERATIONS, 20, "history"
    called = (said("step", "状态变更"), said("state log", "状态日志"))
    list_display = ("at_local", "thing", "step", "became", "taken_by", "why")
    fields = ("at_local", "thing", "step", "came_from", "became", "taken_by", "why")
    search_fields = ("subject",)
    search_help_text = said("Kind, or kind and key: shop 12", "对象类型，或类型加编号：shop 12")
    ordering = ("-pk",)

    def get_search_results(
        self,
        request: HttpRequest,  # noqa: ARG002
        queryset: QuerySet[StateLog],
        search_term: str,
    ) -> tuple[QuerySet[StateLog], bool]:
        """Find the lives of a kind, or one life, by the index that there is."""
        kind, _, key = search_term.strip().partition(" ")
        found = queryset.filter(subject=kind) if kind else queryset
        if key.isascii() and key.isdigit():
            found = found.filter(subject_id=int(key[:18]))
        return found, False

    @admin.display(description=said("When", "时间"), ordering="pk")
    def at_local(self, row: StateLog) -> str:
        return figures.local_second(row.at)

    @admin.display(description=said("What", "对象"))
    def thing(self, row: StateLog) -> str:
        return f"{row.subject} {row.subject_id}"

    @admin.display(description=said("Step", "操作"))
    def step(self, row: StateLog) -> str:
        return row.action

    @admin.display(description=said("From", "原状态"))
    def came_from(self, row: StateLog) -> str:
        return row.from_state

    @admin.display(description=said("To", "新状态"))
    def became(self, row: StateLog) -> str:
        return row.to_state

    @admin.display(description=said("By", "操作人"))
    def taken_by(self, row: StateLog) -> str:
        return lives.who(row)

    @admin.display(description=said("Reason", "原因"))
    def why(self, row: StateLog) -> str:
        return row.reason


@admin.register(User)
class PersonPage(ReadPage):
    """Who is who: phones masked, nothing to change."""

    rows = staticmethod(selectors.people_for)
    roles = (Role.OPERATOR,)
    group, place, icon = Group.OPERATIONS, 30, "group"
    called = (said("person", "用户"), said("people", "用户"))
    list_display = ("shown_name", "masked_phone", "held", "enters_console", "may_sign_in", "since")
    fields = (
        "shown_name",
        "id_outside",
        "masked_phone",
        "held",
        "enters_console",
        "may_sign_in",
        "since",
    )
    search_fields = ("name",)
    search_help_text = said("A whole phone number, or a name", "完整手机号或姓名")
    ordering = ("-pk",)

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[User], search_term: str
    ) -> tuple[QuerySet[User], bool]:
        """Find a person by the whole of a phone, which only its index knows, or by name."""
        try:
            phone = phones.normalised(search_term)
        except InvalidInput:
            return super().get_search_results(request, queryset, search_term)  # type: ignore[no-any-return]
        return queryset.filter(phone_index=phones.index_of(phone)), False

    def name_of(self, row: User) -> str:
        """Name the person, never by their whole phone."""
        return lives.person(row)

    @admin.display(description=said("Name", "姓名"), ordering="name")
    def shown_name(self, row: User) -> str:
        return lives.person(row)

    @admin.display(description="ID")
    def id_outside(self, row: User) -> str:
        return str(row.reference)

    @admin.display(description=said("Phone", "手机号"))
    def masked_phone(self, row: User) -> str:
        return mask_phone(row.phone) if row.phone else figures.NOTHING

    @admin.display(description=said("Roles", "岗位"))
    def held(self, row: User) -> SafeString:
        memberships: Any = row.role_memberships.all()
        return figures.lines(*(_role(one) for one in memberships)) or SafeString(figures.NOTHING)

    @admin.display(description=said("Console", "可登录后台"))
    def enters_console(self, row: User) -> str:
        return "✓" if row.is_staff else figures.NOTHING

    @admin.display(description=said("Active", "启用"), boolean=True)
    def may_sign_in(self, row: User) -> bool:
        return row.is_active

    @admin.display(description=said("Joined", "注册时间"), ordering="joined_at")
    def since(self, row: User) -> str:
        return figures.local_time(row.joined_at)


def _role(membership: Any) -> str:
    role = figures.label(Role, membership.role)
    return f"{role} · {membership.organisation.name}" if membership.organisation else role
