"""The engine's own command line, for the few things that ARI does not tell."""

import asyncio
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from callside.asterisk.folders import EngineFolders
from callside.asterisk.program import EngineProgram
from callside.kernel.errors import EngineUnavailableError

_ANSWER_SECONDS: Final = 5.0
_TAIL_BYTES: Final = 262_144


@dataclass(frozen=True, slots=True)
class EngineConsole:
    """Asks an engine of ours, through the control socket that only this user can reach."""

    program: EngineProgram
    folders: EngineFolders

    async def ask(self, command: str) -> str:
        """What the engine prints for ``command``.

        Raises:
            EngineUnavailableError: It does not run, or does not answer.
        """
        configuration = str(self.folders.etc / "asterisk.conf")
        asked = await asyncio.create_subprocess_exec(
            *self.program.command, "-C", configuration, "-rx", command,
            stdin=asyncio.subprocess.DEVNULL, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.DEVNULL,
        )  # fmt: skip
        try:
            async with asyncio.timeout(_ANSWER_SECONDS):
                said, _ = await asked.communicate()
        except TimeoutError:
            raise EngineUnavailableError("the engine's command line does not answer") from None
        finally:
            if asked.returncode is None:
                asked.kill()
                await asked.wait()
        if asked.returncode:
            raise EngineUnavailableError("the engine's command line is not there")
        return said.decode(errors="replace")

    def newest_log(self) -> list[str]:
        """The end of the engine's log, newest line first."""
        return _tail(self.folders.log / "messages.log")


def _tail(path: Path) -> list[str]:
    try:
        with path.open("rb") as file:
            file.seek(0, 2)
            file.seek(max(0, file.tell() - _TAIL_BYTES))
            return file.read().decode(errors="replace").splitlines()[::-1]
    except OSError:
        return []
