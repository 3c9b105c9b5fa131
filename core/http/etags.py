"""Do not send what the caller has already; do not overwrite what the caller has not seen."""

from hashlib import blake2b
from typing import Any

from rest_framework.request import Request
from rest_framework.response import Response

from core.errors import DomainError
from core.http.rendering import WrittenAnswer, dumps


class PreconditionFailed(DomainError):
    """It has been changed since you read it; please read it again first."""

    code = "PRECONDITION_FAILED"
    zh = "内容已被他人修改，请刷新后再试。"
    status = 412


def conditional(
    request: Request, payload: Any, status: int = 200, *, version: int | None = None
) -> Response:
    """Answer with an ETag, or 304 without a body where the caller has the same bytes.

    With a `version` the tag can be sent back as `If-Match` and is understood by `check_match`.
    """
    body = dumps(payload)
    digest = blake2b(body, digest_size=12).hexdigest()
    tag = f'"{digest}"' if version is None else f'"{version}-{digest}"'
    answer = (
        Response(status=304)
        if tag in _tags(request.headers.get("If-None-Match", ""))
        else WrittenAnswer(body, status)
    )
    answer["ETag"] = tag
    answer["Cache-Control"] = "no-cache"
    return answer


def check_match(request: Request, version: int) -> None:
    """Refuse to change something that the caller has seen in another version.

    Raises:
        PreconditionFailed: `If-Match` was sent and names another version.
    """
    sent = request.headers.get("If-Match", "")
    if not sent or sent.strip() == "*":
        return
    seen = {tag.strip('"').split("-")[0] for tag in _tags(sent)}
    if str(version) not in seen:
        raise PreconditionFailed(version=version)


def _tags(header: str) -> set[str]:
    # Weak comparison: proxies that compress mark our tags with W/.
    return {tag.strip().removeprefix("W/") for tag in header.split(",") if tag.strip()}
