"""Recycling: what an attempt makes of a lead, and when it comes up again.

A step never changes a lead: it says what the floor has to write (:class:`LeadProgress`), and :func:`applied` gives the lead
as it is then. Every lead that is left open has a date, and one under way is always left by :func:`after_attempt`.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum
from types import MappingProxyType
from typing import Final

from callside.dialer.leads.model import OPEN, Lead, LeadNumber, LeadProgress, LeadState, NumberProgress, Outcome
from callside.kernel.ids import AgentId, CallId

_SECOND: Final = 1000
_MINUTE_S: Final = 60
_HOUR_S: Final = 3600
_DAY_S: Final = 24 * _HOUR_S


class Then(StrEnum):
    """Which number comes next."""

    SAME = "same"
    OTHER = "other"
    """The lead's next number that can still be called; the same one where there is no other."""
    DONE = "done"
    """None: the lead is finished. After a number that does not exist: unless it has another."""


@dataclass(frozen=True, slots=True)
class Recycle:
    """What follows one outcome.

    Attributes:
        after_s: Earliest next attempt on the same number, in seconds.
        most: Attempts on the lead, over all numbers, after which this outcome finishes it.
        then: Which number comes next.
        apart_s: The next try falls at least so far from this one's time of day (0: no matter). Whoever was not there at ten
            in the morning may be there at six. At most half a day.
        counts: Whether this was an attempt at all; a line that never left the house was none, nor one that we gave up.
    """

    after_s: int
    most: int = 6
    then: Then = Then.OTHER
    apart_s: int = 0
    counts: bool = True


DEFAULT_RECYCLING: Final[Mapping[Outcome, Recycle]] = MappingProxyType(
    {
        Outcome.CONNECTED: Recycle(0, most=1, then=Then.DONE),
        Outcome.BUSY: Recycle(15 * _MINUTE_S, then=Then.SAME),
        Outcome.NO_ANSWER: Recycle(4 * _HOUR_S, apart_s=3 * _HOUR_S),
        Outcome.REJECTED: Recycle(_DAY_S, most=3, apart_s=3 * _HOUR_S),
        Outcome.UNALLOCATED: Recycle(0, then=Then.DONE),
        Outcome.CONGESTION: Recycle(10 * _MINUTE_S, then=Then.SAME),
        Outcome.FAILED: Recycle(30 * _MINUTE_S, most=4),
        Outcome.MACHINE: Recycle(_DAY_S, most=4, apart_s=3 * _HOUR_S),
        # The longest hold among the jurisdictions' profiles (72 h); a profile may ask for more, never for less.
        Outcome.ABANDONED: Recycle(3 * _DAY_S, then=Then.SAME),
        Outcome.CANCELLED: Recycle(_HOUR_S, then=Then.SAME),
        Outcome.SURPLUS: Recycle(_HOUR_S, then=Then.SAME, counts=False),
        Outcome.RECOVERED: Recycle(10 * _MINUTE_S, then=Then.SAME),
        Outcome.TRUNK_DOWN: Recycle(_MINUTE_S, then=Then.SAME, counts=False),
        Outcome.SKIPPED: Recycle(_HOUR_S, then=Then.SAME, counts=False),
    }
)


@dataclass(frozen=True, slots=True)
class RecyclingRules:
    """A campaign's rules.

    Attributes:
        most_attempts: Calls to one lead, over all its numbers, whatever they came to.
        most_per_number: Calls to one number.
        other_after_s: Pause before the lead's next number is tried.
        personal_for_s: How long a callback that is due waits for its own agent before anybody may make it.
        outcomes: What differs from :data:`DEFAULT_RECYCLING`.
    """

    most_attempts: int = 6
    most_per_number: int = 4
    other_after_s: int = 5 * _MINUTE_S
    personal_for_s: int = _DAY_S
    outcomes: Mapping[Outcome, Recycle] = field(default_factory=dict)

    def of(self, outcome: Outcome) -> Recycle:
        """What follows this outcome."""
        return self.outcomes.get(outcome) or DEFAULT_RECYCLING[outcome]


_STANDARD: Final = RecyclingRules()


class EffectKind(StrEnum):
    """What a disposition does to the lead."""

    SUCCESS = "success"
    FAILURE = "failure"
    RETRY = "retry"
    CALLBACK = "callback"
    DNC = "dnc"
    """Not to be called again: its numbers go to a do-not-call list."""
    MACHINE = "machine"
    """A machine had answered: called again as after a machine that was detected. Also what an agent who was given a sample
    of such calls says when detection was right; an effect and not a field of its own, because the lead must be told the
    same thing, and one place to say it cannot contradict itself."""


@dataclass(frozen=True, slots=True)
class LeadEffect:
    """What a disposition does to the lead.

    Attributes:
        after_s: Of ``RETRY``: how long to wait; of ``CALLBACK``: the date that stands where the agent chose none.
        personal: Of ``CALLBACK``: it belongs to the agent who spoke with them.
    """

    kind: EffectKind
    after_s: int = _DAY_S
    personal: bool = False


def begin_attempt(lead: Lead, number_index: int, call_id: CallId, now: int) -> LeadProgress:
    """The lead is being called: to be on disk before the line is."""
    number = lead.numbers[number_index]
    return LeadProgress(
        lead.id,
        LeadState.DIALLING,
        now,
        lead.attempts + 1,
        number_index,
        lead.last_outcome,
        lead.callback_agent_id,
        now,
        call_id,
        NumberProgress(number.number, number.attempts + 1, number.last_outcome),
    )


def after_attempt(lead: Lead, number_index: int, outcome: Outcome, rules: RecyclingRules, now: int) -> LeadProgress:
    """What the attempt came to; also for a lead that was passed over without one (``SKIPPED``)."""
    rule = rules.of(outcome)
    taken_back = 1 if lead.state is LeadState.DIALLING and not rule.counts else 0
    number = lead.numbers[number_index]
    number = replace(number, attempts=max(0, number.attempts - taken_back), last_outcome=outcome)
    numbers = (*lead.numbers[:number_index], number, *lead.numbers[number_index + 1 :])
    tried = replace(lead, numbers=numbers, attempts=max(0, lead.attempts - taken_back), last_outcome=outcome)
    done = NumberProgress(number.number, number.attempts, outcome)
    following = _following(tried, number_index, rule, rules)
    if following is None:
        return replace(_finished(tried, LeadState.DONE), next_index=number_index, number=done)
    # On to a number further down the list at once; back to one that was tried already only after the longer one of two pauses.
    pause_s = rules.other_after_s if following > number_index else _pause_s(tried.numbers[following], rule, rules)
    progress = replace(_open(tried, now + pause_s * _SECOND, rules), next_index=following, number=done)
    # What was promised is a promise still when it was not even tried.
    return replace(progress, state=LeadState.CALLBACK) if lead.asked and not rule.counts else progress


def after_disposition(
    lead: Lead,
    effect: LeadEffect,
    rules: RecyclingRules,
    now: int,
    *,
    callback_at: int | None = None,
    agent_id: AgentId | None = None,
) -> LeadProgress:
    """What the agent said of the call. ``callback_at`` is the date they chose, ``agent_id`` is who they are.

    A person's word that they want to be called again goes before the number of attempts; a mere retry does not.
    """
    if effect.kind is EffectKind.DNC:
        return _finished(lead, LeadState.BLOCKED)
    if effect.kind is EffectKind.MACHINE:
        return after_attempt(replace(lead, callback_agent_id=None), lead.next_index, Outcome.MACHINE, rules, now)
    at = now + effect.after_s * _SECOND
    if effect.kind is EffectKind.CALLBACK:
        owner = agent_id if effect.personal else None
        at = max(now, callback_at if callback_at is not None else at)
        return replace(_open(replace(lead, callback_agent_id=owner), at, rules), state=LeadState.CALLBACK)
    again = effect.kind is EffectKind.RETRY and lead.attempts < rules.most_attempts
    if again and (found := pick_number(lead, rules)) is not None:
        return replace(_open(replace(lead, callback_agent_id=None), at, rules), next_index=found)
    return _finished(lead, LeadState.DONE)


def put_off(lead: Lead, until: int, rules: RecyclingRules = _STANDARD) -> LeadProgress:
    """Not now: it is outside its calling hours, or held. Nothing else changes; a personal callback is its agent's still."""
    is_callback = lead.state is LeadState.CALLBACK
    personal = is_callback and lead.callback_agent_id is not None
    return LeadProgress(
        lead.id,
        lead.state if is_callback else LeadState.DUE,
        until,
        lead.attempts,
        lead.next_index,
        lead.last_outcome,
        lead.callback_agent_id,
        max(until, lead.due_at + rules.personal_for_s * _SECOND) if personal else until,
        lead.call_id,
    )


def skipped(lead: Lead, rules: RecyclingRules, now: int) -> LeadProgress:
    """An agent passed it over without calling: that was no attempt, and a callback is a callback still.

    Whoever was to be called later anyhow is not called earlier for it.
    """
    if lead.state is LeadState.CALLBACK:
        until = max(lead.due_at, now + rules.of(Outcome.SKIPPED).after_s * _SECOND)
        return replace(put_off(lead, until, rules), last_outcome=Outcome.SKIPPED)
    # It was never begun, so nothing is taken back.
    progress = replace(after_attempt(lead, lead.next_index, Outcome.SKIPPED, rules, now), number=None)
    return replace(progress, due_at=max(lead.due_at, progress.due_at)) if progress.state in OPEN else progress


def blocked(lead: Lead) -> LeadProgress:
    """Every number turned out to be on a do-not-call list."""
    return _finished(lead, LeadState.BLOCKED)


def applied(lead: Lead, progress: LeadProgress) -> Lead:
    """The lead as it is once ``progress`` is written."""
    change = progress.number
    numbers = lead.numbers
    if change is not None:
        numbers = tuple(
            replace(one, attempts=change.attempts, last_outcome=change.last_outcome)
            if one.number == change.number
            else one
            for one in numbers
        )
    return replace(
        lead,
        numbers=numbers,
        state=progress.state,
        due_at=progress.due_at,
        attempts=progress.attempts,
        next_index=progress.next_index,
        last_outcome=progress.last_outcome,
        callback_agent_id=progress.callback_agent_id,
        call_id=progress.call_id,
        notes=lead.notes if progress.notes is None else progress.notes,
    )


def pick_number(lead: Lead, rules: RecyclingRules) -> int | None:
    """Which number to call now: the one whose turn it is, or the next that may be called; ``None`` when none may.

    A callback is made on a number that was called often enough, too: it was asked for.
    """
    count = len(lead.numbers)
    order = ((lead.next_index + step) % count for step in range(count))
    most = None if lead.state is LeadState.CALLBACK else rules.most_per_number
    return next((index for index in order if _may_be_called(lead.numbers[index], most)), None)


def spread(after_s: int, apart_s: int) -> int:
    """``after_s``, or as much longer as it takes to be ``apart_s`` from the present time of day."""
    over = after_s % _DAY_S
    if over < apart_s:
        return after_s + apart_s - over
    if _DAY_S - over < apart_s:
        return after_s + _DAY_S - over + apart_s
    return after_s


def _following(lead: Lead, index: int, rule: Recycle, rules: RecyclingRules) -> int | None:
    """The number to be called next; ``None`` when the lead is finished."""
    dead = lead.last_outcome is Outcome.UNALLOCATED
    if lead.asked and not rule.counts and rule.then is not Then.DONE:
        return index  # its person asked for this call, and there was none
    if lead.attempts >= min(rule.most, rules.most_attempts) or (rule.then is Then.DONE and not dead):
        return None
    first = index if rule.then is Then.SAME and not dead else index + 1
    return pick_number(replace(lead, next_index=first % len(lead.numbers)), rules)


def _pause_s(number: LeadNumber, rule: Recycle, rules: RecyclingRules) -> int:
    """Before a number that was tried already: the pause of this outcome, or that of its own last one."""
    own = rules.of(number.last_outcome) if number.last_outcome is not None else rule
    return max(spread(one.after_s, one.apart_s) for one in (rule, own))


def _may_be_called(number: LeadNumber, most: int | None) -> bool:
    dead = number.last_outcome is Outcome.UNALLOCATED
    return not (number.blocked or dead or (most is not None and number.attempts >= most))


def _open(lead: Lead, at: int, rules: RecyclingRules) -> LeadProgress:
    """Waiting until ``at``; a personal callback stays one."""
    personal = lead.callback_agent_id is not None
    return LeadProgress(
        lead.id,
        LeadState.CALLBACK if personal else LeadState.DUE,
        at,
        lead.attempts,
        lead.next_index,
        lead.last_outcome,
        lead.callback_agent_id,
        at + rules.personal_for_s * _SECOND if personal else at,
        lead.call_id,
    )


def _finished(lead: Lead, state: LeadState) -> LeadProgress:
    return LeadProgress(lead.id, state, 0, lead.attempts, lead.next_index, lead.last_outcome, call_id=lead.call_id)
