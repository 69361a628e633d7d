"""Settings of one instance: the environment (``CALLSIDE_…``) over ``callside.toml`` in its home, over safe defaults.

The only room that reads the environment. Whatever is wrong is told with the key's name, where it was set, and the
remedy.
"""

import ipaddress
import os
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any, Final, Literal
from urllib.parse import urlsplit

import phonenumbers
from pydantic import BaseModel, ConfigDict, Field, SecretStr, ValidationError, field_validator, model_validator

from callside.kernel.errors import CallsideError

PREFIX: Final = "CALLSIDE_"
FILE: Final = "callside.toml"
LOCAL_HOSTS: Final = frozenset({"localhost", "127.0.0.1", "::1"})
_OF_OTHERS: Final = frozenset({"ENGINE_CACHE", "TEST_COMPLETE"})
"""Names with our prefix that are no settings of an instance (the engine's shared cache; the test suite)."""

Network = ipaddress.IPv4Network | ipaddress.IPv6Network
Port = Annotated[int, Field(ge=0, le=65535)]


class SettingsError(CallsideError):
    """A setting cannot be used; the message names the key and the remedy."""

    code = "settings"


class Settings(BaseModel):
    """How this instance runs. Every field is ``CALLSIDE_<FIELD>`` in the environment, ``<field>`` in ``callside.toml``.

    Attributes:
        home: Folder of this instance: database, engine files, logs, run/control.json.
        host: Address the one HTTP port listens on.
        port: The one HTTP port; 0 takes a free one.
        database: ``postgresql://user:password@host/name``; empty for SQLite in ``home``.
        public_url: How browsers reach this instance; empty for ``http(s)://localhost:<port>``.
        tls_cert: PEM file of the certificate with its chain; together with ``tls_key`` it makes the port speak HTTPS.
        tls_key: PEM file of its private key.
        trusted_proxies: Networks whose ``X-Forwarded-…`` headers are believed; none by default.
        ari_url: An Asterisk run by somebody else (``http://host:8088``); empty: our own is started.
        ari_user: Its ARI user.
        ari_password: Its ARI password.
        engine_cache: Folder the downloaded engine is kept in; empty for the user's cache folder.
        engine_http_port: Loopback port of our engine's HTTP server; 0: a free one, chosen once and kept.
        engine_sip_port: Port our engine takes trunk calls and desk phones on; 0: a free one, chosen once and kept.
        engine_rtp_ports: UDP ports of audio, ``first-last``; empty: a free range, chosen once and kept.
        sip_address: Address our engine takes SIP on; empty: all of the machine's, or loopback where ``host`` is too.
        sip_tls_cert: PEM file of a certificate with its chain; together with ``sip_tls_key`` carriers may call our engine over TLS.
        sip_tls_key: PEM file of its private key.
        mix_calls: Mix the two sides of every call in the engine, also where they could be passed on as they are.
        external_address: Public address of a machine behind NAT, told to browsers and carriers; empty for none.
        local_networks: Networks that ``external_address`` is not told to.
        ice_addresses: Only these local addresses or networks are offered to browsers; empty for all.
        stun_server: ``host`` or ``host:port``; empty for none.
        log_level: Least level that is logged.
        log_format: ``console`` for people, ``json`` for collectors, ``auto``: console on a terminal, else JSON.
        piper_voices: Folder of models of the voice piper (``MODEL.onnx`` with ``MODEL.onnx.json``); empty: espeak-ng speaks.
        piper: Piper's program; empty: ``piper`` in the path.
        region: ISO 3166 code new tenants start with (how numbers without a country code are read).
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    home: Path
    host: str = "127.0.0.1"
    port: Port = 8080
    database: SecretStr = SecretStr("")
    public_url: str = ""
    tls_cert: Path | None = None
    tls_key: Path | None = None
    trusted_proxies: tuple[Network, ...] = ()
    ari_url: str = ""
    ari_user: str = "callside"
    ari_password: SecretStr = SecretStr("")
    engine_cache: Path | None = None
    engine_http_port: Port = 0
    engine_sip_port: Port = 0
    engine_rtp_ports: Annotated[str, Field(pattern=r"^([0-9]{2,5}-[0-9]{2,5})?$")] = ""
    sip_address: str = ""
    sip_tls_cert: Path | None = None
    sip_tls_key: Path | None = None
    mix_calls: bool = False
    external_address: str = ""
    local_networks: tuple[Network, ...] = ()
    ice_addresses: tuple[Network, ...] = ()
    stun_server: Annotated[str, Field(pattern=r"^[A-Za-z0-9.:-]*$")] = ""
    log_level: Literal["debug", "info", "warning", "error"] = "info"
    log_format: Literal["auto", "console", "json"] = "auto"
    piper_voices: Path | None = None
    piper: Path | None = None
    region: str = "US"

    @field_validator(
        *("home", "tls_cert", "tls_key", "sip_tls_cert", "sip_tls_key", "engine_cache", "piper_voices", "piper"),
        mode="before",
    )
    @classmethod
    def _path(cls, value: object) -> object:
        return None if value == "" else Path(value).expanduser().absolute() if isinstance(value, str | Path) else value

    @field_validator("trusted_proxies", "local_networks", "ice_addresses", mode="before")
    @classmethod
    def _networks(cls, value: object) -> object:
        parts = value.replace(",", " ").split() if isinstance(value, str) else value
        return tuple(parts) if isinstance(parts, list) else parts

    @field_validator("public_url", "ari_url")
    @classmethod
    def _url(cls, value: str) -> str:
        if not value:
            return value
        parts = urlsplit(value)
        if parts.scheme not in {"http", "https"} or not parts.hostname or parts.query or parts.fragment:
            raise ValueError("write it like https://phone.example.com")
        return value.rstrip("/")

    @field_validator("database")
    @classmethod
    def _database(cls, value: SecretStr) -> SecretStr:
        scheme = value.get_secret_value().partition(":")[0].partition("+")[0]
        if scheme not in {"", "sqlite", "postgresql", "postgres"}:
            raise ValueError("write it like postgresql://user:password@host/name, or leave it empty for SQLite")
        return value

    @field_validator("external_address", "sip_address")
    @classmethod
    def _address(cls, value: str) -> str:
        if value:
            try:
                ipaddress.ip_address(value)
            except ValueError:
                raise ValueError("write an IP address, e.g. 203.0.113.10") from None
        return value

    @field_validator("region")
    @classmethod
    def _region(cls, value: str) -> str:
        code = value.strip().upper()
        if code not in phonenumbers.SUPPORTED_REGIONS:
            raise ValueError("write an ISO 3166 code of two letters, e.g. US or IN")
        return code

    @model_validator(mode="after")
    def _pairs(self) -> "Settings":
        if (self.tls_cert is None) != (self.tls_key is None):
            raise ValueError("tls_cert and tls_key: set both (HTTPS) or none (plain HTTP)")
        if (self.sip_tls_cert is None) != (self.sip_tls_key is None):
            raise ValueError("sip_tls_cert and sip_tls_key: set both (carriers may call in over TLS) or none")
        first, last = self.rtp_range
        if last < first or last > 65535:
            raise ValueError("engine_rtp_ports: write the first and the last, e.g. 10000-10999, or leave it empty")
        if self.ari_url and not self.ari_password.get_secret_value():
            raise ValueError("ari_password: an external engine (ari_url) needs its ARI password")
        return self

    @property
    def database_url(self) -> str:
        """Where all is kept; carries a password with PostgreSQL: never log it."""
        return self.database.get_secret_value() or f"sqlite:///{self.home / 'callside.db'}"

    @property
    def rtp_range(self) -> tuple[int, int]:
        """First and last port of audio; zeros where a free range is to be chosen."""
        first, _, last = self.engine_rtp_ports.partition("-")
        return (int(first), int(last)) if last else (0, 0)

    @property
    def has_tls(self) -> bool:
        """The port speaks HTTPS itself."""
        return self.tls_cert is not None

    @property
    def base_url(self) -> str:
        """How browsers reach this instance."""
        if self.public_url:
            return self.public_url
        return f"{'https' if self.has_tls else 'http'}://localhost:{self.port}"

    @property
    def voicemail_folder(self) -> Path:
        """Where what callers said to voicemails lies."""
        return (self.home / "voicemail").resolve()

    @property
    def prompts_folder(self) -> Path:
        """Where tenants' prompts lie; our engine reads them there, somebody else's must see them by the same path."""
        return (self.home / "prompts").resolve()

    @property
    def imports_folder(self) -> Path:
        """Where files of leads wait to be brought in, and their reports stay."""
        return (self.home / "imports").resolve()

    @property
    def control_file(self) -> Path:
        """Where a running server tells the command line how to reach it."""
        return self.home / "run" / "control.json"


def default_home(environment: Mapping[str, str] | None = None) -> Path:
    """``CALLSIDE_HOME``, else ``$XDG_DATA_HOME/callside``, else ``~/.callside``."""
    around = os.environ if environment is None else environment
    if home := around.get(f"{PREFIX}HOME"):
        return Path(home).expanduser().absolute()
    if data := around.get("XDG_DATA_HOME"):
        return Path(data) / "callside"
    return Path.home() / ".callside"


def load(environment: Mapping[str, str] | None = None, **overrides: object) -> Settings:
    """Read the settings of this instance.

    Args:
        environment: Instead of the process's own (tests).
        overrides: Win over everything (options of the command line); ``None`` counts as not given.

    Raises:
        SettingsError: A key is unknown or its value cannot be used.
    """
    around = os.environ if environment is None else environment
    given = {key: value for key, value in overrides.items() if value is not None}
    home = Path(str(given.get("home") or default_home(around))).expanduser().absolute()
    origin: dict[str, str] = {}
    values: dict[str, Any] = {"home": home}
    for key, value in _from_file(home / FILE).items():
        values[key], origin[key] = value, f"{key} in {home / FILE}"
    for key, text in _from_environment(around).items():
        values[key], origin[key] = text, f"{PREFIX}{key.upper()}"
    values.update(given, home=home)
    try:
        return Settings.model_validate(values)
    except ValidationError as wrong:
        raise SettingsError(_explain(wrong, origin)) from None


def unknown_variables(environment: Mapping[str, str] | None = None) -> list[str]:
    """Variables that look like ours and are no settings: most likely misspelt."""
    around = os.environ if environment is None else environment
    known = {*(name.upper() for name in Settings.model_fields), *_OF_OTHERS}
    ours = (name for name in around if name.startswith(PREFIX))
    return sorted(name for name in ours if name.removeprefix(PREFIX) not in known)


def _from_environment(environment: Mapping[str, str]) -> dict[str, str]:
    named = ((key, environment.get(PREFIX + key.upper())) for key in Settings.model_fields if key != "home")
    return {key: text for key, text in named if text is not None}


def _from_file(path: Path) -> dict[str, Any]:
    try:
        with path.open("rb") as stream:
            return tomllib.load(stream)
    except FileNotFoundError:
        return {}
    except (OSError, tomllib.TOMLDecodeError) as wrong:
        raise SettingsError(f"{path} cannot be read: {wrong}") from None


def _explain(wrong: ValidationError, origin: Mapping[str, str]) -> str:
    """One line for each wrong key. The value itself is not repeated: it may be a secret."""
    lines = []
    for error in wrong.errors(include_url=False, include_input=False, include_context=False):
        key = str(error["loc"][0]) if error["loc"] else ""
        reason = error["msg"].removeprefix("Value error, ")
        if error["type"] == "extra_forbidden":
            reason = f"no such setting; known are {', '.join(sorted(Settings.model_fields))}"
        lines.append(f"{origin.get(key, key)}: {reason}" if key else reason)
    return "; ".join(lines)
