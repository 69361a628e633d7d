"""The demo's fictional numbers: what the carrier's far sides do, and which of ours lead where (docs/demo.md shows this table)."""

from dataclasses import dataclass
from typing import Final

SUPPORT_NUMBER: Final = "+15550100900"
SALES_NUMBER: Final = "+15550100901"
MENU_NUMBER: Final = "+15550100902"
CALLER_ID: Final = "+15550100999"


@dataclass(frozen=True, slots=True)
class FarSide:
    """One number of the carrier.

    Attributes:
        number: E.164.
        name: In a word, also what ``call-in --as`` takes where ``calls`` is set.
        does: For people.
        dialplan: What Asterisk's dialplan does for it, one application a line.
    """

    number: str
    name: str
    does: str
    dialplan: tuple[str, ...]


_SPEAK: Final = ("Playback(hello-world)", "Playback(vm-goodbye)", "Playback(demo-congrats)", "Wait(1)")

FAR_SIDES: Final = (
    FarSide(
        "+15550100100",
        "talker",
        "rings 2 s, answers, speaks for half a minute, hangs up",
        ("Ringing()", "Wait(2)", "Answer()", "Wait(0.5)", "Playback(demo-congrats)", "Wait(1)", "Hangup(16)"),
    ),
    FarSide(
        "+15550100101",
        "echo",
        "answers at once and gives back what it hears",
        ("Answer()", "Echo()", "Hangup(16)"),
    ),
    FarSide("+15550100102", "no-answer", "rings and is never answered", ("Ringing()", "Wait(180)", "Hangup(19)")),
    FarSide("+15550100103", "busy", "is busy", ("Hangup(17)",)),
    FarSide("+15550100104", "refused", "refuses the call", ("Hangup(21)",)),
    FarSide("+15550100105", "unallocated", "does not exist", ("Hangup(1)",)),
    FarSide("+15550100106", "congestion", "the carrier has no line free", ("Hangup(34)",)),
    FarSide(
        "+15550100107",
        "machine",
        "an answering machine: rings 4 s, greets, beeps, records",
        (
            "Ringing()",
            "Wait(4)",
            "Answer()",
            "Wait(0.5)",
            "Playback(vm-theperson)",
            "Playback(vm-isunavail)",
            "Playback(vm-intro)",
            "Playback(beep)",
            "Record(heard/machine-${UNIQUEID}.wav,5,60,kq)",
            "Hangup(16)",
        ),
    ),
    FarSide(
        "+15550100108",
        "short",
        "answers and hangs up after 5 s",
        ("Ringing()", "Wait(1)", "Answer()", "Playtones(440/500,0/500)", "Wait(5)", "Hangup(16)"),
    ),
    FarSide(
        "+15550100109",
        "slow",
        "rings 10 s before it answers",
        ("Ringing()", "Wait(10)", "Answer()", "Wait(0.5)", "Playback(demo-congrats)", "Hangup(16)"),
    ),
    FarSide(
        "+15550100110",
        "tone",
        "answers with a steady tone of 1,000 Hz and keeps what it hears (for tests)",
        ("Answer()", "Gosub(carrier-listen,s,1)"),
    ),
    FarSide(
        "+15550100111",
        "digits",
        "answers and writes down the DTMF digits it gets (for tests)",
        ("Answer()", "Set(DIGITS=)", "Goto(carrier-digits,s,1)"),
    ),
    FarSide(
        "+15550100112",
        "early",
        "sends its own ringing as early media, then answers after 4 s",
        ("Progress()", "Playtones(ring)", "Wait(4)", "StopPlaytones()", "Answer()", "Echo()", "Hangup(16)"),
    ),
    FarSide(
        "+15550100113",
        "presser",
        "answers, presses 2 after 3 s (for the menu: support), then speaks",
        ("Answer()", "Wait(3)", "SendDTMF(2)", "Wait(30)", "Playback(demo-congrats)", "Wait(1)", "Hangup(16)"),
    ),
    FarSide(
        "+15550100114",
        "greeter",
        "rings 2 s, answers, says hello as people do and waits, then speaks",
        (
            "Ringing()",
            "Wait(2)",
            "Answer()",
            "Wait(0.3)",
            "Playback(hello)",
            "Wait(4)",
            "Playback(demo-congrats)",
            "Hangup(16)",
        ),
    ),
    FarSide(
        "+15550100115",
        "mailbox",
        "another answering machine: rings 6 s, greets at length, beeps, records",
        (
            "Ringing()",
            "Wait(6)",
            "Answer()",
            "Playback(vm-theperson)",
            "Playback(vm-isunavail)",
            "Playback(vm-leavemsg)",
            "Playback(beep)",
            "Record(heard/mailbox-${UNIQUEID}.wav,5,60,kq)",
            "Hangup(16)",
        ),
    ),
)
"""In the order of the documentation."""

CALLERS: Final = {
    "talker": "+15550100120",
    "echo": "+15550100121",
    "tone": "+15550100122",
    "short": "+15550100123",
    "presser": "+15550100124",
}
"""Who calls in, by the far side they act like, and from which number."""


def far_side(name: str) -> FarSide:
    """The far side of that name.

    Raises:
        KeyError: There is none.
    """
    return {one.name: one for one in FAR_SIDES}[name]
