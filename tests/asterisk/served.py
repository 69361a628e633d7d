"""``callside serve`` as a program of its own, for tests that end or kill it; its engine outlives it."""

import json
import os
import signal
import socket
import subprocess
import sys
import time

import aiohttp


def free_port():
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return one.getsockname()[1]


class Server:
    """One ``callside serve``, again and again on the same port."""

    def __init__(self, home, scheme="https", **settings):
        self.home, self.port, self.scheme = home, free_port(), scheme
        around = {key: text for key, text in os.environ.items() if not key.startswith("CALLSIDE_")}
        if "CALLSIDE_ENGINE_CACHE" in os.environ:
            around["CALLSIDE_ENGINE_CACHE"] = os.environ["CALLSIDE_ENGINE_CACHE"]
        own = {"HOME": str(home), "PORT": str(self.port), **settings}
        self.around = around | {f"CALLSIDE_{key}": text for key, text in own.items()}
        self.process = None

    def callside(self, *words):
        told = [sys.executable, "-m", "callside", *words]
        return subprocess.run(told, env=self.around, capture_output=True, text=True, timeout=60, check=False)

    async def start(self):
        self.process = subprocess.Popen([sys.executable, "-m", "callside", "serve"], env=self.around)
        deadline = time.monotonic() + 60
        while time.monotonic() < deadline:
            assert self.process.poll() is None, "callside serve has ended"
            try:
                if (await self.get("/readyz")).status == 200:
                    return
            except aiohttp.ClientError:
                pass
        raise AssertionError("callside serve is not ready")

    async def get(self, path, token=""):
        base = f"{self.scheme}://localhost:{self.port}"
        headers = {"Authorization": f"Bearer {token}"} if token else {}
        async with aiohttp.ClientSession(headers=headers) as http, http.get(base + path, ssl=False) as reply:
            await reply.read()
            return reply

    def added(self, *words):
        """What ``callside NOUN add`` says of the thing it has added."""
        told = self.callside(*words, "--json")
        assert told.returncode == 0, told.stderr
        return json.loads(told.stdout)

    def kill(self):
        """At once, as nothing could be worse."""
        self.process.kill()
        self.process.wait()

    def end(self):
        self.process.send_signal(signal.SIGTERM)
        return self.process.wait(20)
