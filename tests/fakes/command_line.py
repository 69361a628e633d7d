"""The command line, and a real server in a thread for clients that block."""

import asyncio
import functools
import json
import logging
import sys
import threading
from types import SimpleNamespace

import structlog
import typer.main
import uvicorn
from typer.testing import CliRunner

from callside.cli.main import app
from callside.kernel.errors import CallsideError
from callside.v1_api import control
from tests.fakes.installation import ROOT, Installation


@functools.cache
def all_commands():
    """What Typer makes of our functions, made once: it takes longer than most commands do."""
    return typer.main.get_command(app)


def _text(stream):
    return stream.getvalue().decode().replace("\r\n", "\n")


class CommandLine:
    """Runs commands on one home."""

    def __init__(self, home):
        self.home = home

    def run(self, *words, stdin=None):
        """The command's result; refused ones carry their one line in `refusal`."""
        code, refusal = 0, None
        with CliRunner().isolation(input=stdin) as (out, err, _):
            try:
                all_commands().main(["--home", str(self.home), *words], prog_name="callside")
            except SystemExit as ended:
                code = ended.code
            except CallsideError as error:
                code, refusal = 1, error.message
            sys.stdout.flush()
            sys.stderr.flush()
            return SimpleNamespace(code=code, out=_text(out), err=_text(err), refusal=refusal)

    def json(self, *words, stdin=None):
        """What a command that must work prints with --json."""
        result = self.run(*words, "--json", stdin=stdin)
        assert result.code == 0, (words, result)
        return json.loads(result.out)


class ServerThread:
    """A real server on a free loopback port, for clients that block."""

    def __init__(self, home, **tls):
        self._home = home
        self._tls = tls
        self._ready = threading.Event()
        self._thread = threading.Thread(target=lambda: asyncio.run(self._serve()))
        self._server = None

    async def _serve(self):
        async with Installation(self._home / "callside.db") as house:
            config = uvicorn.Config(house.app, port=0, lifespan="off", log_config=None, ws="none", **self._tls)
            self._server = uvicorn.Server(config)
            importing = asyncio.get_running_loop().create_task(house.administration.leads.imports.importer.run())
            serving = asyncio.get_running_loop().create_task(self._server.serve())
            while not self._server.started and not serving.done():
                await asyncio.sleep(0.01)
            self.port = self._server.servers[0].sockets[0].getsockname()[1]
            self._ready.set()
            await serving
            importing.cancel()

    def __enter__(self):
        # In life the server is another process: its log is not among what a command prints.
        structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.CRITICAL))
        self._thread.start()
        assert self._ready.wait(20)
        path = self._home / "run" / "control.json"
        scheme = "https" if self._tls else "http"
        control.announce(path, f"{scheme}://127.0.0.1:{self.port}", self._tls.get("ssl_certfile"))
        told = json.loads(path.read_text())
        path.write_text(json.dumps(told | {"root_token": ROOT}))
        return self

    def __exit__(self, *_):
        control.withdraw(self._home / "run" / "control.json")
        self._server.should_exit = True
        self._thread.join(20)
        structlog.reset_defaults()
