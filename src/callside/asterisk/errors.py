"""What can go wrong with the engine as a program."""

from callside.kernel.errors import CallsideError, EngineUnavailableError


class EngineInstallError(CallsideError):
    """The engine cannot be installed here today; the message says why."""

    code = "engine_install"


class EngineStartError(EngineUnavailableError):
    """The engine is there but does not start; the message names the port, file or setting."""

    code = "engine_start"
