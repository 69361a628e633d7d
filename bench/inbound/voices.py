"""Both far sides of calls that talk: G.711 both ways, 20 ms a packet, from a program of its own whose CPU time is not counted.

Callers (SIPp) speak from their answer to their hang-up, as SIPp's log says. A phone speaks while it hears somebody: a packet for
each that comes, so that it needs no clock and falls silent with its call; and one every other second besides to whoever was
heard once, as a line without any audio counts as dead.
"""

import contextlib
import os
import select
import signal
import socket
import struct
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from bench.processes import started, told
from tests.asterisk.far_audio import WAVE

_PACKET_S: Final = 0.02
_SAMPLES: Final = 160
_HEAD: Final = 12
_VOICE: Final = WAVE * (_SAMPLES // len(WAVE))
_SILENCE: Final = b"\xff" * _SAMPLES
_MURMUR_S: Final = 2.0
_TALKS: Final = b"talks"


class Voices:
    """The program, as the benchmark sees it. ``callers`` and ``phones`` are its two ports."""

    def __init__(self, process: subprocess.Popen[str], callers: int, phones: int) -> None:
        self.callers, self.phones = callers, phones
        self._process = process

    def heard(self) -> tuple[int, int]:
        """Packets that callers and phones have heard since this was asked last."""
        self._process.send_signal(signal.SIGUSR1)
        callers, phones = map(int, told(self._process).split())
        return callers, phones


@contextlib.contextmanager
def voices(log: Path) -> Iterator[Voices]:
    """Speaks while the block runs. ``log``: where SIPp will write who talks; a file removed and written anew is read anew."""
    with started(["-m", "bench.inbound.voices", str(log)], log=log.parent / "voices.log") as process:
        callers, phones = map(int, told(process).split())
        yield Voices(process, callers, phones)


@dataclass(slots=True)
class _Stream:
    """What one far side has sent."""

    number: int = 0

    def packet(self, source: int, sound: bytes) -> bytes:
        self.number += 1
        return struct.pack("!BBHII", 0x80, 0, self.number & 0xFFFF, self.number * _SAMPLES & 0xFFFFFFFF, source) + sound


class _Callers:
    def __init__(self, log: Path) -> None:
        self.socket, self.heard = _bound(), 0
        self._log, self._file, self._inode, self._rest = log, -1, 0, b""
        self._speaking: dict[int, _Stream] = {}

    def look(self) -> None:
        """Read who talks and who has left."""
        with contextlib.suppress(FileNotFoundError):
            inode = self._log.stat().st_ino
            if inode != self._inode:
                self._file, self._inode = os.open(self._log, os.O_RDONLY), inode
        if self._file < 0:
            return
        *whole, self._rest = (self._rest + os.read(self._file, 1 << 16)).split(b"\n")
        for line in whole:
            word, ear = line.split()
            if word == _TALKS:
                self._speaking[int(ear)] = _Stream()
            else:
                self._speaking.pop(int(ear), None)

    def speak(self) -> None:
        for ear, stream in self._speaking.items():
            self.socket.sendto(stream.packet(ear, _VOICE), ("127.0.0.1", ear))

    def hear(self) -> None:
        self.heard += sum(1 for _ in _arrived(self.socket))


class _Phones:
    def __init__(self) -> None:
        self.socket, self.heard = _bound(), 0
        self._streams: dict[tuple[str, int], _Stream] = {}

    def hear(self) -> None:
        """Answer each packet with one."""
        for packet, sender in _arrived(self.socket):
            stream = self._streams.setdefault(sender, _Stream())
            if len(packet) == _HEAD + _SAMPLES:
                self.heard += 1
                self._send(sender, stream, _VOICE)

    def murmur(self) -> None:
        for sender, stream in self._streams.items():
            self._send(sender, stream, _SILENCE)

    def _send(self, sender: tuple[str, int], stream: _Stream, sound: bytes) -> None:
        with contextlib.suppress(OSError):  # its port may be gone with its call
            self.socket.sendto(stream.packet(sender[1], sound), sender)


def _arrived(bound: socket.socket) -> Iterator[tuple[bytes, tuple[str, int]]]:
    with contextlib.suppress(BlockingIOError):
        while True:
            yield bound.recvfrom(2048)


def _bound() -> socket.socket:
    made = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    made.setblocking(False)
    made.bind(("127.0.0.1", 0))
    return made


def main(log: Path) -> None:
    """Speak and hear until terminated."""
    callers, phones = _Callers(log), _Phones()

    def tell(*_: object) -> None:
        print(callers.heard, phones.heard, flush=True)
        callers.heard = phones.heard = 0

    signal.signal(signal.SIGUSR1, tell)
    print(callers.socket.getsockname()[1], phones.socket.getsockname()[1], flush=True)
    due = murmur_due = time.monotonic()
    while True:
        select.select([phones.socket, callers.socket], [], [], max(0.0, due - time.monotonic()))
        phones.hear()
        callers.hear()
        if (now := time.monotonic()) >= due:
            due += _PACKET_S
            callers.look()
            callers.speak()
        if now >= murmur_due:
            murmur_due += _MURMUR_S
            phones.murmur()


if __name__ == "__main__":
    main(Path(sys.argv[1]))
