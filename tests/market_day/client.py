"""A plain HTTP client, as a mini-program would be one."""

import http.client
import json
import threading
import time
import uuid
from typing import Any
from urllib.parse import urlencode, urlsplit

TRIES_MAX = 40
SIGN_INS_MAX = 5
ASK_AGAIN = {429, 502, 503}


class Refused(Exception):
    """The market said no."""

    def __init__(self, call: str, status: int, problem: dict[str, Any]) -> None:
        super().__init__(f"{call}: {status} {json.dumps(problem, ensure_ascii=False)[:600]}")
        self.status = status
        self.code = str(problem.get("code", ""))
        self.problem = problem


class Counter:
    """How many calls were made, refused, cut off, repeated and answered from memory."""

    def __init__(self) -> None:
        self.lock = threading.Lock()
        self.calls = self.cut = self.repeated = self.replayed = 0
        self.refused: dict[str, int] = {}

    def note(self, code: str = "") -> None:
        with self.lock:
            self.calls += 1
            if code:
                self.refused[code] = self.refused.get(code, 0) + 1

    def note_repeat(self, *, cut: bool) -> None:
        with self.lock:
            self.repeated += 1
            self.cut += cut

    def note_replay(self) -> None:
        with self.lock:
            self.replayed += 1


class Client:
    """One caller with one connection; repeats what is safe to repeat when the server is away."""

    def __init__(self, url: str, counter: Counter) -> None:
        self.address = urlsplit(url)
        self.counter = counter
        self.token = ""
        self.connection: http.client.HTTPConnection | None = None

    def get(self, path: str, **query: Any) -> dict[str, Any]:
        return self.call("GET", path + (f"?{urlencode(query)}" if query else ""))

    def post(self, path: str, body: Any = None, *, key: str | None = None) -> dict[str, Any]:
        return self.call("POST", path, body, key=key or str(uuid.uuid4()))

    def pages(self, path: str, **query: Any) -> list[dict[str, Any]]:
        """Walk a list to its end."""
        found: list[dict[str, Any]] = []
        answer = self.get(path, page_size=100, **query)
        while True:
            found += answer["results"]
            if not answer["next"]:
                return found
            onward = urlsplit(answer["next"])
            answer = self.call("GET", f"{onward.path}?{onward.query}", absolute=True)

    def call(
        self, method: str, path: str, body: Any = None, *, key: str = "", absolute: bool = False
    ) -> dict[str, Any]:
        content, headers = self.packed(body, key)
        target = path if absolute else f"/api/v1{path}"
        return self._patiently(method, target, content, headers)

    def packed(self, body: Any, key: str) -> tuple[bytes | None, dict[str, str]]:
        """Return what goes over the wire: the content and its headers."""
        headers = {"Accept": "application/json", "Accept-Language": "en"}
        if self.token:
            headers["Authorization"] = f"Bearer {self.token}"
        if key:
            headers["Idempotency-Key"] = key
        content: bytes | None = None
        if isinstance(body, Upload):
            content, headers["Content-Type"] = body.encoded()
        elif body is not None:
            content, headers["Content-Type"] = json.dumps(body).encode(), "application/json"
        return content, headers

    def _patiently(
        self, method: str, target: str, content: bytes | None, headers: dict[str, str]
    ) -> dict[str, Any]:
        for attempt in range(TRIES_MAX):
            try:
                status, answer, retry_after = self._once(method, target, content, headers)
            except (OSError, http.client.HTTPException):
                self.close()
                self.counter.note_repeat(cut=True)
                time.sleep(min(0.1 * 2**attempt, 2))
                continue
            problem = answer if isinstance(answer, dict) else {}
            again = status in ASK_AGAIN or (
                status == 409 and problem.get("code") in {"BUSY", "REQUEST_IN_FLIGHT"}
            )
            if again and attempt + 1 < TRIES_MAX:
                self.counter.note(str(problem.get("code", status)))
                self.counter.note_repeat(cut=False)
                time.sleep(min(retry_after, 5))
                continue
            if status >= 400:
                self.counter.note(str(problem.get("code", status)))
                raise Refused(f"{method} {target}", status, problem)
            self.counter.note()
            return answer
        raise Refused(f"{method} {target}", 0, {"code": "UNREACHABLE"})

    def _once(
        self, method: str, target: str, content: bytes | None, headers: dict[str, str]
    ) -> tuple[int, Any, float]:
        if self.connection is None:
            self.connection = http.client.HTTPConnection(
                self.address.hostname or "127.0.0.1", self.address.port, timeout=60
            )
        self.connection.request(method, target, body=content, headers=headers)
        response = self.connection.getresponse()
        raw = response.read()
        wait = float(response.headers.get("Retry-After") or 1)
        if response.headers.get("Idempotent-Replayed"):
            self.counter.note_replay()
        if not raw:
            return response.status, {}, wait
        try:
            return response.status, json.loads(raw), wait
        except ValueError:
            return response.status, {"code": f"NOT_JSON_{response.status}"}, wait

    def close(self) -> None:
        if self.connection is not None:
            self.connection.close()
            self.connection = None

    def sign_in(self, phone: str) -> dict[str, Any]:
        """Sign in as a phone, reading the code that the practice SMS provider shows."""
        for _ in range(SIGN_INS_MAX):
            code = self.post("/auth/codes", {"phone": phone})["sandbox_code"]
            try:
                answer = self.post("/auth/sessions", {"phone": phone, "code": code})
            except Refused as refusal:
                # A code works once: where the answer to it was cut off, a new one is asked for.
                if refusal.code != "CODE_WRONG":
                    raise
                continue
            self.token = answer["access"]
            return answer
        raise Refused("sign in", 0, {"code": "UNREACHABLE"})


class Upload:
    """A file on its way up, as a browser's form would send it."""

    def __init__(self, purpose: str, name: str, media: str, content: bytes) -> None:
        self.parts = (purpose, name, media, content)

    def encoded(self) -> tuple[bytes, str]:
        purpose, name, media, content = self.parts
        mark = uuid.uuid4().hex
        lines = [
            f"--{mark}",
            'Content-Disposition: form-data; name="purpose"',
            "",
            purpose,
            f"--{mark}",
            f'Content-Disposition: form-data; name="file"; filename="{name}"',
            f"Content-Type: {media}",
            "",
            "",
        ]
        tail = f"\r\n--{mark}--\r\n".encode()
        return "\r\n".join(lines).encode() + content + tail, f"multipart/form-data; boundary={mark}"
