"""The sound of both far ends of a campaign, in a process of its own so that nobody's event loop is in what is measured.

A customer who answers speaks from that moment on: what the carrier (SIPp) writes into its log when it sends the 200 OK
is read within a millisecond, and the voice goes to the engine every 20 ms, counted from the time that SIPp wrote. A packet
holds the 20 ms before it, so the first one leaves 20 ms after the answer. The agents' phones hear on one socket, on which
the kernel writes down when each packet came in.
"""

import asyncio
import os
import select
import signal
import socket
import struct
import sys
import time
from collections import defaultdict
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

WAVE = b"\x90" * 8 + b"\x10" * 8
"""A loud square wave, µ-law: nothing that the engine plays by itself is made of these samples."""
_LOUDEST = frozenset(WAVE)
_PACKET_S = 0.02
_SAMPLES = 160
_SILENT_S = 0.07
_MURMUR_S = 1.0
_LOOK_S = 0.001
_LONGEST_S = 30.0
_SO_TIMESTAMPNS = 35
"""The socket option and the kind of its message, as Linux numbers them."""


def wall_of(stamp: str) -> float:
    """A time as SIPp writes it, in wall seconds."""
    moment = datetime.fromisoformat(stamp.strip().replace(" ", "T")[:26])
    return (moment if moment.tzinfo else moment.astimezone()).astimezone(UTC).timestamp()


class FarAudio:
    """The process, as its test sees it."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        folder.mkdir(parents=True, exist_ok=True)

    async def start(self, carrier_log: Path) -> None:
        """Its two ports are known afterwards."""
        self._process = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "tests.asterisk.far_audio", str(carrier_log), str(self._folder / "heard.log"),
            stdout=asyncio.subprocess.PIPE,
        )  # fmt: skip
        assert self._process.stdout is not None
        said = (await self._process.stdout.readline()).split()
        assert len(said) == 2, "the far ends' audio did not start"
        self.customers, self.phones = map(int, said)

    async def stop(self) -> None:
        if self._process.returncode is None:
            self._process.terminate()
        await self._process.wait()

    def heard(self) -> dict[int, list[float]]:
        """By the engine's port of each agent's line: when its phone began to hear a customer (wall seconds, in their order)."""
        return self._lines("heard")

    def late(self) -> list[float]:
        """How long after its time each packet of a customer's first tenth of a second was sent (s): the sender's own account."""
        return [one for times in self._lines("late").values() for one in times]

    def _lines(self, what: str) -> dict[int, list[float]]:
        found: dict[int, list[float]] = defaultdict(list)
        for line in (self._folder / "heard.log").read_text().splitlines():
            word, port, seconds = line.split()
            if word == what:
                found[int(port)].append(float(seconds))
        return dict(found)


@dataclass
class _Voice:
    """One customer who speaks: to which of the engine's ports, and since when."""

    port: int
    began: float
    sent: int = 0

    @property
    def due(self) -> float:
        return self.began + (self.sent + 1) * _PACKET_S


class _Customers:
    """Everybody who has answered and not left, as the carrier's log says."""

    def __init__(self, log: Path, account) -> None:
        self.socket = _bound()
        self._log, self._account = log, account
        self._file: int | None = None
        self._rest = b""
        self._ports: dict[bytes, int] = {}
        self._speaking: dict[bytes, _Voice] = {}

    def look(self) -> None:
        """Read what the carrier has written meanwhile."""
        if self._file is None:
            if not self._log.exists():
                return
            self._file = os.open(self._log, os.O_RDONLY)
        *whole, self._rest = (self._rest + os.read(self._file, 1 << 16)).split(b"\n")
        for line in whole:
            word, number, more = line.split(maxsplit=2)
            if word == b"hears":
                self._ports[number] = int(more)
            elif word == b"answered":
                self._speaking[number] = _Voice(self._ports[number], wall_of(more.decode()))
            elif word in {b"left", b"cut"}:
                self._speaking.pop(number, None)

    def speak(self) -> None:
        """Send what is due."""
        now = time.time()
        for number, voice in list(self._speaking.items()):
            while voice.due <= now:
                self._send(voice, now)
            if voice.sent * _PACKET_S > _LONGEST_S:
                del self._speaking[number]

    def _send(self, voice: _Voice, now: float) -> None:
        if voice.sent < 5:
            self._account.write(f"late {voice.port} {now - voice.due:.6f}\n")
        head = struct.pack("!BBHII", 0x80, 0, voice.sent, voice.sent * _SAMPLES, int(voice.began * 1000) & 0xFFFFFFFF)
        self.socket.sendto(head + WAVE * (_SAMPLES // len(WAVE)), ("127.0.0.1", voice.port))
        voice.sent += 1


class _Phones:
    """All agents' phones."""

    def __init__(self, account) -> None:
        self.socket = _bound()
        self.socket.setsockopt(socket.SOL_SOCKET, _SO_TIMESTAMPNS, 1)
        self._account = account
        self._last: dict[int, float] = {}
        self._murmured: dict[tuple[str, int], int] = {}
        self._next_murmur = time.time() + _MURMUR_S

    def hear(self) -> None:
        while True:
            try:
                packet, ancillary, _, sender = self.socket.recvmsg(2048, 64)
            except BlockingIOError:
                return
            self._murmured.setdefault(sender, 0)
            begins = first_voice(packet[12:])
            if begins is None:
                continue
            seconds, nanoseconds = next(
                struct.unpack("qq", content) for _, kind, content in ancillary if kind == _SO_TIMESTAMPNS
            )
            at = seconds + nanoseconds / 1e9 + begins / 8000
            if at - self._last.get(sender[1], 0.0) > _SILENT_S:
                self._account.write(f"heard {sender[1]} {at:.6f}\n")
            self._last[sender[1]] = at

    def murmur(self) -> None:
        """A packet of silence to everybody each second, so that no line counts as dead."""
        if time.time() < self._next_murmur:
            return
        self._next_murmur += _MURMUR_S
        for sender, number in self._murmured.items():
            head = struct.pack("!BBHII", 0x80, 0, number & 0xFFFF, number * _SAMPLES & 0xFFFFFFFF, sender[1])
            self.socket.sendto(head + b"\xff" * _SAMPLES, sender)
            self._murmured[sender] = number + 1


def first_voice(samples: bytes) -> int | None:
    """Where in a packet a customer's voice begins: the first of eight of its samples in a row."""
    run = 0
    for place, one in enumerate(samples):
        run = run + 1 if one in _LOUDEST else 0
        if run == 8:
            return place - 7
    return None


def _bound() -> socket.socket:
    made = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    made.setblocking(False)
    made.bind(("127.0.0.1", 0))
    return made


def main(log: Path, account_file: Path) -> None:
    """Speak and hear until terminated, or until whoever began it is gone."""
    going_on, began_by = True, os.getppid()

    def stop(*_: object) -> None:
        nonlocal going_on
        going_on = False

    signal.signal(signal.SIGTERM, stop)
    with account_file.open("w", buffering=1) as account:
        customers, phones = _Customers(log, account), _Phones(account)
        print(customers.socket.getsockname()[1], phones.socket.getsockname()[1], flush=True)
        while going_on and os.getppid() == began_by:
            select.select([phones.socket], [], [], _LOOK_S)
            customers.look()
            customers.speak()
            phones.hear()
            phones.murmur()


if __name__ == "__main__":
    main(*map(Path, sys.argv[1:]))
