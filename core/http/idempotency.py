"""`once`: the same request sent twice does its work once and hears the same answer twice."""

import json
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import blake2b, sha256
from typing import Any, TypeVar

from django.db import connection
from django.utils import timezone
from rest_framework.request import Request
from rest_framework.response import Response

from core.errors import DomainError
from core.http.callers import caller_of
from core.http.models import Answer
from core.http.rendering import WrittenAnswer, dumps
from core.transactions import LOCK_TIMEOUT_MS, entry, in_one_transaction, refusing

KEEP = timedelta(hours=24)
KEY_CHARACTERS_MAX = 255

T = TypeVar("T")


class IdempotencyKeyRequired(DomainError):
    """Send an Idempotency-Key of 1 to 255 printable characters with this request."""

    code = "IDEMPOTENCY_KEY_REQUIRED"
    zh = "此请求必须带 Idempotency-Key 请求头（1 至 255 个可打印字符）。"
    status = 400


class IdempotencyMismatch(DomainError):
    """This Idempotency-Key was used for another request; use a new one."""

    code = "IDEMPOTENCY_MISMATCH"
    zh = "该 Idempotency-Key 已用于另一个请求，请换一个。"
    status = 422


class RequestInFlight(DomainError):
    """The same request is being worked on at this moment; ask again shortly."""

    code = "REQUEST_IN_FLIGHT"
    zh = "相同的请求正在处理中，请稍后再查询。"
    retry_after_s = 1


@dataclass(frozen=True, slots=True)
class _Asked:
    caller: str
    key: str
    address: str
    fingerprint: str

    @property
    def lock(self) -> int:
        digest = blake2b(f"{self.caller}\n{self.key}".encode(), digest_size=8).digest()
        return int.from_bytes(digest, "big", signed=True)


def once(
    request: Request,
    work: Callable[[], T],
    render: Callable[[T], Any],
    status: int = 201,
    *,
    required: bool = True,
) -> Response:
    """Work, render and keep the answer in one durable transaction; a repeat hears it again.

    Only a success is kept: a refusal rolls back and is judged afresh.

    Raises:
        IdempotencyKeyRequired: the header is missing where it must be, or cannot be a key.
        IdempotencyMismatch: the key stands for another request.
        RequestInFlight: a twin is at work.
        Busy: a lock was not granted in time.
    """
    if not required and "Idempotency-Key" not in request.headers:
        return WrittenAnswer(entry(lambda: dumps(render(work())))(), status)
    key = key_of(request)
    asked = _Asked(caller_of(request), key, _address(request), _fingerprint(request))
    now = timezone.now()
    return in_one_transaction(lambda: _answer(asked, work, render, status, now))


def key_of(request: Request) -> str:
    """Return the key of a request, for a row that is its own record (`design.md` section 3).

    Raises:
        IdempotencyKeyRequired: there is none, or what was sent cannot be one.
    """
    key = request.headers.get("Idempotency-Key", "")
    if not (key.isascii() and key.isprintable() and 1 <= len(key) <= KEY_CHARACTERS_MAX):
        raise IdempotencyKeyRequired
    return key


def _answer(
    asked: _Asked, work: Callable[[], T], render: Callable[[T], Any], status: int, now: datetime
) -> Response:
    replay = _replay(asked)
    if replay is not None:
        return replay
    body = dumps(render(work()))
    # The advisory lock lets twins past one another only in the instant in which the first one
    # commits after the second one's snapshot; then this key refuses the second.
    with refusing({"http_answer_once_per_key": RequestInFlight}):
        _keep(asked, status, body, now)
    return WrittenAnswer(body, status)


def _keep(asked: _Asked, status: int, body: bytes, now: datetime) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO http_answer"
            " (caller, key, address, fingerprint, status, body, created_at)"
            " VALUES (%s, %s, %s, %s, %s, %s, %s)",
            [asked.caller, asked.key, asked.address, asked.fingerprint, status, body, now],
        )


def _replay(asked: _Asked) -> Response | None:
    """Take the key for this transaction, and return the answer that is there already."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT set_config('lock_timeout', %s, true), pg_try_advisory_xact_lock(%s),"
            " answer.id, answer.address, answer.fingerprint, answer.status, answer.body"
            " FROM (VALUES (1)) AS asked LEFT JOIN http_answer AS answer"
            " ON answer.caller = %s AND answer.key = %s",
            [f"{LOCK_TIMEOUT_MS}ms", asked.lock, asked.caller, asked.key],
        )
        _, is_ours, found, address, fingerprint, status, body = cursor.fetchone()
    if found is None:
        if not is_ours:
            raise RequestInFlight
        return None
    if (address, fingerprint) != (asked.address, asked.fingerprint):
        raise IdempotencyMismatch
    answer = WrittenAnswer(bytes(body), status)
    answer["Idempotent-Replayed"] = "true"
    return answer


def _address(request: Request) -> str:
    path = request.get_full_path()
    digest = "" if len(path) <= 200 else sha256(path.encode()).hexdigest()
    return f"{request.method} {path[:200]}{digest}"


def _fingerprint(request: Request) -> str:
    # Of what was said, not of how it was spelled: the order of names and blanks do not matter.
    said = json.dumps(
        [request.headers.get("Acting-For", ""), request.data], sort_keys=True, default=str
    )
    return sha256(said.encode()).hexdigest()


def forget_old_answers(*, now: datetime, limit: int = 5_000) -> int:
    """Delete the oldest answers past their 24 hours, at most `limit` of them."""
    due = Answer.objects.filter(created_at__lt=now - KEEP).order_by("created_at")[:limit]
    deleted, _ = Answer.objects.filter(pk__in=list(due.values_list("pk", flat=True))).delete()
    return deleted
