"""The desk phones' audio, in a process of its own: whoever sends here hears a packet of silence every other second.

So no line counts as dead. Not SIPp's echo: between two that echo, one packet goes round for ever. In a process of its own, as what 200
lines are sent would be most of the work of the one that is measured; and read often, as a line that is silent itself sends one packet
in 15 seconds, which must find room among those of the lines that are not.

Prints its port; ends when its input does.
"""

import contextlib
import select
import socket
import struct
import subprocess
import sys
import time
from typing import Final

_MURMUR_S: Final = 2.0
_READ_S: Final = 0.05
_ROOM: Final = 4_000_000
"""Asked for; the kernel gives what it allows."""


def murmur() -> None:
    """Until there is no more input."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as ours:
        ours.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, _ROOM)
        ours.setblocking(False)
        ours.bind(("127.0.0.1", 0))
        print(ours.getsockname()[1], flush=True)
        heard: dict[tuple[str, int], int] = {}
        due = time.monotonic()
        while not select.select([sys.stdin], [], [], _READ_S)[0]:
            with contextlib.suppress(BlockingIOError):
                while True:
                    heard.setdefault(ours.recvfrom(2048)[1], 0)
            if time.monotonic() >= due:
                due += _MURMUR_S
                for line, number in heard.items():
                    head = struct.pack("!BBHII", 0x80, 0, number & 0xFFFF, number * 160 & 0xFFFFFFFF, line[1])
                    with contextlib.suppress(OSError):
                        ours.sendto(head + b"\xff" * 160, line)
                    heard[line] = number + 1


class Murmur:
    """The process, and its port."""

    def __init__(self) -> None:
        words = [sys.executable, __file__]
        self._process = subprocess.Popen(words, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        assert self._process.stdout is not None
        self.port = int(self._process.stdout.readline())

    def close(self) -> None:
        """No more."""
        self._process.communicate()


if __name__ == "__main__":
    murmur()
