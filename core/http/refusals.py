"""What the interface itself refuses, whatever room was asked."""

from core.errors import DomainError


class NotSignedIn(DomainError):
    """Please sign in first."""

    code = "NOT_SIGNED_IN"
    zh = "请先登录。"
    status = 401


class MalformedRequest(DomainError):
    """The request could not be read."""

    code = "MALFORMED_REQUEST"
    zh = "请求格式无法识别。"
    status = 400


class MethodNotAllowed(DomainError):
    """This address does not support that method."""

    code = "METHOD_NOT_ALLOWED"
    zh = "该地址不支持此方法。"
    status = 405


class NotAcceptable(DomainError):
    """Answers here are JSON, which the Accept header rules out."""

    code = "NOT_ACCEPTABLE"
    zh = "这里只返回 JSON，但 Accept 请求头不接受它。"
    status = 406


class LengthRequired(DomainError):
    """Say in Content-Length how much is sent; bodies in chunks of unknown length are not read."""

    code = "LENGTH_REQUIRED"
    zh = "请用 Content-Length 请求头说明内容长度；不接受长度未知的分块内容。"
    status = 411


class BodyTooLarge(DomainError):
    """What was sent is too large."""

    code = "BODY_TOO_LARGE"
    zh = "提交的内容过大。"
    status = 413


class UnsupportedMediaType(DomainError):
    """This content type cannot be read here."""

    code = "UNSUPPORTED_MEDIA_TYPE"
    zh = "不支持该内容类型。"
    status = 415


class TooMany(DomainError):
    """Too many requests in a short time; please wait a little."""

    code = "TOO_MANY_REQUESTS"
    zh = "操作过于频繁，请稍后再试。"
    status = 429

    def __init__(self, retry_after_s: int = 1) -> None:
        super().__init__(retry_after_s=retry_after_s)


class ServerFault(DomainError):
    """Something went wrong on our side; it has been noted."""

    code = "SERVER_FAULT"
    zh = "服务器出了点问题，我们已记录。"
    status = 500


class NotReady(DomainError):
    """The market is not ready to serve yet."""

    code = "NOT_READY"
    zh = "服务尚未就绪。"
    status = 503


class Unavailable(DomainError):
    """The market cannot answer for a moment; please send the same again."""

    code = "UNAVAILABLE"
    zh = "服务暂时不可用，请稍后重试同一请求。"
    status = 503
    retry_after_s = 1
