"""Who tried the console's door in vain, and the key for letting them try again."""

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils import timezone
from django.utils.safestring import SafeString

from core.accounts.domain.guarding import COUNT, CountKind, CountState
from core.accounts.domain.roles import Role
from core.accounts.models import SignInCount
from core.accounts.services import lockout
from core.console import figures, filters, lives, selectors
from core.console.groups import Group
from core.console.pages import ReadPage
from core.console.words import chosen, said
from core.transactions import entry


@admin.register(SignInCount)
class SignInCountPage(ReadPage):
    """Failed sign-ins by account and by address; superusers unlock."""

    rows = staticmethod(selectors.sign_in_counts_for)
    roles = (Role.OPERATOR,)
    group, place, icon = Group.OPERATIONS, 40, "lock"
    called = (said("sign-in count", "登录计数"), said("sign-in counts", "登录计数"))
    states = CountState
    colours = {"COUNTING": figures.GREY, "LOCKED": figures.RED}
    machine = COUNT
    list_display = ("counted", "whom", "standing", "failed", "since", "until")
    list_filter = (filters.by_code("state", CountState, said("State", "状态")),)
    fields = ("counted", "whom", "standing", "failed", "since", "until", "life")
    ordering = ("-counted_from", "-pk")
    actions = ("unlock",)

    def has_unlock_permission(self, request: HttpRequest) -> bool:
        """Whoever may open the door for others could open it for themselves."""
        return bool(request.user.is_active and request.user.is_superuser)

    @admin.display(description=said("Counted", "计数对象"))
    def counted(self, row: SignInCount) -> str:
        return figures.label(CountKind, row.kind)

    @admin.display(description=said("Whom or where from", "账户或来源"))
    def whom(self, row: SignInCount) -> str:
        if row.kind == CountKind.ADDRESS:
            return row.address
        # Of names that nobody has, not even the name is kept.
        return lives.person(row.user) if row.user else figures.NOTHING

    @admin.display(description=said("Failed", "失败次数"), ordering="failures")
    def failed(self, row: SignInCount) -> str:
        return str(row.failures)

    @admin.display(description=said("Since", "开始时间"), ordering="counted_from")
    def since(self, row: SignInCount) -> str:
        return figures.local_time(row.counted_from)

    @admin.display(description=said("Locked until", "锁定至"), ordering="locked_until")
    def until(self, row: SignInCount) -> str:
        return figures.local_time(row.locked_until)

    @admin.display(description=said("Log", "日志"))
    def life(self, row: SignInCount) -> SafeString:
        return lives.life(COUNT, row.pk, CountState)

    @admin.action(description=said("Unlock", "解锁"), permissions=["unlock"])
    def unlock(self, request: HttpRequest, queryset: QuerySet[Any]) -> None:
        ids = list(queryset.values_list("pk", flat=True))
        opened = entry(lockout.unlock)(
            ids, actor=self.actor(request), now=timezone.now(), reason=self.reason(request)
        )
        self.message_user(request, chosen(f"{len(opened)} unlocked.", f"已解锁 {len(opened)} 项。"))
