"""May this campaign be started under this profile? Each rule that forbids it, in a sentence that says what to do."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime

from callside.dialer.laws.caller_ids import check_caller_id
from callside.dialer.laws.model import Mode, Profile, Purpose, Said, Violation
from callside.kernel.zones import DAY_MS


@dataclass(frozen=True, slots=True)
class CampaignTerms:
    """What a profile has to know of a campaign.

    Attributes:
        ring_s: How long a customer's phone rings before it is given up.
        caller_ids: E.164 numbers shown to customers.
        abandon_target: The rate it aims at, 0 to 1; asked for with ``PREDICTIVE`` alone.
        safe_message: There is a message for a person for whom no agent is free.
        message_says: What somebody who has heard that message confirms it says.
        officer: The person who answers for predictive dialling; empty: nobody.
        opt_in: Predictive dialling was asked for expressly.
        amd: Answering machines are detected.
        autodialer_notified_at: When the carrier was told of the automatic dialler (ms since 1970, UTC).
        dnc_scrubbed_at: When its lists were last held against the register.
        token_expires_at: Until when its leads' scrub token holds; ``None``: they have none.
        attempts_per_day: How often one number is dialled on a day at most; ``None``: it has no limit.
        attempts_per_week: The same for seven days.
        regulated: The calls are made for a bank, a broker, an insurer or a pension fund.
    """

    mode: Mode
    purpose: Purpose
    ring_s: int
    caller_ids: tuple[str, ...] = ()
    abandon_target: float = 0.0
    safe_message: bool = False
    message_says: frozenset[Said] = frozenset()
    officer: str = ""
    opt_in: bool = False
    amd: bool = False
    autodialer_notified_at: int | None = None
    dnc_scrubbed_at: int | None = None
    token_expires_at: int | None = None
    attempts_per_day: int | None = None
    attempts_per_week: int | None = None
    regulated: bool = False


def check_campaign(profile: Profile, terms: CampaignTerms, wall_ms: int) -> list[Violation]:
    """Everything that keeps a campaign from being started now; empty: it may be.

    Args:
        profile: The rules.
        terms: The campaign.
        wall_ms: Now, ms since 1970, UTC.
    """
    found = [*_profile_itself(profile, wall_ms), *_mode(profile, terms, wall_ms), *_ring(profile, terms)]
    found += [*_message(profile, terms), *_caller_ids(profile, terms), *_scrub(profile, terms, wall_ms)]
    return [*found, *_attempts(profile, terms)]


def _profile_itself(profile: Profile, wall_ms: int) -> Iterator[Violation]:
    today = datetime.fromtimestamp(wall_ms / 1000, UTC).date()
    if not profile.in_force(today):
        text = f"profile: {profile.key} is not in force on {today}; choose the version that is"
        yield Violation("profile.effective", "profile", text)
    known = profile.windows.holidays_until
    if known and today > date.fromisoformat(known):
        text = f"profile: {profile.key} knows holidays until {known} only; choose a newer version"
        yield Violation("windows.holidays_until", "profile", text)


def _mode(profile: Profile, terms: CampaignTerms, wall_ms: int) -> Iterator[Violation]:
    rule = profile.modes
    if terms.mode not in rule.allowed:
        text = f"mode: {profile.title} does not allow {terms.mode}; choose one of {', '.join(sorted(rule.allowed))}"
        yield Violation("modes.allowed", "mode", text)
    if terms.mode is not Mode.PREDICTIVE:
        return
    if rule.predictive_opt_in and not terms.opt_in:
        text = f"opt_in: predictive dialling under {profile.title} has to be asked for expressly; do so, or choose PROGRESSIVE"
        yield Violation("modes.predictive_opt_in", "opt_in", text)
    if rule.predictive_officer and not terms.officer.strip():
        text = (
            f"officer: name the person who answers for predictive dialling under {profile.title}, or choose PROGRESSIVE"
        )
        yield Violation("modes.predictive_officer", "officer", text)
    notified = terms.autodialer_notified_at
    if rule.predictive_notice and (notified is None or notified > wall_ms):
        text = "autodialer_notified_at: notify the carrier of the dialler first and put down the date, or choose PROGRESSIVE"
        yield Violation("modes.predictive_notice", "autodialer_notified_at", text, notified)
    limit = profile.abandonment.opted_in_target if terms.opt_in else profile.abandonment.target
    if terms.abandon_target > limit:
        text = f"abandon_target: {terms.abandon_target:.2%} is more than the {limit:.2%} of {profile.title}; lower it"
        yield Violation("abandonment.target", "abandon_target", text)


def _ring(profile: Profile, terms: CampaignTerms) -> Iterator[Violation]:
    if terms.ring_s < profile.min_ring_s:
        text = f"ring_s: a phone has to ring {profile.min_ring_s} s or longer under {profile.title}, not {terms.ring_s}; raise it"
        yield Violation("ring.min_s", "ring_s", text)


def _message(profile: Profile, terms: CampaignTerms) -> Iterator[Violation]:
    """Progressive needs the message too: its agent may lose the line while the phone rings."""
    rule = profile.safe_message
    if not rule.required or terms.mode in {Mode.MANUAL, Mode.PREVIEW}:
        return
    if not terms.safe_message:
        text = "safe_message: choose the message that people hear for whom no agent is free"
        yield Violation("safe_message.required", "safe_message", text)
        return
    missing = sorted(rule.must_say - terms.message_says)
    if missing:
        text = (
            f"message_says: under {profile.title} the message has to say: {', '.join(missing)}; listen to it, record it anew "
            "where it does not, and confirm what it says"
        )
        yield Violation("safe_message.must_say", "message_says", text)


def _caller_ids(profile: Profile, terms: CampaignTerms) -> Iterator[Violation]:
    if profile.caller_id.required and not terms.caller_ids:
        text = f"caller_ids: under {profile.title} people have to see a number that they can call back; add one"
        yield Violation("caller_id.required", "caller_ids", text)
    for number in terms.caller_ids:
        found = check_caller_id(profile, number, terms.purpose, regulated=terms.regulated)
        if found is not None:
            yield found


def _scrub(profile: Profile, terms: CampaignTerms, wall_ms: int) -> Iterator[Violation]:
    rule, at = profile.scrub, terms.dnc_scrubbed_at
    if rule.max_age_d is not None and (at is None or at > wall_ms or wall_ms - at > rule.max_age_d * DAY_MS):
        text = f"dnc_scrubbed_at: hold the lists against the {rule.register} again; a scrub is good for {rule.max_age_d} days"
        yield Violation("scrub.max_age_d", "dnc_scrubbed_at", text)
    if rule.token and (terms.token_expires_at is None or wall_ms >= terms.token_expires_at):
        what = "there is no token" if terms.token_expires_at is None else "the token has expired"
        text = (
            f"scrub_token: {what} of the {rule.register}; have the leads scrubbed and put down the token and its date"
        )
        yield Violation("scrub.token", "scrub_token", text)


def _attempts(profile: Profile, terms: CampaignTerms) -> Iterator[Violation]:
    rule = profile.attempts
    pairs: Sequence[tuple[str, int | None, int | None]] = (
        ("per_day", rule.per_day, terms.attempts_per_day),
        ("per_week", rule.per_week, terms.attempts_per_week),
    )
    for name, most, asked in pairs:
        if most is not None and asked is not None and asked > most:
            text = f"attempts_{name}: {profile.title} allows {most} for one number, not {asked}; lower it"
            yield Violation(f"attempts.{name}", f"attempts_{name}", text)
