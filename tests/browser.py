"""A small driver of headless Chromium over the DevTools protocol, spoken through a pair of pipes.

Source: chromedevtools.github.io/devtools-protocol; `--remote-debugging-pipe` reads messages from file
descriptor 3 and writes them to 4, each ended by a zero byte.
"""

import fcntl
import json
import os
import select
import shutil
import signal
import time
from dataclasses import dataclass, field

FLAGS = (
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--disable-dev-shm-usage",
    "--hide-scrollbars",
    "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1",
    "--remote-debugging-pipe",
)
PATIENCE = 40
"""Seconds to wait for one answer; a cold start on a busy machine takes several."""


def find_browser():
    """Path of a Chromium, None where there is none."""
    return next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)


@dataclass
class Page:
    """One tab."""

    browser: "Browser"
    session: str

    def send(self, method, **parameters):
        """Send a command to the tab and wait for its result."""
        return self.browser.send(method, self.session, **parameters)

    def open(self, address):
        """Load an address and wait until everything on the page has loaded."""
        self.browser.events.clear()
        self.send("Page.navigate", url=address)
        self.browser.wait_for("Page.loadEventFired", self.session)

    def resize(self, width, height=800):
        """Give the tab a width and height in CSS pixels."""
        self.send("Emulation.setDeviceMetricsOverride", width=width, height=height, deviceScaleFactor=1, mobile=False)

    def value(self, expression):
        """Evaluate an expression in the page, awaiting a promise; works without script in the page too."""
        outcome = self.send("Runtime.evaluate", expression=expression, returnByValue=True, awaitPromise=True)
        assert "exceptionDetails" not in outcome, outcome
        return outcome["result"].get("value")

    def complaints(self):
        """What the page's console said since it was opened: errors, exceptions, reports of the security policy."""
        found = []
        for event in self.browser.events:
            parameters = event.get("params", {})
            if event["method"] == "Runtime.exceptionThrown":
                found.append(parameters["exceptionDetails"]["text"])
            elif event["method"] == "Log.entryAdded" and is_complaint(parameters["entry"]):
                found.append(parameters["entry"]["text"] + " " + parameters["entry"].get("url", ""))
            elif event["method"] == "Runtime.consoleAPICalled" and parameters["type"] in {"error", "warning", "assert"}:
                found.append(str(parameters["args"]))
        return found


def is_complaint(entry):
    """True for what the site can help: not for pictures of other hosts, which tests cannot reach."""
    remote = entry["source"] == "network" and entry.get("url", "").startswith("http")
    return entry["level"] in {"error", "warning"} and not remote


@dataclass
class Browser:
    """One running Chromium with an empty profile."""

    program: str
    profile: str
    events: list = field(default_factory=list)
    targets: list = field(default_factory=list)
    """Tabs that are open."""

    def __post_init__(self):
        low_commands, self._write = os.pipe()
        self._read, low_answers = os.pipe()
        # Moved out of the way first: 3 and 4 may be among the four just made.
        commands, answers = (fcntl.fcntl(end, fcntl.F_DUPFD_CLOEXEC, 20) for end in (low_commands, low_answers))
        actions = [
            (os.POSIX_SPAWN_OPEN, 2, os.devnull, os.O_WRONLY, 0),
            (os.POSIX_SPAWN_DUP2, commands, 3),
            (os.POSIX_SPAWN_DUP2, answers, 4),
        ]
        arguments = [self.program, *FLAGS, f"--user-data-dir={self.profile}", "about:blank"]
        self.process = os.posix_spawn(self.program, arguments, os.environ, file_actions=actions, setpgroup=0)
        for end in (low_commands, low_answers, commands, answers):
            os.close(end)
        self._buffer = b""
        self._number = 0

    def close(self):
        """End the browser and everything it started."""
        os.killpg(self.process, signal.SIGKILL)
        os.waitpid(self.process, 0)
        os.close(self._write)
        os.close(self._read)

    def page(self):
        """Open a tab that reports what its console says."""
        target = self.send("Target.createTarget", url="about:blank")["targetId"]
        self.targets.append(target)
        page = Page(self, self.send("Target.attachToTarget", targetId=target, flatten=True)["sessionId"])
        for domain in ("Page", "Runtime", "Log"):
            page.send(f"{domain}.enable")
        return page

    def close_pages(self):
        """Close all tabs and forget what they told."""
        while self.targets:
            self.send("Target.closeTarget", targetId=self.targets.pop())
        self.events.clear()

    def send(self, method, session=None, **parameters):
        """Send a command and wait for its result; events that come meanwhile are kept."""
        self._number += 1
        message = {"id": self._number, "method": method, "params": parameters}
        os.write(self._write, json.dumps(message | ({"sessionId": session} if session else {})).encode() + b"\0")
        answer = self._receive(lambda got: got.get("id") == self._number)
        assert "error" not in answer, f"{method}: {answer}"
        return answer["result"]

    def wait_for(self, method, session):
        """Wait for an event unless it came already."""

        def is_it(got):
            return got.get("method") == method and got.get("sessionId") == session

        if not any(map(is_it, self.events)):
            self._receive(is_it)

    def _receive(self, is_wanted):
        end = time.monotonic() + PATIENCE
        while True:
            while b"\0" not in self._buffer:
                ready, _, _ = select.select([self._read], [], [], max(0, end - time.monotonic()))
                assert ready, "the browser did not answer"
                part = os.read(self._read, 1 << 16)
                assert part, "the browser ended"
                self._buffer += part
            text, _, self._buffer = self._buffer.partition(b"\0")
            message = json.loads(text)
            if "method" in message:
                self.events.append(message)
            if is_wanted(message):
                return message
