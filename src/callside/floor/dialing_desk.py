"""What the floor knows of each campaign that dials: its pacer, the leads at hand, the lines that are out."""

from collections import OrderedDict, deque
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import Final

from callside.dialer.laws.abandonment import Tally
from callside.dialer.laws.ledger import LedgerEntry, Outcome
from callside.dialer.laws.line_rules import NumberHistory
from callside.dialer.laws.model import Profile, Violation
from callside.dialer.laws.sampling import MachineSample, Samples
from callside.dialer.laws.windows import CallingBook
from callside.dialer.leads.model import Lead
from callside.dialer.pacing.keeping import CampaignMemory
from callside.dialer.pacing.model import AgentMode
from callside.dialer.pacing.pacer import Pacer
from callside.kernel.ids import AgentId, CallId, CampaignId, LeadId, LeadListId, SessionId, TrunkId

_NOTHING: Final = NumberHistory()
_MOST_HISTORIES: Final = 100_000
"""Many times what is at hand and under way; a month of dialling must not be remembered for ever."""
BLOCKED_FOR_MS: Final = 300_000


class Halt(StrEnum):
    """Why a running campaign dials nothing just now."""

    NO_PROFILE = "no_profile"
    """Its jurisdiction profile is not there."""
    NO_TRUNK = "no_trunk"
    FORBIDDEN = "forbidden"
    """It could not be started as it stands now; see ``Desk.broken``."""
    NO_AGENTS = "no_agents"
    """None of its agents is there any more."""
    NO_LISTS = "no_lists"
    """No enabled list of leads feeds it any more."""
    NOT_YET = "not_yet"
    ENDED = "ended"
    TRUNK_DOWN = "trunk_down"
    NO_LEADS = "no_leads"
    """No lead may be called now; see ``Desk.dry_until``."""


@dataclass(frozen=True, slots=True)
class LeadAtHand:
    """A lead that was fetched, and what is known of its numbers (by number)."""

    lead: Lead
    fetched: int
    """Mono ms."""


@dataclass(frozen=True, slots=True)
class Grounds:
    """What a campaign stands on that only the store knows.

    Attributes:
        scrubbed_at: When its numbers were last held against a register, wall ms; ``None``: never.
        lists: Enabled lists of leads that feed it.
        tokens: Until when the own scrub tokens of those lists hold, wall ms, of lists that have one.
    """

    scrubbed_at: int | None
    lists: int
    tokens: Mapping[LeadListId, int] = field(default_factory=dict)


@dataclass(slots=True, eq=False)
class Desk:
    """One campaign's place on the floor.

    Attributes:
        pacer: ``None`` where agents call at their own pace.
        book: The jurisdiction's windows with the campaign's hours.
        hopper: Leads that anybody may be given, in order.
        personal: Callbacks that wait for their own agent.
        asked: A fetch of leads is under way.
        outdated: What the fetch under way brings was read before something changed.
        begun: Leads begun since it was asked for: what it brings of them is old.
        over: Numbers whose calls have ended since then: what it brings of those is old, too.
        is_dry: The last fetch brought nothing, and nothing is at hand.
        dry_until: No use asking for leads before (mono ms).
        lines: Calls not yet with an agent and not over.
        answered: Persons who wait for an agent, in order.
        idle: Agents who can be given a call, longest idle first once sorted.
        told: What the pacer was told of each session: mode, and whether they are leaving.
        turn: Calls so far; caller ids go round by it.
        machines: Calls taken for machines so far; every so many-th is a sample.
        broken: Rules that forbid it to run as it stands now.
        checked_until: When they have to be looked at again though nothing has changed (wall ms).
        launched: When the calls of the last minute were launched (mono ms).
        kept: When what pacing has learnt was put on record last (mono ms); ``None``: not by this process.
    """

    campaign_id: CampaignId
    pacer: Pacer | None = None
    book: CallingBook | None = None
    hopper: deque[LeadAtHand] = field(default_factory=deque)
    personal: dict[AgentId, deque[LeadAtHand]] = field(default_factory=dict)
    asked: bool = False
    outdated: bool = False
    begun: set[LeadId] = field(default_factory=set)
    over: set[str] = field(default_factory=set)
    is_dry: bool = False
    dry_until: int = 0
    lines: dict[CallId, None] = field(default_factory=dict)
    answered: dict[CallId, None] = field(default_factory=dict)
    idle: dict[SessionId, int] = field(default_factory=dict)
    told: dict[SessionId, tuple[AgentMode, bool]] = field(default_factory=dict)
    turn: int = 0
    machines: int = 0
    launched: deque[int] = field(default_factory=deque)
    kept: int | None = None
    halt: Halt | None = None
    broken: tuple[Violation, ...] = ()
    checked_until: int = 0

    def drop_stale(self, before: int) -> None:
        """Let go of leads that were fetched before (mono ms): somebody may have changed them."""
        self.hopper = deque(one for one in self.hopper if one.fetched >= before)
        fresh = {who: deque(one for one in own if one.fetched >= before) for who, own in self.personal.items()}
        self.personal = {who: own for who, own in fresh.items() if own}

    def by_idleness(self) -> list[SessionId]:
        """Idle agents, longest first."""
        return sorted(self.idle, key=lambda one: (self.idle[one], one))

    def forget_leads(self) -> None:
        """They may be old: the next fetch brings what holds now."""
        self.hopper.clear()
        self.personal.clear()
        self.dry_until = 0
        self.outdated = self.asked

    def forget(self, lead_id: LeadId) -> None:
        """The lead is not at hand any more: somebody has it."""
        self.hopper = deque(one for one in self.hopper if one.lead.id != lead_id)
        for own in self.personal.values():
            for one in [one for one in own if one.lead.id == lead_id]:
                own.remove(one)


@dataclass(frozen=True, slots=True)
class FailedTry:
    """A call that did not even ring: its lead while it was being called, and which of its numbers that was."""

    lead: Lead
    index: int
    campaign_id: CampaignId


@dataclass(slots=True)
class TrunkHealth:
    """Whether calls get out on a trunk.

    Attributes:
        failures: In a row without a ring.
        until: Nothing is tried before (mono ms).
        tries: Of those failures the ones that count as attempts as long as nobody knows that it was the trunk.
    """

    failures: int = 0
    until: int = 0
    tries: list[FailedTry] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class DaySoFar:
    """A campaign's ledger since midnight. ``began``: its first answer (wall ms); ``None`` where there was none yet."""

    connected: int = 0
    abandoned: int = 0
    began: int | None = None


class Dialing:
    """All that dials on one tenant's floor."""

    def __init__(self) -> None:
        self.desks: dict[CampaignId, Desk] = {}
        self.due: set[CampaignId] = set()
        """Campaigns to look at before the step ends."""
        self.stirred: set[SessionId] = set()
        """Sessions whose agents pacing may have to hear of."""
        self.day = 0
        """The day (UTC, since 1970) for which the desks were set up."""
        self.leads: dict[LeadId, Lead] = {}
        """Under way or shown to an agent."""
        self.busy_numbers: dict[str, CallId] = {}
        """Numbers in a call that we made: no second one is made to them."""
        self._blocked: dict[tuple[CampaignId | None, str], int] = {}
        """Numbers that must not be called, for a campaign or for all, and how long that is remembered at least (mono ms)."""
        self.histories: OrderedDict[str, NumberHistory] = OrderedDict()
        """What is known of numbers at hand: from the store when they were fetched, and what happened since."""
        self.tallies: dict[CampaignId, Tally] = {}
        """Each campaign's abandonment, in its profile's window."""
        self.began: dict[CampaignId, int] = {}
        """When campaigns without a tally were first asked about; what was answered before is in the ledger alone (wall ms)."""
        self.asked_past: dict[CampaignId, tuple[int, int]] = {}
        """What is being read of the ledger; see ``Outcome.lacking``."""
        self.samples: dict[CampaignId, Samples] = {}
        """What agents said of calls that were taken for machines."""
        self.ledger_today: dict[CampaignId, DaySoFar] = {}
        """Of the process before us."""
        self.learnt: dict[CampaignId, CampaignMemory] = {}
        """What pacing had learnt, of the process before us."""
        self.trunks: dict[TrunkId, TrunkHealth] = {}
        self.grounds: dict[CampaignId, Grounds] = {}
        """What is known of each campaign that runs; of one that is not in it nothing is, and nothing is held against it."""

    def desk(self, campaign_id: CampaignId | None) -> Desk | None:
        """The campaign's, if it dials."""
        return self.desks.get(campaign_id) if campaign_id is not None else None

    def trunk(self, trunk_id: TrunkId) -> TrunkHealth:
        """How the trunk does."""
        return self.trunks.setdefault(trunk_id, TrunkHealth())

    def block(self, numbers: Iterable[str], now: int, campaign_id: CampaignId | None = None) -> None:
        """These must not be called (mono ms), by this campaign or by any.

        Kept for as long as a lead from before may be at hand, or is under way or on a screen; then the lists say it.
        """
        if self._blocked:
            held = numbers_of(self)
            self._blocked = {key: until for key, until in self._blocked.items() if until > now or key[1] in held}
        self._blocked.update(dict.fromkeys(((campaign_id, one) for one in numbers), now + BLOCKED_FOR_MS))

    def is_blocked(self, number: str, campaign_id: CampaignId | None) -> bool:
        """Whether the number asked lately not to be called, or was known to have when its lead was fetched."""
        known = self._blocked
        return bool(known) and ((None, number) in known or (campaign_id, number) in known)

    def learn(
        self, campaign_id: CampaignId, histories: Mapping[str, NumberHistory], now: int, over: Collection[str] = ()
    ) -> None:
        """What the store knows of numbers that a campaign may call. What happened since it was asked goes before.

        ``over``: numbers whose calls have ended since.
        """
        opted_out = [number for number, known in histories.items() if known.opted_out]
        self.block(opted_out, now, campaign_id)
        for number, known in histories.items():
            before = self.histories.get(number)
            # Whom one campaign must not call another may: that is remembered by campaign.
            anybodys = replace(known, opted_out=False) if known.opted_out else known
            self.histories.pop(number, None)
            self.histories[number] = anybodys if before is None else _later(before, anybodys, is_over=number in over)
        while len(self.histories) > _MOST_HISTORIES:
            # Read longest ago: of whoever comes up again it is read again.
            self.histories.popitem(last=False)

    def keep_histories(self, numbers: Collection[str]) -> None:
        """Forget what is known of all others."""
        kept = ((number, known) for number, known in self.histories.items() if number in numbers)
        self.histories = OrderedDict(kept)

    def history(self, number: str) -> NumberHistory:
        """What is known of the number."""
        return self.histories.get(number, _NOTHING)

    def tally(self, campaign_id: CampaignId, profile: Profile) -> Tally:
        """The campaign's abandonment so far; under another profile what was counted stays, as the ledger does."""
        found = self.tallies.get(campaign_id)
        if found is None:
            samples, since = self.samples_of(campaign_id), self.began.get(campaign_id, 0)
            found = self.tallies[campaign_id] = Tally(profile, samples=samples, since=since)
        elif found.profile.key != profile.key:
            found = self.tallies[campaign_id] = found.under(profile)
        return found

    def samples_of(self, campaign_id: CampaignId) -> Samples:
        """The campaign's, whatever its profile is."""
        return self.samples.setdefault(campaign_id, Samples())

    def recount(
        self,
        campaign_id: CampaignId,
        profile: Profile,
        entries: Sequence[LedgerEntry],
        midnight: int,
        samples: Iterable[MachineSample] = (),
        since: int = 0,
    ) -> None:
        """Begin with what the ledger has since ``since``: of the window, and since midnight (wall ms); and with the samples."""
        known = self.samples[campaign_id] = Samples(samples)
        self.tallies[campaign_id] = Tally(profile, entries=entries, samples=known, since=since)
        today = [one for one in entries if one.answered.answered_at >= midnight]
        outcomes = [one.outcome for one in today]
        began = min((one.answered.answered_at for one in today), default=None)
        self.ledger_today[campaign_id] = DaySoFar(
            outcomes.count(Outcome.CONNECTED), outcomes.count(Outcome.ABANDONED), began
        )

    def at_hand(self) -> Iterable[LeadAtHand]:
        """Every lead in a hopper."""
        for desk in self.desks.values():
            yield from desk.hopper
            for own in desk.personal.values():
                yield from own


def _later(before: NumberHistory, known: NumberHistory, *, is_over: bool) -> NumberHistory:
    """What was read of a number, and what has happened to it while it was read."""
    if before.last_abandoned_at is None and before.last_machine_at is None and not is_over:
        return known
    return replace(
        known,
        last_abandoned_at=max(before.last_abandoned_at or 0, known.last_abandoned_at or 0) or None,
        last_machine_at=max(before.last_machine_at or 0, known.last_machine_at or 0) or None,
        attempts_today=max(before.attempts_today, known.attempts_today) if is_over else known.attempts_today,
        attempts_week=max(before.attempts_week, known.attempts_week) if is_over else known.attempts_week,
    )


def numbers_of(dialing: Dialing) -> set[str]:
    """All numbers of leads that are under way or on a screen, and those in a call that we made."""
    return {number.number for lead in dialing.leads.values() for number in lead.numbers} | dialing.busy_numbers.keys()
