"""What an engine's command line and log say of registrations, as Asterisk 22.10.1 wrote it."""

import dataclasses

import pytest

from callside.asterisk.registrations import Registrations
from callside.calls.model import RegistrationState, Trunk
from callside.floor.directory import Directory
from callside.kernel.errors import EngineUnavailableError
from callside.tenants.model import Tenant

TRUNK = Trunk("11", "1012", "Carrier", "192.0.2.7", username="us", secret="password", registers=True)
_HEAD = """
 <Registration/ServerURI..............................>  <Auth....................>  <Status.......>
==========================================================================================

"""
_ROW = " trunk-1012-11/sip:192.0.2.7:5060                        trunk-1012-11               {}\n"
_SAID = (
    "[2026-11-27 13:05:06.628] WARNING[11866] res_pjsip_outbound_registration.c: {} "
    "'sip:192.0.2.7:5060' on registration attempt to 'sip:us@192.0.2.7:5060', retrying in '20'"
)


class Said:
    """A console that prints what was recorded."""

    def __init__(self, table: str, *newest: str) -> None:
        self.table, self.newest = table, list(newest)

    async def ask(self, command: str) -> str:
        assert command == "pjsip show registrations"
        if not self.table:
            raise EngineUnavailableError("gone")
        return self.table

    def newest_log(self) -> list[str]:
        return self.newest


async def seen(console: Said, trunk: Trunk = TRUNK):
    registrations = Registrations({"1012": Directory(Tenant("1012", "T"), trunks={trunk.id: trunk})}, console)
    await registrations.look(console)
    return registrations.of("1012").get(trunk.id)


@pytest.mark.parametrize(
    ("row", "said", "state", "reason"),
    [
        ("Registered        (exp. 48s)", (), RegistrationState.REGISTERED, ""),
        ("Unregistered      (exp. 4s)", (), RegistrationState.TRYING, ""),
        (
            "Rejected          (exp. 7s)",
            ("Temporal response '401' received from",),
            RegistrationState.REFUSED,
            "401 Una",
        ),
        (
            "Rejected          (exp. 7s)",
            ("'404' fatal response received from",),
            RegistrationState.REFUSED,
            "404 Not F",
        ),
        ("Rejected", ("403 Forbidden fatal response received from",), RegistrationState.REFUSED, "403 Forbidden: "),
        ("Rejected          (exp. 7s)", ("Temporal response '699' received from",), RegistrationState.REFUSED, "699"),
        ("Rejected          (exp. 7s)", ("No response received from",), RegistrationState.UNREACHABLE, "no answer"),
        (
            "Rejected          (exp. 7s)",
            ("Temporal response '408' received from",),
            RegistrationState.UNREACHABLE,
            "no ans",
        ),
        ("Rejected          (exp. 7s)", (), RegistrationState.REFUSED, "the engine's log"),
    ],
)
async def test_the_state_and_what_the_carrier_said(row, said, state, reason):
    found = await seen(Said(_HEAD + _ROW.format(row), *map(_SAID.format, said)))
    assert found.state is state
    assert found.reason.startswith(reason)


async def test_the_newest_word_of_the_carrier_counts_and_another_trunks_does_not():
    theirs = _SAID.format("Temporal response '403' received from").replace("us@", "them@")
    newest = (theirs, *(_SAID.format(f"Temporal response '{code}' received from") for code in ("503", "401")))
    found = await seen(Said(_HEAD + _ROW.format("Rejected (exp. 7s)"), *newest))
    assert found.reason.startswith("503 ")


async def test_what_a_caller_wrote_into_the_log_is_not_taken_for_the_carriers_word():
    forged = "[2026-11-27 13:05:06.628] NOTICE[1] x.c: " + _SAID.format("Temporal response '403' received from")
    found = await seen(Said(_HEAD + _ROW.format("Rejected (exp. 7s)"), forged))
    assert "403" not in found.reason


async def test_a_trunk_the_engine_does_not_know_is_unknown_and_one_that_does_not_register_is_not_asked_for():
    assert (await seen(Said(_HEAD))).state is RegistrationState.UNKNOWN
    assert await seen(Said(""), dataclasses.replace(TRUNK, registers=False)) is None


async def test_when_the_renewal_is_overdue_no_time_is_told():
    assert (await seen(Said(_HEAD + _ROW.format("Registered (exp. 3s ago)")))).expires_s is None


PBX = Trunk("12", "1012", "PBX", "", registers_with_us=True)
_CONTACTS = """
  Contact:  <Aor/ContactUri..............................> <Hash....> <Status> <RTT(ms)..>
==========================================================================================

  Contact:  ext-1012-183/sip:desk@127.0.0.1:20102          8f2a0c11d4 NonQual         nan
  Contact:  trunk-1012-11/sip:192.0.2.7:5060               1d0c33aa10 NonQual         nan
  Contact:  trunk-1012-12/sip:pbx@198.51.100.9:5060;ob      8e5d1f0a33 {}         3.210

Objects found: 3
"""


class Contacts(Said):
    async def ask(self, command):
        assert command == "pjsip show contacts"
        return self.table


@pytest.mark.parametrize(
    ("table", "state", "reason"),
    [
        (_CONTACTS.format("Avail  "), RegistrationState.REGISTERED, ""),
        (_CONTACTS.format("NonQual"), RegistrationState.REGISTERED, ""),
        (_CONTACTS.format("Unavail"), RegistrationState.UNREACHABLE, "it has registered and does not answer"),
        ("\nNo objects found.\n\n", RegistrationState.AWAITED, "the far side has not registered"),
    ],
)
async def test_a_far_side_that_registers_with_us_is_seen_by_its_contact(table, state, reason):
    now = await seen(Contacts(table), PBX)
    assert now.state is state
    assert now.reason.startswith(reason)
