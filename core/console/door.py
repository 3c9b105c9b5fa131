"""The console's door: name, password and, for whoever has one, a code of the second factor."""

from collections.abc import Callable
from typing import Any

from django import forms
from django.conf import settings
from django.contrib.auth import logout
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from unfold.forms import AuthenticationForm
from unfold.widgets import UnfoldAdminTextInputWidget

from core.accounts.services import console
from core.console import words
from core.console.words import said
from core.errors import DomainError
from core.http.callers import address_of

# In the session: whoever sits here has shown a second factor.
SHOWN = "second_factor"
CODE_CHARACTERS_MAX = 20
# What somebody may do who has yet to set one up where it is required.
ALWAYS_OPEN = frozenset({"login", "logout", "jsi18n", "second_factor"})


def code_field(*, is_required: bool) -> forms.CharField:
    """Return the field for a code of the phone or of the paper."""
    return forms.CharField(
        label=said("Code of the second factor", "动态验证码"),
        required=is_required,
        max_length=CODE_CHARACTERS_MAX,
        widget=UnfoldAdminTextInputWidget(
            attrs={"autocomplete": "one-time-code", "inputmode": "text", "spellcheck": "false"}
        ),
    )


class SignInForm(AuthenticationForm):
    """Name, password and code of somebody who works here, judged together."""

    request: HttpRequest

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["username"].label = said("User name", "用户名")
        self.fields["code"] = code_field(is_required=False)
        self.fields["code"].help_text = said(
            "Leave it empty if you have not set one up.", "未启用两步验证时留空。"
        )

    def clean(self) -> dict[str, Any]:
        """Ask the service; what it refuses stands above the form."""
        try:
            entered = console.sign_in(
                self.cleaned_data.get("username", ""),
                self.cleaned_data.get("password", ""),
                self.cleaned_data.get("code", ""),
                remote_address=address_of(self.request),
                now=timezone.now(),
            )
        except DomainError as refusal:
            raise forms.ValidationError(words.sentence(refusal), code=refusal.code) from refusal
        # Nothing of an earlier sign-in is taken over.
        logout(self.request)
        self.request.session[SHOWN] = entered.has_shown_second_factor
        self.user_cache = entered.user
        return dict(self.cleaned_data)


class SecondFactorFirst:
    """Lead whoever has shown no second factor to where one is set up, if the market requires it."""

    def __init__(self, following: Callable[[HttpRequest], HttpResponse]) -> None:
        self.following = following

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.following(request)

    def process_view(self, request: HttpRequest, *_: Any) -> HttpResponse | None:
        """Let nobody past who has only a password."""
        match = request.resolver_match
        if not settings.MARKETPLACE_CONSOLE_SECOND_FACTOR or match is None:
            return None
        if "admin" not in match.namespaces or match.url_name in ALWAYS_OPEN:
            return None
        if not request.user.is_authenticated or request.session.get(SHOWN):
            return None
        return redirect("admin:second_factor")
