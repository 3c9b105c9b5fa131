"""The page where somebody sets up, renews or removes the second factor of their sign-in."""

from collections.abc import Callable
from typing import Any

import segno
from django import forms
from django.conf import settings
from django.contrib import admin
from django.contrib.auth import update_session_auth_hash
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import path
from django.utils import timezone
from django.utils.safestring import SafeString, mark_safe
from unfold.widgets import UnfoldAdminPasswordWidget

from core.accounts.domain import totp
from core.accounts.domain.guarding import FactorState
from core.accounts.models import User
from core.accounts.services import console, second_factor
from core.audit.actors import Actor
from core.console import door, figures, tools
from core.console.forms import ConsoleForm
from core.console.words import chosen, said
from core.errors import DomainError
from core.http.callers import address_of
from core.transactions import entry


class PasswordForm(ConsoleForm):
    """Your password once more, before anything is set up."""

    password = forms.CharField(
        label=said("Your password", "登录密码"),
        max_length=200,
        strip=False,
        widget=UnfoldAdminPasswordWidget(attrs={"autocomplete": "current-password"}),
    )


class CodeForm(ConsoleForm):
    """A code that your phone shows now."""

    code = door.code_field(is_required=True)


def _offer(request: HttpRequest, user: User, said: dict[str, Any]) -> list[str]:
    now = timezone.now()
    console.confirm_oneself(
        user, password=said["password"], remote_address=address_of(request), now=now
    )
    entry(second_factor.offer)(user.pk, actor=Actor(user.pk), now=now)
    return []


def _confirm(request: HttpRequest, user: User, said: dict[str, Any]) -> list[str]:
    codes = entry(second_factor.confirm)(
        user.pk, said["code"], actor=Actor(user.pk), now=timezone.now()
    )
    _stay(request, user, has_shown=True)
    return codes


def _renew(request: HttpRequest, user: User, said: dict[str, Any]) -> list[str]:
    console.confirm_oneself(
        user, code=said["code"], remote_address=address_of(request), now=timezone.now()
    )
    return entry(second_factor.renew_recovery_codes)(user.pk)


def _remove(request: HttpRequest, user: User, said: dict[str, Any]) -> list[str]:
    now = timezone.now()
    console.confirm_oneself(user, code=said["code"], remote_address=address_of(request), now=now)
    entry(second_factor.remove)(user.pk, actor=Actor(user.pk), now=now, reason="by themselves")
    _stay(request, user, has_shown=False)
    return []


Deed = Callable[[HttpRequest, User, dict[str, Any]], list[str]]
# What can be done as things stand: by which form, under which name.
DEEDS: dict[str, dict[str, tuple[type[ConsoleForm], Deed]]] = {
    "": {"offer": (PasswordForm, _offer)},
    FactorState.OFFERED: {"confirm": (CodeForm, _confirm)},
    FactorState.ACTIVE: {"renew": (CodeForm, _renew), "remove": (CodeForm, _remove)},
}
TITLES: dict[str, Any] = {
    "offer": said("Set it up", "开始设置"),
    "confirm": said("Confirm", "确认启用"),
    "renew": said("New recovery codes", "重新生成恢复码"),
    "remove": said("Remove it", "停用两步验证"),
}


def page(request: HttpRequest) -> HttpResponse:
    """Show how things stand with somebody's own second factor, and do what is asked."""
    user = User.objects.get(pk=request.user.pk or 0)
    deeds = _deeds_of(user)
    chosen_deed = deeds.get(request.POST.get("deed", ""))
    form = next(iter(deeds.values()))[0]()
    codes: list[str] = []
    if request.method == "POST" and chosen_deed is not None:
        form = chosen_deed[0](request.POST)
        if form.is_valid():
            try:
                codes = chosen_deed[1](request, user, form.cleaned_data)
            except DomainError as refusal:
                form.refuse(refusal)
            else:
                if not codes:
                    return redirect("admin:second_factor")
    return _shown(request, user, form, codes)


def _deeds_of(user: User) -> dict[str, tuple[type[ConsoleForm], Deed]]:
    deeds = DEEDS[second_factor.standing_of(user.pk).state]
    if settings.MARKETPLACE_CONSOLE_SECOND_FACTOR:
        return {name: deed for name, deed in deeds.items() if name != "remove"}
    return deeds


def _shown(
    request: HttpRequest, user: User, form: ConsoleForm, codes: list[str]
) -> TemplateResponse:
    standing = second_factor.standing_of(user.pk)
    address = totp.address_of(
        standing.secret, issuer=chosen("Farm market", "农产品集市"), account=user.username or ""
    )
    context = {
        **admin.site.each_context(request),
        "title": chosen("Second factor", "两步验证"),
        "sentence": _sentence(standing, has_codes=bool(codes)),
        "finished": chosen("I have written them down", "已抄写"),
        "form": form,
        "codes": codes,
        "picture": _drawn(address) if standing.secret else "",
        "secret": totp.written(standing.secret),
        "deeds": [(name, TITLES[name]) for name in _deeds_of(user)],
    }
    return TemplateResponse(request, "console/second_factor.html", context)


def _sentence(standing: second_factor.Standing, *, has_codes: bool) -> str:
    if has_codes:
        return chosen(
            "Write these recovery codes down and keep them on paper: each of them stands in once "
            "for a lost phone. They are never shown again.",
            "请抄写并妥善保管以下恢复码：手机丢失时每个恢复码可使用一次，之后不再显示。",
        )
    if standing.state == FactorState.ACTIVE:
        since, left = figures.local_time(standing.confirmed_at), standing.recovery_codes_left
        return chosen(
            f"In force since {since}; {left} recovery codes are left. For a change, type the code "
            "that your phone shows now.",
            f"已于 {since} 启用，剩余恢复码 {left} 个。如需更改，请输入手机上当前的动态验证码。",
        )
    if standing.state == FactorState.OFFERED:
        return chosen(
            "Scan this with an authenticator app, or type the secret into it; then type the code "
            "that it shows.",
            "请用身份验证器应用扫描二维码，或手动输入密钥，然后填写应用显示的动态验证码。",
        )
    return chosen(
        "An authenticator app on your phone shows a code that is then asked for at every sign-in.",
        "启用后，每次登录都需要填写手机身份验证器应用显示的动态验证码。",
    )


def _drawn(address: str) -> SafeString:
    drawn = segno.make(address, error="m").svg_inline(scale=5, border=4, light="white")
    return mark_safe(drawn)  # noqa: S308 - drawn by a library out of squares.


def _stay(request: HttpRequest, user: User, *, has_shown: bool) -> None:
    # Everybody else under this name must sign in again; whoever did it here need not.
    user.refresh_from_db()
    update_session_auth_hash(request, user)
    request.session[door.SHOWN] = has_shown


def addresses() -> list[Any]:
    """Return what the console serves besides its pages."""
    own = path("second-factor/", admin.site.admin_view(page), name="second_factor")
    return [own, *tools.addresses()]


# The theme asks for further addresses under this name.
admin.site.extra_urls = addresses  # type: ignore[attr-defined]
