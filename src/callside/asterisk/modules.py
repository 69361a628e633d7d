"""The allow-list: which Asterisk modules are loaded, and nothing else (``autoload=no``).

Every module that is not here is attack surface or work at start that Callside has no use for;
of the twenty advisories of 22.10.1 most were in modules absent from this list (engine.md §3).
"""

from collections.abc import Iterable
from pathlib import Path
from typing import Final

_FOUNDATION: Final = (
    "res_sorcery_config",
    "res_sorcery_memory",
    "res_sorcery_astdb",
    "res_timing_timerfd",
    "res_crypto",
    "res_security_log",
    "res_musiconhold",
    "res_http_websocket",
    "pbx_config",
)
_ARI: Final = (
    "res_stasis",
    "res_stasis_answer",
    "res_stasis_playback",
    "res_stasis_recording",
    "res_stasis_snoop",
    "app_stasis",
    "res_ari",
    "res_ari_model",
    "res_ari_applications",
    "res_ari_asterisk",
    "res_ari_bridges",
    "res_ari_channels",
    "res_ari_endpoints",
    "res_ari_events",
    "res_ari_playbacks",
    "res_ari_recordings",
    "res_ari_sounds",
)
_SIP: Final = (
    "res_pjproject",
    "res_pjsip",
    "res_pjsip_pubsub",  # chan_pjsip asks for it; nothing that could be subscribed to is loaded
    "res_pjsip_session",
    "res_pjsip_sdp_rtp",
    "res_pjsip_authenticator_digest",
    "res_pjsip_outbound_authenticator_digest",
    "res_pjsip_endpoint_identifier_user",
    "res_pjsip_endpoint_identifier_ip",
    "res_pjsip_registrar",
    "res_pjsip_outbound_registration",
    "res_pjsip_transport_websocket",
    "res_pjsip_acl",
    "res_pjsip_caller_id",
    "res_pjsip_diversion",
    "res_pjsip_dtmf_info",
    "res_pjsip_empty_info",
    "res_pjsip_header_funcs",
    "res_pjsip_logger",
    "res_pjsip_nat",
    "res_pjsip_rfc3326",
    "chan_pjsip",
)
_MEDIA: Final = (
    "res_rtp_asterisk",
    "res_srtp",
    "res_rtp_multicast",  # chan_rtp is linked to it
    "res_format_attr_opus",
    "chan_bridge_media",
    "chan_rtp",
    "bridge_softmix",
    "bridge_holding",
    "codec_ulaw",
    "codec_alaw",
    "codec_a_mu",
    "codec_g722",
    "codec_resample",
    "format_wav",
    "format_pcm",
    "format_sln",
)
_DIALPLAN: Final = (
    "app_playback",
    "app_echo",
    "app_record",
    "app_amd",
    "app_waitforsilence",
    "func_callerid",
    "func_channel",
    "func_db",
    "func_global",
    "func_hangupcause",
    "func_jitterbuffer",
    "func_logic",
    "func_math",
    "func_strings",
    "func_talkdetect",
    "func_timeout",
    "func_volume",
)

REQUIRED_MODULES: Final = _FOUNDATION + _ARI + _SIP + _MEDIA + _DIALPLAN
"""Without any one of these an Asterisk cannot do what Callside needs."""

OPTIONAL_MODULES: Final = (
    # For bridges that pass on (line_bridges.py): the first does it, the other is what such a bridge is while one side is there
    # alone. Without them everything is mixed.
    "bridge_native_rtp",
    "bridge_simple",
    "res_websocket_client",  # 22.5+: res_ari asks for it when it is built in
    "res_stasis_broadcast",  # 22.10+: claiming of broadcast calls
    "app_stasis_broadcast",
    "codec_opus_open_source",  # Debian's opus
    "codec_opus",  # the vendor's opus
)
"""Loaded where the build has them."""

CARRIER_MODULES: Final = (
    "app_dial",
    "app_milliwatt",
    "app_playtones",
    "app_read",
    "app_senddtmf",
    "app_sendtext",
    "app_stack",
    "app_verbose",
    "app_while",
    "func_cut",
    "func_rand",
    "func_sprintf",
)
"""Extra modules for the demo carrier's dialplan."""

QUEUE_MODULES: Final = ("app_queue", "cdr_csv")
"""Extra modules for the benchmark's baseline; they want a queues.conf and a cdr.conf."""

FORBIDDEN_MODULES: Final = frozenset(
    {
        "app_system",
        "chan_iax2",
        "chan_motif",
        "chan_unistim",
        "func_curl",
        "func_shell",
        "pbx_dundi",
        "res_phoneprov",
        "res_pjsip_endpoint_identifier_anonymous",
        "res_pjsip_mwi",
        "res_snmp",
        "res_xmpp",
    }
)
"""Refused even as an extra: each is a way in (engine.md §3)."""


def present_modules(folder: Path) -> frozenset[str]:
    """Return the names of the modules whose files lie in ``folder``."""
    return frozenset(path.stem for path in folder.glob("*.so"))


def missing_modules(present: Iterable[str]) -> list[str]:
    """Return the required modules that are not among ``present``, in the list's order."""
    have = frozenset(present)
    return [name for name in REQUIRED_MODULES if name not in have]


def modules_to_load(present: Iterable[str], extra: Iterable[str] = ()) -> tuple[str, ...]:
    """Return what modules.conf loads: required, optional where present, then ``extra``.

    Raises:
        ValueError: ``extra`` names a module that is forbidden or that this build does not have.
    """
    have = frozenset(present)
    asked = tuple(dict.fromkeys(extra))
    refused = [name for name in asked if name in FORBIDDEN_MODULES or name not in have]
    if refused:
        raise ValueError(f"extra_modules: cannot load {', '.join(refused)} (forbidden or not built)")
    optional = tuple(name for name in OPTIONAL_MODULES if name in have)
    return tuple(dict.fromkeys((*REQUIRED_MODULES, *optional, *asked)))
