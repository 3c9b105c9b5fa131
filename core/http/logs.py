"""One JSON line per event, never with a phone, address, code or token."""

import logging
import re
import sys
from collections.abc import Mapping
from typing import Any, TextIO

import orjson
import structlog
from structlog.types import EventDict, Processor, WrappedLogger

MASK = "***"

# Names that say by themselves that the value is somebody's, or opens something.
_PRIVATE = re.compile(
    r"phone|mobile|recipient|street|address|id_?number|licence_?number|token|secret|password"
    r"|authorization|cookie|signature|otp|one_time|^access$|^refresh$|^key$|_key$",
    re.IGNORECASE,
)
_SECRETS = (
    # A mobile phone of mainland China, with blanks or dashes where people write them.
    re.compile(r"(?<![0-9A-Za-z])(?:\+?86[ -]?)?1[3-9]\d[ -]?\d{4}[ -]?\d{4}(?![0-9A-Za-z])"),
    re.compile(r"(?<=Bearer )\S+", re.IGNORECASE),
    # An identity number of mainland China.
    re.compile(r"(?<![0-9A-Za-z])\d{17}[0-9Xx](?![0-9A-Za-z])"),
    # Anything long and opaque: longer than a UUID, and no words in it.
    re.compile(r"(?<![\w/.-])(?=[\w-]*\d)(?=[\w-]*[A-Za-z])[A-Za-z0-9_-]{40,}(?![\w/.-])"),
    # What a one-time code looks like where a sentence or a URL names it.
    re.compile(r"(?<=code[=: ])\s?\d{4,8}\b", re.IGNORECASE),
)
# Each request has its own line already; only faults add to it.
_QUIET = {
    "django.request": logging.ERROR,
    "django.server": logging.ERROR,
    "django.security.DisallowedHost": logging.CRITICAL,
}


def configure(settings: Mapping[str, Any]) -> None:
    """Set up logging for the whole process: structlog and the standard library alike."""
    shared: list[Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
    ]
    structlog.configure(
        processors=[*shared, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=False,
    )
    handler = _Stdout()
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=[*shared, structlog.stdlib.PositionalArgumentsFormatter()],
            processors=[
                structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                structlog.processors.format_exc_info,
                mask,
                structlog.processors.JSONRenderer(serializer=_write),
            ],
        )
    )
    root = logging.getLogger()
    root.handlers = [*(known for known in root.handlers if not _is_ours(known)), handler]
    root.setLevel(settings.get("level", "INFO"))
    for name, level in _QUIET.items():
        logging.getLogger(name).setLevel(level)


def bind(**facts: str | int) -> None:
    """Let every further log line of this request or task carry these facts."""
    structlog.contextvars.bind_contextvars(**facts)


def mask(logger: WrappedLogger, method: str, event: EventDict) -> EventDict:  # noqa: ARG001
    """Cover whatever is, or looks like, a phone, a token, a code or an address."""
    return {name: _masked(name, value) for name, value in event.items()}


def _masked(name: str, value: Any) -> Any:
    if isinstance(value, bool) or value is None:
        return value
    if _PRIVATE.search(name) or (name == "code" and any(map(str.isdigit, str(value)))):
        return MASK
    if isinstance(value, Mapping):
        return {str(inner): _masked(str(inner), item) for inner, item in value.items()}
    if isinstance(value, (list, tuple, set, frozenset)):
        return [_masked("", item) for item in value]
    if isinstance(value, float):
        return value
    covered = _covered(str(value))
    return value if isinstance(value, int) and covered == str(value) else covered


def _covered(text: str) -> str:
    for secret in _SECRETS:
        text = secret.sub(MASK, text)
    return text


def _write(event: Any, **_: Any) -> str:
    return orjson.dumps(event, default=str, option=orjson.OPT_NON_STR_KEYS).decode()


def _is_ours(handler: logging.Handler) -> bool:
    return isinstance(handler, _Stdout)


class _Stdout(logging.StreamHandler[TextIO]):
    """Write to whatever stdout is now: a test or a supervisor may have replaced it."""

    def __init__(self) -> None:
        logging.Handler.__init__(self)

    @property
    def stream(self) -> TextIO:  # type: ignore[override]
        return sys.stdout
