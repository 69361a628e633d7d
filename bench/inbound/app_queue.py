"""The baseline: Asterisk's own queue, on the same engine build, set up as its documentation would for speed.

Strategy ``leastrecent``, no announcements, no wrap-up, the shortest retry; agents are static members on SIP phones that
answer at once. Its members are called anew for each call, ours have a line that stays up. It keeps its records as it does where
nobody changes anything: ``queue_log`` and one line a call in ``Master.csv``, neither of them synced to disk.
"""

from callside.asterisk.modules import QUEUE_MODULES
from callside.asterisk.profile import EngineProfile

CALLERS = "PJSIP/caller-"

_QUEUES = """
[general]
persistentmembers = no
autofill = yes
monitor-type = MixMonitor
[support]
strategy = leastrecent
autofill = yes
ringinuse = no
timeout = 15
retry = 1
wrapuptime = 0
joinempty = yes
musicclass = default
{announce}
{members}
"""
_ENDPOINT = """
[{name}]
type = endpoint
context = {context}
disallow = all
allow = ulaw
aors = {name}
direct_media = no
[{name}]
type = aor
contact = sip:{name}@127.0.0.1:{port}
"""
_IDENTIFY = """
[caller]
type = identify
endpoint = caller
match = 127.0.0.1:{port}
"""
_LOGGER = """
[general]
queue_log = yes
[logfiles]
messages.log => notice,warning,error
"""
_CDR = """
[general]
enable = yes
[csv]
usegmtime = no
loguniqueid = yes
"""
_DIALPLAN = """
[support]
exten => _[+0-9].,1,Queue(support)
 same => n,Hangup()
"""


def profile(agents: int, caller_port: int, phones_port: int, announce: str = "") -> EngineProfile:
    """An engine that is nothing but a queue with ``agents`` members, who hear the file ``announce`` before a caller, or nothing."""
    members = [f"a{one}" for one in range(agents)]
    endpoints = [_ENDPOINT.format(name="caller", context="support", port=caller_port)]
    endpoints += [_ENDPOINT.format(name=one, context="callside-agent", port=phones_port) for one in members]
    return EngineProfile(
        extra_modules=QUEUE_MODULES,
        extra_dialplan=_DIALPLAN,
        spare_memory=False,
        extra_pjsip="".join(endpoints) + _IDENTIFY.format(port=caller_port),
        extra_files={
            "queues.conf": _QUEUES.format(
                members="\n".join(f"member => PJSIP/{one}" for one in members),
                announce=f"announce = {announce}" if announce else "",
            ),
            "logger.conf": _LOGGER,
            "cdr.conf": _CDR,
        },
    )
