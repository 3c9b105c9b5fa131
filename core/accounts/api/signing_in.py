"""Codes and sessions."""

from datetime import datetime
from typing import Any, cast

from django.utils import timezone
from rest_framework import serializers
from rest_framework.permissions import AllowAny
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from core.accounts.api import outputs
from core.accounts.phones import PHONE_LENGTH_MAX
from core.accounts.providers.sms import SmsUnavailable
from core.accounts.selectors import roles
from core.accounts.selectors.sessions import SignedIn
from core.accounts.services import codes, sessions, signing_in
from core.http import examples
from core.http.callers import address_of
from core.http.forms import Form, TextField
from core.http.limits import Limit
from core.http.schema import operation
from core.transactions import entry


class CodeForm(Form):
    """Whose phone."""

    phone = TextField(max_length=PHONE_LENGTH_MAX, help_text="A mainland mobile number.")


class CodeOutput(serializers.Serializer[Any]):
    """That a code is on its way."""

    expires_in = serializers.IntegerField(help_text="Seconds in which the code can be used.")
    sandbox_code = serializers.CharField(
        required=False, help_text="The code itself, only with the sandbox SMS provider."
    )


class SessionForm(Form):
    """A phone and the code that was sent to it."""

    phone = TextField(max_length=PHONE_LENGTH_MAX)
    code = TextField(max_length=12)


class RefreshForm(Form):
    """A refresh token, which is used up."""

    refresh = TextField(max_length=200)


class Codes(APIView):
    """One-time codes."""

    authentication_classes = ()
    permission_classes = (AllowAny,)
    rate = Limit("codes", 60, per_s=60)

    @operation(
        summary="Send a one-time code to a phone",
        request=CodeForm,
        example=examples.CODE,
        response=CodeOutput,
        status=202,
        refusals=(SmsUnavailable,),
    )
    def post(self, request: Request) -> Response:
        form = CodeForm.read(request)
        sent = codes.request_code(
            form["phone"],
            remote_address=address_of(request),
            now=timezone.now(),
        )
        answer: dict[str, Any] = {"expires_in": sent.expires_in_s}
        if sent.sandbox_code:
            answer["sandbox_code"] = sent.sandbox_code
        return Response(answer, status=202)


class Sessions(APIView):
    """Signing in."""

    authentication_classes = ()
    permission_classes = (AllowAny,)
    rate = Limit("sessions", 60, per_s=60)

    @operation(
        summary="Sign in with a phone and its code",
        request=SessionForm,
        response=outputs.SessionOutput,
        status=201,
        refusals=(codes.CodeWrong, signing_in.AccountClosed),
    )
    def post(self, request: Request) -> Response:
        form = SessionForm.read(request)
        now = timezone.now()
        tokens = signing_in.open_session(
            form["phone"], form["code"], remote_address=address_of(request), now=now
        )
        return _answer(tokens, now)


class Refreshing(APIView):
    """Going on being signed in."""

    authentication_classes = ()
    permission_classes = (AllowAny,)
    rate = Limit("sessions", 60, per_s=60)

    @operation(
        summary="Exchange a refresh token for new tokens",
        request=RefreshForm,
        response=outputs.SessionOutput,
        status=201,
        refusals=(sessions.RefreshRefused,),
    )
    def post(self, request: Request) -> Response:
        form = RefreshForm.read(request)
        now = timezone.now()
        return _answer(sessions.refresh(form["refresh"], now=now), now)


class CurrentSession(APIView):
    """The session of the token that is sent."""

    @operation(summary="Sign out on this device", status=204)
    def delete(self, request: Request) -> Response:
        found = cast("SignedIn", request.auth)
        entry(sessions.end)(found.session_id, now=timezone.now())
        return Response(status=204)


def _answer(tokens: sessions.Tokens, now: datetime) -> Response:
    held = roles.held_by(tokens.user.pk)
    expires_in_s = int((tokens.access_expires_at - now).total_seconds())
    return Response(outputs.session(tokens, held, expires_in_s), status=201)
