"""A headless Chromium, driven through its DevTools pipe; Python's own library alone.

Messages are JSON ended by a zero byte, written to the browser's descriptor 3 and
read from its 4, so that nothing needs a network: where the system allows it the
browser runs in a network namespace of its own, in which there is none.
"""

import base64
import json
import os
import select
import shutil
import subprocess
import time


def find():
    """The browser's path, or None."""
    for name in ("chromium", "chromium-browser", "google-chrome"):
        path = shutil.which(name)
        if path:
            return path
    return None


class Browser:
    def __init__(self, folder):
        read_here, write_there = os.pipe()
        read_there, write_here = os.pipe()
        command = [
            find(), "--headless=new", "--no-sandbox", "--disable-gpu",
            "--hide-scrollbars", "--no-first-run", "--disable-dev-shm-usage",
            "--disable-background-networking", "--disable-component-update",
            "--remote-debugging-pipe", "--user-data-dir=" + folder, "about:blank",
        ]
        unshare = ["unshare", "--user", "--map-root-user", "--net"]
        self.isolated = subprocess.call(
            unshare + ["true"], stderr=subprocess.DEVNULL) == 0
        # The shell puts the pipes where the browser looks for them.
        script = 'exec "$@" 3<&%d 4>&%d' % (read_there, write_there)
        prefix = unshare if self.isolated else []
        self.process = subprocess.Popen(
            prefix + ["bash", "-c", script, "bash"] + command,
            pass_fds=(read_there, write_there),
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
            env=dict(os.environ, HOME=folder))
        os.close(read_there)
        os.close(write_there)
        self.reading, self.writing = read_here, write_here
        self.buffer = b""
        self.count = 0
        self.events = []

    def _receive(self, deadline):
        while b"\0" not in self.buffer:
            left = deadline - time.monotonic()
            if left <= 0 or not select.select([self.reading], [], [], left)[0]:
                raise TimeoutError("the browser does not answer")
            piece = os.read(self.reading, 1 << 20)
            if not piece:
                raise EOFError("the browser ended")
            self.buffer += piece
        message, self.buffer = self.buffer.split(b"\0", 1)
        return json.loads(message)

    def call(self, method, session=None, seconds=60, **parameters):
        self.count += 1
        message = {"id": self.count, "method": method, "params": parameters}
        if session:
            message["sessionId"] = session
        os.write(self.writing, json.dumps(message).encode() + b"\0")
        deadline = time.monotonic() + seconds
        while True:
            answer = self._receive(deadline)
            if answer.get("id") == self.count:
                if "error" in answer:
                    raise RuntimeError("%s: %s" % (method, answer["error"]))
                return answer["result"]
            self.events.append(answer)

    def close(self):
        try:
            self.call("Browser.close", seconds=10)
        except (OSError, EOFError, TimeoutError):
            pass
        try:
            self.process.wait(10)
        except subprocess.TimeoutExpired:
            self.process.kill()


class Tab:
    """A page; `width` and `dark` are what it believes of its reader."""

    def __init__(self, browser, width=1280, height=900, dark=False):
        self.browser = browser
        target = browser.call("Target.createTarget", url="about:blank")["targetId"]
        self.session = browser.call("Target.attachToTarget", targetId=target,
                                    flatten=True)["sessionId"]
        for domain in ("Page", "Runtime", "Network", "Log"):
            self.call(domain + ".enable")
        self.call("Emulation.setDeviceMetricsOverride", width=width, height=height,
                  deviceScaleFactor=1, mobile=False)
        self.call("Emulation.setEmulatedMedia", features=[
            {"name": "prefers-color-scheme", "value": "dark" if dark else "light"}])

    def call(self, method, **parameters):
        return self.browser.call(method, session=self.session, **parameters)

    def open(self, url, seconds=60):
        # From another page: a hash alone would not load anything.
        self.call("Page.navigate", url="about:blank")
        self.call("Page.navigate", url=url)
        end = time.monotonic() + seconds
        while self.run("document.documentElement?.dataset.ready || ''") != "yes":
            if time.monotonic() > end:
                raise TimeoutError("the page's script does not get ready")
            time.sleep(0.02)

    def run(self, expression):
        answer = self.call("Runtime.evaluate", expression=expression,
                           returnByValue=True, awaitPromise=True)
        if "exceptionDetails" in answer:
            raise RuntimeError(json.dumps(answer["exceptionDetails"])[:2000])
        return answer["result"].get("value")

    def key(self, key):
        code = {"Enter": 13, "Escape": 27, "ArrowLeft": 37, "ArrowUp": 38,
                "ArrowRight": 39, "ArrowDown": 40}[key]
        text = {"text": "\r"} if key == "Enter" else {}
        for kind in ("keyDown", "keyUp"):
            self.call("Input.dispatchKeyEvent", type=kind, key=key, code=key,
                      windowsVirtualKeyCode=code, **(text if kind == "keyDown" else {}))

    def mouse(self, kind, x, y):
        buttons = {} if kind == "mouseMoved" else {"button": "left", "clickCount": 1}
        self.call("Input.dispatchMouseEvent", type=kind, x=x, y=y, **buttons)

    def save_picture(self, path, whole=False):
        clip = {}
        if whole:
            size = self.call("Page.getLayoutMetrics")["cssContentSize"]
            clip = {"captureBeyondViewport": True, "clip": {
                "x": 0, "y": 0, "width": size["width"],
                "height": min(size["height"], 9000), "scale": 1}}
        data = self.call("Page.captureScreenshot", **clip)["data"]
        with open(path, "wb") as file:
            file.write(base64.b64decode(data))

    def save_pdf(self, path):
        data = self.call("Page.printToPDF", printBackground=True)["data"]
        with open(path, "wb") as file:
            file.write(base64.b64decode(data))

    def requests(self):
        """URLs that were asked for, but for what is in the page itself."""
        return [e["params"]["request"]["url"] for e in self.browser.events
                if e.get("method") == "Network.requestWillBeSent"]

    def complaints(self):
        """Errors of scripts, of the console and of the security policy."""
        found = []
        for event in self.browser.events:
            parameters = event.get("params", {})
            if event.get("method") == "Runtime.exceptionThrown":
                found.append(json.dumps(parameters)[:500])
            if (event.get("method") == "Log.entryAdded" and
                    parameters["entry"]["level"] in ("error", "warning")):
                found.append(parameters["entry"]["text"])
            if (event.get("method") == "Runtime.consoleAPICalled" and
                    parameters["type"] in ("error", "warning", "assert")):
                found.append(json.dumps(parameters)[:500])
        return found
