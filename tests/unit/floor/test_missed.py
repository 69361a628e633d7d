"""Callers who came and went in our absence: one record each, told by when they came."""

from dataclasses import replace

import pytest

from callside.calls.model import Cause, Direction, Party
from callside.calls.rules import arrival_id
from callside.floor import events as ev
from callside.floor.missed import UNAVAILABLE
from callside.floor.missed_events import CallersMissed, MissedCaller
from callside.reception.model import CallerRule, Destination, Menu, Number, Target
from tests.fakes.stage import SUPPORT_NUMBER, TENANT, TRUNK, directory, stage

QUEUE = "279"


def caller(
    floor, leg="callside-1.7", number="+15550100123", ours=SUPPORT_NUMBER, ago_ms=60_000, lasted_ms=20_000, **more
):
    came = floor.now.wall - ago_ms
    return MissedCaller(leg, TRUNK, ours, number, came, came + lasted_ms, **more)


def told(floor, *callers):
    floor.give(CallersMissed(callers))
    return floor.cdrs


def test_a_missed_caller_is_one_call_of_the_queue_that_the_number_leads_to():
    floor = stage()
    missed = caller(floor)
    [cdr] = told(floor, missed)
    assert (cdr.call_id, cdr.tenant_id) == (arrival_id(missed.leg_id, SUPPORT_NUMBER), TENANT)
    assert (cdr.cause, cdr.hung_up_by, cdr.direction) == (Cause.SYSTEM_UNAVAILABLE, Party.CUSTOMER, Direction.INBOUND)
    assert (cdr.customer_number, cdr.our_number, cdr.queue_id) == ("+15550100123", SUPPORT_NUMBER, QUEUE)
    assert (cdr.started_at, cdr.ended_at, cdr.answered_at) == (missed.came_at, missed.went_at, None)
    assert (cdr.wait_ms, cdr.ring_ms, cdr.talk_ms, cdr.hold_ms, cdr.duration_ms) == (20_000, 0, 0, 0, 20_000)
    [fact] = [one for one in floor.facts if one.kind == UNAVAILABLE]
    assert fact.at.wall == missed.came_at
    assert fact.at.mono == floor.now.mono - 60_000
    assert fact.call_id == cdr.call_id


def test_a_missed_caller_in_national_form_is_the_same_customer_and_the_record_keeps_what_was_sent():
    [cdr] = told(floor := stage(), caller(floor, number="5550100123"))
    assert (cdr.customer_number, cdr.sent_number) == ("+15550100123", "5550100123")


def test_nobody_is_offered_a_caller_who_is_gone():
    floor = stage()
    told(floor, caller(floor))
    assert floor.floor.ground.calls == {}
    assert floor.commands == []


def test_one_whom_the_engine_let_go_was_not_ended_by_the_customer():
    floor = stage()
    [cdr] = told(floor, caller(floor, given_up=True))
    assert cdr.hung_up_by is Party.SYSTEM


def test_who_hung_up_before_they_came_to_us_while_we_listened_has_abandoned_the_call():
    floor = stage()
    [cdr] = told(floor, caller(floor, at_once=True, lasted_ms=300))
    assert (cdr.cause, cdr.hung_up_by, cdr.queue_id, cdr.wait_ms) == (Cause.ABANDONED, Party.CUSTOMER, QUEUE, 300)


def test_a_call_that_the_floor_has_is_left_to_it():
    floor = stage()
    leg = floor.call_in("Ada")
    assert told(floor, caller(floor, leg=leg)) == []
    floor.gone(leg)
    assert len(floor.cdrs) == 1


def test_the_same_caller_is_the_same_call_however_it_is_learnt():
    floor = stage()
    leg = floor.call_in("Ada")
    [mine] = floor.floor.ground.calls
    assert mine == arrival_id(leg, SUPPORT_NUMBER)


@pytest.mark.parametrize(
    ("ours", "number", "cause"),
    [
        ("+15550100999", "+15550100123", Cause.UNALLOCATED),
        (SUPPORT_NUMBER, "+15550100666", Cause.REJECTED),
        ("+15550100901", "+15550100123", Cause.SYSTEM_UNAVAILABLE),
    ],
)
def test_who_would_not_have_reached_a_queue_counts_in_none(ours, number, cause):
    block = CallerRule("1", TENANT, "+15550100666", Destination(Target.BLOCK))
    menu = Number("77", TENANT, "+15550100901", Destination(Target.MENU, "9"))
    asks = Menu("9", TENANT, "Choices", "903", (), Destination(Target.MESSAGE))
    set_up = replace(directory(), caller_rules={"1": block}, numbers={"77": menu}, menus={"9": asks})
    floor = stage(set_up=set_up)
    [cdr] = told(floor, caller(floor, ours=ours, number=number))
    assert (cdr.cause, cdr.queue_id) == (cause, None)


def test_times_of_a_clock_that_went_back_do_not_add_up_to_less_than_nothing():
    floor = stage()
    [cdr] = told(floor, caller(floor, lasted_ms=-5_000))
    assert cdr.duration_ms == 0
    assert cdr.ended_at == cdr.started_at


def test_what_a_stranger_calls_themselves_is_kept_without_control_characters():
    floor = stage()
    [cdr] = told(floor, caller(floor, number="+1555\x00\u202e0100123"))
    assert cdr.customer_number == "+15550100123"


def test_who_hung_up_in_the_queue_meanwhile_has_abandoned_a_call_and_is_not_lost_by_the_engine():
    floor = stage()
    leg, other = floor.call_in("Ada"), floor.call_in("Grace", caller="+15550100124")
    floor.give(ev.EngineLost())
    floor.wait(30_000)
    floor.give(ev.EngineFound((), frozenset({leg})))
    causes = {one.customer_number: (one.cause, one.hung_up_by) for one in floor.cdrs}
    assert (Cause.ABANDONED, Party.CUSTOMER) in causes.values()
    assert causes["+15550100124"] == (Cause.ENGINE_LOST, Party.SYSTEM)
    assert other != leg
