"""A real browser without a window: Debian's chromium, spoken to over its debugging pipe."""

import base64
import contextlib
import io
import json
import os
import select
import shutil
import signal
import subprocess
import tempfile
import time
from pathlib import Path
from typing import Any, Self

import pytest
from PIL import Image

NAMES = ("chromium", "chromium-browser", "google-chrome")
OPTIONS = (
    "--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage",
    "--disable-background-networking", "--disable-component-update", "--disable-sync",
    "--no-first-run", "--no-default-browser-check", "--hide-scrollbars", "--mute-audio",
    "--remote-debugging-pipe",
    # Fields for times are written as the language of the page writes them.
    "--enable-blink-features=LangAttributeAwareFormControlUI",
)  # fmt: skip
# Where the pictures of the manual go; without it none are taken.
PICTURES = os.environ.get("PICTURES", "")
PATIENCE_S = 30.0
# So long without a new request, and a page has come to rest.
QUIET_S = 0.15


def path() -> str | None:
    """Return where a browser is, or None on a machine that has none."""
    return next((found for found in map(shutil.which, NAMES) if found), None)


# What every test with a browser is marked by.
MARKS = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.slow,
    pytest.mark.skipif(path() is None, reason="this machine has no browser"),
    pytest.mark.timeout(180),
]


class Browser:
    """One window: `with Browser() as browser: browser.open(url)`.

    It remembers what pages complained about, and every address they asked for.
    """

    def __init__(self, *, width: int = 1280, height: int = 900, language: str = "zh-CN") -> None:
        self.width, self.height, self.language = width, height, language
        self.complaints: list[str] = []
        self.asked: list[str] = []
        self._number, self._session, self._heard = 0, "", b""
        self._answers: dict[int, dict[str, Any]] = {}
        self._busy: set[str] = set()
        self._last_change = time.monotonic()
        self._loads = 0

    def __enter__(self) -> Self:
        self._home = tempfile.mkdtemp(prefix="market-browser-")
        to_browser, self._to = os.pipe()
        self._from, from_browser = os.pipe()
        own = (f"--user-data-dir={self._home}", f"--window-size={self.width},{self.height}")
        program = (path() or "", *OPTIONS, *own, f"--lang={self.language}")
        # The browser reads from handle 3 and writes to handle 4; every other one closes by itself.
        self._process = subprocess.Popen(
            program,
            close_fds=False,
            preexec_fn=lambda: (os.dup2(to_browser, 3), os.dup2(from_browser, 4)),  # noqa: PLW1509
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )
        os.close(to_browser)
        os.close(from_browser)
        target = self._call("Target.createTarget", url="about:blank")["targetId"]
        attached = self._call("Target.attachToTarget", targetId=target, flatten=True)
        self._session = attached["sessionId"]
        for domain in ("Page", "Runtime", "Log", "Network"):
            self._call(f"{domain}.enable")
        self._call("Emulation.setLocaleOverride", locale=self.language)
        # A window itself is never as narrow as a phone.
        self._call(
            "Emulation.setDeviceMetricsOverride",
            width=self.width, height=self.height, deviceScaleFactor=1, mobile=False,
        )  # fmt: skip
        self._call("Network.setExtraHTTPHeaders", headers={"Accept-Language": self.language})
        return self

    def __exit__(self, *_: object) -> None:
        os.close(self._to)
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self._process.pid, signal.SIGKILL)
        self._process.wait()
        os.close(self._from)
        shutil.rmtree(self._home, ignore_errors=True)

    def open(self, url: str) -> None:
        """Go to an address and wait until the page has come to rest."""
        before = self._loads
        self._call("Page.navigate", url=url)
        self._rest(before)

    def run(self, script: str) -> Any:
        """Return what a script gives in the page."""
        said = self._call(
            "Runtime.evaluate", expression=script, returnByValue=True, awaitPromise=True
        )
        assert "exceptionDetails" not in said, said["exceptionDetails"]
        return said["result"].get("value")

    def leave(self, script: str) -> None:
        """Run a script that leads to another page, and wait for that."""
        before = self._loads
        self.run(script)
        self._rest(before)

    def click(self, element: str, *, leads_on: bool = False) -> None:
        """Click with the mouse on what a script finds, and wait for the page that it leads to."""
        assert self.run(f"Boolean({element})"), f"{element} is not there"
        x, y = self.run(
            f"(one => {{ one.scrollIntoView({{block: 'center', behavior: 'instant'}});"
            # Of a link that is broken over two lines, the first.
            " const box = one.getClientRects()[0];"
            f" return [box.x + box.width / 2, box.y + box.height / 2]; }})({element})"
        )
        before = self._loads
        for kind in ("mousePressed", "mouseReleased"):
            self._call("Input.dispatchMouseEvent", type=kind, x=x, y=y, button="left", clickCount=1)
        if leads_on:
            self._rest(before)

    def write(self, element: str, text: str) -> None:
        """Click into a field, and write over what stands there."""
        self.click(element)
        self.run(f"({element}).select()")
        self._call("Input.insertText", text=text)

    def wait_for(self, condition: str) -> None:
        """Wait until a condition holds in the page."""
        end = time.monotonic() + PATIENCE_S
        while not self.run(f"Boolean({condition})"):
            assert time.monotonic() < end, f"{condition} did not come true"
            self._listen(0.05)

    def keep(self, name: str) -> None:
        """Photograph the page for the manual, if pictures are asked for."""
        if PICTURES:
            shot = Image.open(io.BytesIO(self.picture())).convert("RGB")
            # Pages have few colours; kept apart by how far they are from each other, none is lost.
            few = shot.quantize(method=Image.Quantize.MAXCOVERAGE)
            few.save(Path(PICTURES) / f"{name}.png", optimize=True)

    def picture(self, file: Path | None = None) -> bytes:
        """Return the whole page as PNG, from its top and with no cursor in it."""
        self.run("scrollTo(0, 0); document.activeElement.blur()")
        size = self._call("Page.getLayoutMetrics")["cssContentSize"]
        clip = {"x": 0, "y": 0, "width": self.width, "height": size["height"], "scale": 1}
        shot = self._call(
            "Page.captureScreenshot", format="png", captureBeyondViewport=True, clip=clip
        )
        body = base64.b64decode(shot["data"])
        if file is not None:
            file.write_bytes(body)
        return body

    def _rest(self, loads_before: int) -> None:
        end = time.monotonic() + PATIENCE_S
        while True:
            self._listen(0.05)
            is_quiet = time.monotonic() - self._last_change > QUIET_S and not self._busy
            if self._loads > loads_before and is_quiet:
                return
            assert time.monotonic() < end, f"the page did not come to rest: {self._busy}"

    def _call(self, method: str, **params: Any) -> dict[str, Any]:
        self._number += 1
        number = self._number
        message: dict[str, Any] = {"id": number, "method": method, "params": params}
        if self._session:
            message["sessionId"] = self._session
        os.write(self._to, json.dumps(message).encode() + b"\0")
        end = time.monotonic() + PATIENCE_S
        while number not in self._answers:
            assert time.monotonic() < end, f"{method} was not answered"
            self._listen(0.2)
        answer = self._answers.pop(number)
        assert "error" not in answer, (method, answer["error"])
        return dict(answer["result"])

    def _listen(self, seconds: float) -> None:
        ready, _, _ = select.select([self._from], [], [], seconds)
        if not ready:
            return
        self._heard += os.read(self._from, 1_000_000)
        *messages, self._heard = self._heard.split(b"\0")
        for message in map(json.loads, messages):
            if "id" in message:
                self._answers[message["id"]] = message
            else:
                self._notice(message["method"], message["params"])

    def _notice(self, method: str, params: dict[str, Any]) -> None:
        if method == "Network.requestWillBeSent":
            self.asked.append(params["request"]["url"])
            self._busy.add(params["requestId"])
        elif method in {"Network.loadingFinished", "Network.loadingFailed"}:
            self._busy.discard(params["requestId"])
        elif method == "Page.loadEventFired":
            self._loads += 1
        elif method == "Log.entryAdded" and params["entry"]["level"] == "error":
            self.complaints.append(params["entry"]["text"])
        elif method == "Runtime.exceptionThrown":
            self.complaints.append(json.dumps(params["exceptionDetails"])[:600])
        elif method == "Runtime.consoleAPICalled" and params["type"] == "error":
            self.complaints.append(json.dumps(params["args"])[:600])
        else:
            return
        self._last_change = time.monotonic()
