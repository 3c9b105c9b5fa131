"""Refusals: what the market says no to, with a code for programs and a sentence for people."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, ClassVar


class DomainError(Exception):
    """The market refused.

    A subclass's docstring is its sentence in English, `zh` the same in Chinese; `code` never
    changes once released, `facts` travel beside it for a client to act on.
    """

    code: ClassVar[str]
    zh: ClassVar[str]
    status: ClassVar[int] = 409
    retry_after_s: ClassVar[int | None] = None

    def __init__(self, detail: str = "", **facts: Any) -> None:
        super().__init__(detail or self.code)
        self.detail = detail
        self.facts = facts

    @classmethod
    def slug(cls) -> str:
        """Return the name of the refusal's page in `docs/problems`."""
        return cls.code.lower().replace("_", "-")


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing wrong with what was sent: where (a JSON pointer), which rule, and in words."""

    pointer: str
    code: str
    detail: str


class InvalidInput(DomainError):
    """Something in the request is not valid."""

    code = "INVALID_INPUT"
    zh = "提交的内容有误。"
    status = 400

    def __init__(self, faults: Sequence[Fault] = (), detail: str = "") -> None:
        super().__init__(detail)
        self.faults = tuple(faults)

    @classmethod
    def at(cls, pointer: str, code: str, detail: str) -> "InvalidInput":
        """Return the refusal of one value."""
        return cls((Fault(pointer, code, detail),))


class NotFound(DomainError):
    """There is no such thing, or it is not yours."""

    code = "NOT_FOUND"
    zh = "没有找到，或者不属于您。"
    status = 404


class Forbidden(DomainError):
    """You may not do this."""

    code = "FORBIDDEN"
    zh = "您没有权限进行此操作。"
    status = 403


class IllegalTransition(DomainError):
    """This cannot be done in the present state."""

    code = "ILLEGAL_TRANSITION"
    zh = "当前状态下不能进行此操作。"


class Busy(DomainError):
    """Many people want the same thing right now; please try again."""

    code = "BUSY"
    zh = "当前访问人数较多，请稍后再试。"
    retry_after_s = 1
