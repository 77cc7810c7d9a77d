"""A headless Chromium that opens a file and says what it sees, over its DevTools pipe.

The page stays as it is: what is asked of it is evaluated from outside, past its own policy.
"""

import contextlib
import fcntl
import json
import os
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")
TIMEOUT_SECONDS = 120


class Browser:
    """A page in a browser.

    Args:
      to, since: the pipe's ends, for commands and for answers.

    Attributes:
      events: what the browser has told by itself, oldest first.
    """

    def __init__(self, to: int, since: int):
        self._to, self._since = os.fdopen(to, "wb"), os.fdopen(since, "rb")
        self._left, self._number, self._session = b"", 0, None
        self.events: list[dict] = []
        target = self.call("Target.createTarget", url="about:blank")["targetId"]
        attached = self.call("Target.attachToTarget", targetId=target, flatten=True)
        self._session = attached["sessionId"]
        for domain in ("Page", "Runtime", "Log", "Network"):
            self.call(f"{domain}.enable")

    def call(self, method: str, **parameters) -> dict:
        """Returns the answer to a command."""
        self._number += 1
        command = {"id": self._number, "method": method, "params": parameters}
        if self._session:
            command["sessionId"] = self._session
        self._to.write(json.dumps(command).encode() + b"\0")
        self._to.flush()
        while (message := self._next()).get("id") != self._number:
            self.events.append(message)
        assert "error" not in message, message
        return message["result"]

    def _next(self) -> dict:
        while b"\0" not in self._left:
            block = os.read(self._since.fileno(), 1 << 16)
            assert block, "the browser has ended"
            self._left += block
        message, _, self._left = self._left.partition(b"\0")
        return json.loads(message)

    def open(self, path: Path, width: int, scheme: str = "light") -> None:
        """Opens a file in a window of some pixels, and waits until it is loaded."""
        self.events.clear()
        self.call(
            "Emulation.setDeviceMetricsOverride",
            **dict(width=width, height=800, deviceScaleFactor=1, mobile=False),
        )
        features = [{"name": "prefers-color-scheme", "value": scheme}]
        self.call("Emulation.setEmulatedMedia", features=features)
        self.call("Page.navigate", url=path.resolve().as_uri())
        while not any(event["method"] == "Page.loadEventFired" for event in self.events):
            self.events.append(self._next())

    def value(self, expression: str):
        """Returns what JavaScript says of the page."""
        answer = self.call(
            "Runtime.evaluate", expression=expression, returnByValue=True, awaitPromise=True
        )
        assert "exceptionDetails" not in answer, answer
        return answer["result"].get("value")

    def complaints(self) -> list[dict]:
        """Returns errors and warnings: of the console, of the network, of the page's policy."""
        kinds = ("Log.entryAdded", "Runtime.exceptionThrown", "Runtime.consoleAPICalled")
        return [event for event in self.events if event["method"] in kinds]

    def requests(self) -> list[str]:
        """Returns the addresses that the page has asked for, without what it holds itself."""
        urls = [
            event["params"]["request"]["url"]
            for event in self.events
            if event["method"] == "Network.requestWillBeSent"
        ]
        return [url for url in urls if not url.startswith("data:")]


@contextlib.contextmanager
def browser(folder: Path) -> Iterator[Browser]:
    """Starts a browser whose own files go to a directory; ends it at the end."""
    inside, to = os.pipe()
    since, outside = os.pipe()
    # The browser takes commands from 3 and answers on 4: the shell gives them these numbers.
    inside, outside = (fcntl.fcntl(each, fcntl.F_DUPFD, 10) for each in (inside, outside))
    switches = ["--headless", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage"]
    switches += ["--remote-debugging-pipe", f"--user-data-dir={folder}", "--no-first-run"]
    command = f'exec "$@" 3<&{inside} 4>&{outside}'
    process = subprocess.Popen(
        ["timeout", str(TIMEOUT_SECONDS), "bash", "-c", command, "bash", CHROMIUM, *switches],
        pass_fds=(inside, outside),
        stderr=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
    )
    os.close(inside)
    os.close(outside)
    try:
        yield Browser(to, since)
    finally:
        process.terminate()
        process.wait()
