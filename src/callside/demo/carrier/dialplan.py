"""The carrier's configuration: its trunk to Callside, and a dialplan in which each number behaves."""

from callside.asterisk.modules import CARRIER_MODULES
from callside.asterisk.profile import EngineProfile
from callside.demo.numbers import FAR_SIDES, FarSide

_TRUNK = """
[callside]
type = endpoint
context = carrier-in
aors = callside
disallow = all
allow = ulaw,alaw
direct_media = no
rtp_symmetric = yes
trust_id_inbound = yes
send_pai = no

[callside]
type = aor
contact = sip:127.0.0.1:{port}

[callside]
type = identify
endpoint = callside
match = 127.0.0.1
"""

_HELPERS = """
[carrier-listen]
exten => s,1,Playtones(1000)
 same => n,MixMonitor(heard/tone-${CHANNEL(linkedid)}.wav,Sr(heard/in-${CHANNEL(linkedid)}.wav))
 same => n,Wait(120)
 same => n,Hangup(16)

[carrier-digits]
exten => s,1,Read(DIGIT,,1,,1,120)
 same => n,GotoIf($["${READSTATUS}" != "OK"]?done)
 same => n,Set(DIGITS=${DIGITS}${IF($["${DIGIT}" = ""]?#:${DIGIT})})
 same => n,Set(GLOBAL(LAST_DIGITS)=${DIGITS})
 same => n,Goto(1)
 same => n(done),Hangup(16)
"""


def carrier_profile(callside_sip_port: int) -> EngineProfile:
    """What the carrier's engine is to be; it trusts Callside by its address, as carriers do."""
    numbers = "\n".join(_extension(one) for one in FAR_SIDES)
    callers = "\n".join(_extension(one, f"caller-{one.name}") for one in FAR_SIDES)
    return EngineProfile(
        app_name="carrier",
        extra_modules=(*CARRIER_MODULES, "app_mixmonitor"),
        extra_dialplan=f"{_HELPERS}\n[carrier-in]\n{numbers}\nexten => _[+0-9].,1,Hangup(1)\n\n[carrier-out]\n{callers}\n",
        extra_pjsip=_TRUNK.format(port=callside_sip_port),
    )


def _extension(side: FarSide, name: str | None = None) -> str:
    steps = side.dialplan
    if name is not None:
        # A caller has been answered already: what it does while being rung is left out.
        steps = steps[steps.index("Answer()") + 1 :] if "Answer()" in steps else ("Hangup(16)",)
    first, *rest = steps
    lines = [f"exten => {name or side.number},1,{first}", *(f" same => n,{one}" for one in rest)]
    return "\n".join(lines)
