"""Sessions: opened, taken over, away, over."""

from callside.agents.machine import ON_A_CALL, AgentState
from callside.calls.model import Party
from callside.floor.announcing import hear_what_holds_now
from callside.floor.dialing_answer import agent_vanished as line_agent_vanished
from callside.floor.dialing_setup import set_up
from callside.floor.directory import Directory
from callside.floor.events import EndSession, OpenSession
from callside.floor.ground import Ground
from callside.floor.inbound import give_back
from callside.floor.lines import absent, raise_line
from callside.floor.live import LiveSession
from callside.floor.queueing import AWAY, replace_all
from callside.floor.ringing import ring_by_what_holds_now
from callside.floor.standing import stand_anew
from callside.floor.states import check_presence, close
from callside.floor.talk import release_customer
from callside.floor.timers import TimerKind
from callside.kernel.errors import ConflictError
from callside.kernel.ids import AgentId, CampaignId, QueueId
from callside.sessions.model import EndCause, LoginSession, LoginType


def open_session(ground: Ground, event: OpenSession) -> None:
    """A login. The agent's older session ends, unless a customer is bound to it."""
    wanted = event.session
    older_id = ground.session_of_agent.get(wanted.agent_id)
    if older_id is not None:
        older = ground.sessions[older_id]
        if older.state in ON_A_CALL:
            agent = ground.directory.agents[wanted.agent_id]
            msg = (
                f"AgentUsername: {agent.username} is on a call in another session; "
                'end that call first, or end that session with endSession and "Force": "true"'
            )
            raise ConflictError(msg, field="AgentUsername")
        end_now(ground, older, EndCause.TAKEN_OVER)
    session = _begin(ground, wanted, event.extension_endpoint)
    if session.extension_id is not None and ground.engine_up:
        raise_line(ground, session, None)


def _begin(ground: Ground, wanted: LoginSession, extension_endpoint: str | None) -> LiveSession:
    session = LiveSession(
        id=wanted.id,
        agent_id=wanted.agent_id,
        login_type=wanted.login_type,
        queue_ids=_queues(ground, wanted),
        campaign_id=CampaignId(wanted.assignment_id or "") if wanted.login_type is not LoginType.AUTO else None,
        extension_id=wanted.extension_id,
        opened=ground.now,
        state=AgentState.CONNECTING,
        since=ground.now,
        idle_since=ground.now,
        endpoint=extension_endpoint,
        all_queues=wanted.login_type is LoginType.AUTO and wanted.assignment_id is None,
    )
    ground.sessions[session.id] = session
    ground.session_of_agent[session.agent_id] = session.id
    ground.crew.log_in(session.id, session.queue_ids)
    ground.timers.set(TimerKind.TICKET, session.id, ground.now.mono + ground.policy.ticket_ms)
    ground.timers.set(TimerKind.ABSOLUTE, session.id, ground.now.mono + ground.policy.absolute_ms)
    ground.record.opened += (wanted,)
    ground.fact("session.opened", session, login_type=wanted.login_type, assignment_id=wanted.assignment_id)
    ground.touch(session)
    return session


def _queues(ground: Ground, wanted: LoginSession) -> tuple[QueueId, ...]:
    if wanted.login_type is not LoginType.AUTO:
        return _blended(ground.directory, wanted.agent_id, CampaignId(wanted.assignment_id or ""))
    if wanted.assignment_id is not None:
        return (QueueId(wanted.assignment_id),)
    return tuple(queue.id for queue in ground.directory.queues_of(wanted.agent_id))


def _blended(directory: Directory, agent_id: AgentId, campaign_id: CampaignId) -> tuple[QueueId, ...]:
    """Queues whose calls an agent of a campaign gets as well."""
    campaign = directory.campaigns.get(campaign_id)
    if campaign is None or not campaign.blend_queues:
        return ()
    return tuple(queue.id for queue in directory.queues_of(agent_id))


def end_session(ground: Ground, event: EndSession) -> None:
    """Log out: now, or after the call."""
    session = ground.session(event.session_id)
    if event.force:
        end_now(ground, session, EndCause.FORCED if event.cause is EndCause.LOGOUT else event.cause)
    else:
        end_softly(ground, session, event.cause)


def end_softly(ground: Ground, session: LiveSession, cause: EndCause) -> None:
    """Never cuts a call: expiry, logout and withdrawal take effect after it."""
    if session.state not in ON_A_CALL:
        end_now(ground, session, cause)
        return
    # An end for the page's absence is taken back when it returns: any other goes before it.
    if session.pending_end is None or (session.pending_end is EndCause.IDLE and cause is not EndCause.IDLE):
        session.pending_end = cause
        ground.fact("session.end_requested", session, ground.call_of(session), cause=cause)
        ground.touch(session)


def end_now(ground: Ground, session: LiveSession, cause: EndCause) -> None:
    """Whatever the agent does: an offered call goes back to its place, a running one is hung up and the session follows it."""
    call = ground.call_of(session)
    if call is None:
        close(ground, session, cause)
        return
    if call.dialled and call.answered is None:
        session.pending_end = cause
        line_agent_vanished(ground, call, session)
        return
    if session.state in {AgentState.RINGING, AgentState.RESERVED}:
        give_back(ground, call, session, "agent_logged_out")
        close(ground, session, cause)
        return
    session.pending_end = cause
    release_customer(ground, call, Party.AGENT, None)
    ground.touch(session)


def phone_changed(ground: Ground, session: LiveSession, *, connected: bool) -> None:
    """The page came or went."""
    if session.phone_connected == connected:
        return
    session.phone_connected = connected
    session.phone_since = ground.now
    ground.fact("phone.connected" if connected else "phone.disconnected", session)
    if connected:
        session.phone_seen = True
        ground.timers.cancel(TimerKind.TICKET, session.id)
        ground.timers.cancel(TimerKind.IDLE, session.id)
        if session.pending_end is EndCause.IDLE:
            session.pending_end = None
        check_presence(ground, session)
    else:
        ground.timers.set(TimerKind.IDLE, session.id, ground.now.mono + ground.policy.idle_ms)
        absent(ground, session)
    ground.touch(session)


def directory_changed(ground: Ground, directory: Directory) -> None:
    """Administration changed something: sessions that have lost their ground end, queues are taken anew."""
    before, ground.directory = ground.directory, directory
    set_up(ground)
    keep_assigned(ground)
    hear_what_holds_now(ground, before)
    replace_all(ground)
    ring_by_what_holds_now(ground)


def keep_assigned(ground: Ground) -> None:
    """Sessions that have lost their ground end, the others have the queues that are theirs now."""
    directory = ground.directory
    for session in list(ground.sessions.values()):
        agent = directory.agents.get(session.agent_id)
        if agent is None or not agent.enabled or not _still_assigned(directory, session):
            end_softly(ground, session, EndCause.REVOKED)
        else:
            _take_queues(ground, session)
        ground.out.changed.add(session.id)
        if session.state is AgentState.READY and session.id in ground.sessions:
            stand_anew(ground, session)


def _take_queues(ground: Ground, session: LiveSession) -> None:
    """The queues of who has chosen none: all of the agent's, as they are assigned now."""
    if session.campaign_id is not None:
        queue_ids = _blended(ground.directory, session.agent_id, session.campaign_id)
    elif session.all_queues:
        queue_ids = tuple(queue.id for queue in ground.directory.queues_of(session.agent_id))
    else:
        return
    if queue_ids != session.queue_ids:
        session.queue_ids = queue_ids
        ground.crew.log_in(session.id, queue_ids)
        ground.crew.serves(session.id, serves=session.state not in AWAY)
        ground.touch(session)


def _still_assigned(directory: Directory, session: LiveSession) -> bool:
    if session.campaign_id is not None:
        campaign = directory.campaigns.get(session.campaign_id)
        # It may be dialled another way now: nobody who dials by hand is given customers unasked.
        if campaign is None or campaign.login_type is not session.login_type:
            return False
        return session.agent_id in campaign.agents
    if session.all_queues:
        return True
    return all(
        one in directory.queues and session.agent_id in directory.queues[one].agents for one in session.queue_ids
    )
