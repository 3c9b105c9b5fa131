"""What we send goes where we were told, and nowhere it is sent on to."""

import threading
from http.server import BaseHTTPRequestHandler, HTTPServer
from urllib.error import HTTPError
from urllib.request import Request

import pytest

from core.http import sending

HEARD = []


class Relay(BaseHTTPRequestHandler):
    def answer(self):
        HEARD.append((self.path, self.headers.get("Authorization")))
        self.send_response(302 if self.path == "/send" else 200)
        self.send_header("Location", "/elsewhere")
        self.end_headers()

    do_POST = do_GET = answer  # noqa: N815

    def log_message(self, *_):
        pass


@pytest.fixture
def relay():
    HEARD.clear()
    server = HTTPServer(("127.0.0.1", 0), Relay)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join()
    server.server_close()


def test_a_redirect_carries_our_token_nowhere(relay):
    request = Request(f"{relay}/send", data=b"{}", headers={"Authorization": "Bearer secret"})

    with pytest.raises(HTTPError) as refused:
        sending.opened(request, timeout=5)

    refused.value.close()
    assert HEARD == [("/send", "Bearer secret")]


def test_messages_are_posted_and_what_was_sent_on_was_not_taken(relay):
    posts = [sending.Post(f"{relay}/{name}", b"{}", {}) for name in ("send", "there")]
    posts.append(sending.Post("file:///etc/passwd", b"{}", {}))

    answers = sending.send_all(posts)

    assert answers == [302, 200, sending.NO_ANSWER]
    assert [sending.is_taken(status) for status in answers] == [False, True, False]
    assert sorted(path for path, _ in HEARD) == ["/send", "/there"]
