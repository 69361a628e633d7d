"""The abandonment rate: a pure function of the ledger, and a counter that says the same without reading it again."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Final
from zoneinfo import ZoneInfo

from callside.dialer.laws.ledger import LedgerEntry, Outcome
from callside.dialer.laws.model import AbandonmentRule, MeasuredSpan, Profile, Span
from callside.dialer.laws.sampling import NOTHING_SAMPLED, Sampled, Samples
from callside.kernel.ids import CallId

BUCKET_MS: Final = 15 * 60 * 1000
"""Windows begin at a quarter of an hour: every zone's midnight does, and a counter need not keep each call."""
HOUR_MS: Final = 60 * 60 * 1000


@dataclass(frozen=True, slots=True)
class Counts:
    """Answered calls by outcome."""

    connected: int = 0
    abandoned: int = 0
    machine: int = 0
    left: int = 0

    def plus(self, outcome: Outcome, by: int = 1) -> "Counts":
        """One more of an outcome."""
        return replace(self, **{outcome.value: getattr(self, outcome.value) + by})

    def and_all(self, other: "Counts") -> "Counts":
        """With those."""
        return Counts(
            self.connected + other.connected,
            self.abandoned + other.abandoned,
            self.machine + other.machine,
            self.left + other.left,
        )

    def minus(self, other: "Counts") -> "Counts":
        """Without those."""
        return Counts(
            self.connected - other.connected,
            self.abandoned - other.abandoned,
            self.machine - other.machine,
            self.left - other.left,
        )


@dataclass(frozen=True, slots=True)
class AbandonmentReport:
    """The rate of one window.

    Attributes:
        start: First instant of the window, ms since 1970, UTC.
        end: The instant it is told for.
        counts: What is in it.
        false_positive_rate: Share of "machine" verdicts taken for abandoned persons.
        measured: Whether that share was measured; else it is the profile's assumption.
        sampled: What samples of "machine" verdicts have shown, enough of them or not.
        rate: 0 to 1; 0 where the denominator is.
        target: Highest rate the profile allows.
        formula: How ``rate`` was worked out.
        profile: Id and version.
    """

    start: int
    end: int
    counts: Counts
    false_positive_rate: float
    measured: bool
    rate: float
    target: float
    formula: str
    profile: str
    sampled: Sampled = NOTHING_SAMPLED

    @property
    def over(self) -> bool:
        """The rate is higher than allowed."""
        return self.rate > self.target


def window_start(window: MeasuredSpan, wall_ms: int) -> int:
    """The first instant of the window that ``wall_ms`` is in: a quarter of an hour's begin, ms since 1970, UTC.

    A rolling window holds the present quarter and those before it, together never longer than its hours.
    """
    if window.kind is Span.ROLLING:
        return wall_ms // BUCKET_MS * BUCKET_MS - window.hours * HOUR_MS + BUCKET_MS
    local = datetime.fromtimestamp(wall_ms / 1000, UTC).astimezone(ZoneInfo(window.zone))
    first = local.replace(hour=0, minute=0, second=0, microsecond=0, fold=0)
    if window.kind is Span.CALENDAR_MONTH:
        first = first.replace(day=1)
    return int(first.timestamp()) * 1000 // BUCKET_MS * BUCKET_MS


def report(
    entries: Iterable[LedgerEntry],
    profile: Profile,
    window: MeasuredSpan,
    wall_ms: int,
    amd_false_positive_rate: float | None = None,
    *,
    opted_in: bool = False,
    sampled: Sampled = NOTHING_SAMPLED,
) -> AbandonmentReport:
    """The abandonment rate of a campaign's ledger.

    Args:
        entries: The campaign's; those outside of the window count for nothing.
        profile: Whose formula and target.
        window: The law's (``profile.abandonment.window``), or a day for the board.
        wall_ms: The instant it is told for.
        amd_false_positive_rate: Persons among "machine" verdicts, 0 to 1; ``None``: what ``sampled`` says, or, where that is too
            little, the profile's assumption.
        opted_in: The campaign was opted in to predictive dialling.
        sampled: What samples of the campaign's "machine" verdicts have shown.
    """
    start = window_start(window, wall_ms)
    found = Counter(one.outcome.value for one in entries if start <= one.answered.answered_at <= wall_ms)
    counts = Counts(**found)
    return told(counts, profile, start, wall_ms, amd_false_positive_rate, opted_in=opted_in, sampled=sampled)


def told(
    counts: Counts,
    profile: Profile,
    start: int,
    end: int,
    false_positive_rate: float | None,
    *,
    opted_in: bool = False,
    sampled: Sampled = NOTHING_SAMPLED,
) -> AbandonmentReport:
    """The report on what has been counted already."""
    rule = profile.abandonment
    known = sampled.rate if false_positive_rate is None else false_positive_rate
    share = rule.assumed_false_positive_rate if known is None else min(1.0, max(0.0, known))
    return AbandonmentReport(
        start=start,
        end=end,
        counts=counts,
        false_positive_rate=share,
        measured=known is not None,
        rate=rate_of(counts, rule, share),
        target=rule.opted_in_target if opted_in else rule.target,
        formula=formula_of(rule),
        profile=profile.key,
        sampled=sampled,
    )


def rate_of(counts: Counts, rule: AbandonmentRule, false_positive_rate: float) -> float:
    """The rate by the rule's formula; machines found can only raise it, where the rule leaves machines out."""
    mistaken = counts.machine * false_positive_rate
    top = counts.abandoned + mistaken
    bottom = counts.connected + counts.abandoned + (counts.machine if rule.machines_counted else mistaken)
    bottom += counts.left if rule.left_counted else 0
    return top / bottom if bottom else 0.0


def formula_of(rule: AbandonmentRule) -> str:
    """The formula in words, for whoever reads a rate; ``f`` is the false-positive rate."""
    machines = "machine" if rule.machines_counted else "f·machine"
    left = " + left" if rule.left_counted else ""
    return f"(abandoned + f·machine) / (connected + abandoned + {machines}{left})"


class Tally:
    """Counts of one campaign's window, kept as calls are answered: an entry costs the same whatever the window holds.

    It is rebuilt from the ledger by adding every entry of it, in any order, and then says what :func:`report` says. Of a window
    that reaches back beyond what was counted here it says what is :meth:`lacking`, and takes it by :meth:`recall`.

    Attributes:
        profile: Whose formula.
        window: The period.
        samples: Of the campaign's "machine" verdicts; they outlive the window and the profile.
    """

    def __init__(
        self,
        profile: Profile,
        window: MeasuredSpan | None = None,
        entries: Iterable[LedgerEntry] = (),
        samples: Samples | None = None,
        since: int = 0,
    ) -> None:
        """``since`` (wall ms): what was answered before is in the ledger alone; 0: nothing is."""
        self.profile = profile
        self.samples = samples if samples is not None else Samples()
        self.window = window or profile.abandonment.window
        self._buckets: dict[int, Counts] = {}
        self._sum = Counts()
        self._start = 0
        self._since = since
        self._late: set[CallId] = set()
        """Of calls that were answered before ``_since`` and were over after it: counted here, and in the ledger."""
        for entry in entries:
            self.add(entry)

    def add(self, entry: LedgerEntry) -> None:
        """Count an entry; one from before the window is as good as forgotten."""
        if entry.answered.answered_at < self._since:
            self._late.add(entry.call_id)
        self._count(entry)

    def lacking(self, wall_ms: int) -> tuple[int, int] | None:
        """From when to before when (wall ms) calls of the window are in the ledger alone; ``None``: none are."""
        start = window_start(self.window, wall_ms)
        return (start, self._since) if start < self._since else None

    def recall(self, entries: Iterable[LedgerEntry], since: int) -> None:
        """What was lacking: all that the ledger has from ``since`` on. What is counted here already counts once."""
        for entry in entries:
            if entry.answered.answered_at < self._since and entry.call_id not in self._late:
                self._count(entry)
        self._since = min(self._since, since)

    def _count(self, entry: LedgerEntry) -> None:
        bucket = entry.answered.answered_at // BUCKET_MS * BUCKET_MS
        self._buckets[bucket] = self._buckets.get(bucket, Counts()).plus(entry.outcome)
        if bucket >= self._start:
            self._sum = self._sum.plus(entry.outcome)

    def under(self, profile: Profile) -> "Tally":
        """The same calls by another profile's formula and window; of a longer one a part may be :meth:`lacking`."""
        other = Tally(profile, samples=self.samples, since=self._since)
        other._buckets, other._late = dict(self._buckets), set(self._late)
        for counts in self._buckets.values():
            other._sum = other._sum.and_all(counts)
        return other

    def counts(self, wall_ms: int) -> Counts:
        """What is in the window at ``wall_ms``.

        Buckets that the window has left behind are let go of: after the machine's clock was set back, rebuild from the ledger.
        """
        start = window_start(self.window, wall_ms)
        if start > self._start:
            for bucket in [one for one in self._buckets if one < start]:
                gone = self._buckets.pop(bucket)
                if bucket >= self._start:
                    self._sum = self._sum.minus(gone)
            self._start = start
        if start > self._since:
            self._since = start
            self._late.clear()
        return self._sum

    def report(
        self, wall_ms: int, amd_false_positive_rate: float | None = None, *, opted_in: bool = False
    ) -> AbandonmentReport:
        """As :func:`report` of all entries added, in constant time but for the quarters that have run out."""
        counts = self.counts(wall_ms)
        start = window_start(self.window, wall_ms)
        sampled = self.samples.at(wall_ms)
        return told(counts, self.profile, start, wall_ms, amd_false_positive_rate, opted_in=opted_in, sampled=sampled)
