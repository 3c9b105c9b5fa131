"""Sending many small messages at once: what practice providers and carriers call back with."""

import urllib.error
import urllib.request
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

# Whoever sends waits most of the time; a worker's slot shall not wait for one answer after another.
AT_ONCE = 16
TIMEOUT_S = 8
NO_ANSWER = 0


@dataclass(frozen=True, slots=True)
class Post:
    """One message: where to, what, and signed how."""

    url: str
    body: bytes
    headers: Mapping[str, str]


def send_all(posts: Sequence[Post]) -> list[int]:
    """Post messages at the same time; return the status of each, 0 where nobody answered."""
    if not posts:
        return []
    with ThreadPoolExecutor(max_workers=min(AT_ONCE, len(posts))) as messengers:
        return list(messengers.map(_send, posts))


def is_taken(status: int) -> bool:
    """Tell whether a message was taken."""
    return 200 <= status < 300


def opened(request: urllib.request.Request, *, timeout: float) -> Any:
    """Open an address that we were configured with, and none that it would send us on to."""
    return _STAYING.open(request, timeout=timeout)


class _Stay(urllib.request.HTTPRedirectHandler):
    """A redirect would carry our token and somebody's code to wherever it likes."""

    def redirect_request(self, *_: Any) -> None:
        return None


_STAYING = urllib.request.build_opener(_Stay)


def _send(post: Post) -> int:
    if urlsplit(post.url).scheme not in {"http", "https"}:
        return NO_ANSWER
    request = urllib.request.Request(  # noqa: S310 - the scheme was checked above.
        post.url,
        data=post.body,
        method="POST",
        headers={"Content-Type": "application/json", **post.headers},
    )
    try:
        with opened(request, timeout=TIMEOUT_S) as answer:
            return int(answer.status)
    except urllib.error.HTTPError as refused:
        return refused.code
    except (urllib.error.URLError, TimeoutError, ConnectionError):
        return NO_ANSWER
