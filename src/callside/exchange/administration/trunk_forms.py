"""The form and the sheet of a trunk."""

from typing import Annotated, Literal

from pydantic import Field, SecretStr

from callside.calls.model import RegistrationState, SipTransport
from callside.exchange.administration.fields import Host, HostAndPort, Name, Network, Realm, Secret, SipText
from callside.exchange.administration.forms import Form, Sheet


class TrunkForm(Form):
    """A new trunk to a carrier."""

    name: Name = Field(examples=["Carrier"])
    host: Host = Field(
        default="", validate_default=False, examples=["sip.carrier.example"],
        description="The carrier's host or address; left out where the far side registers with us.",
    )  # fmt: skip
    port: Annotated[int, Field(ge=1, le=65_535)] | None = Field(
        default=None, description="The carrier's SIP port; 5060 by default, 5061 with TLS."
    )
    transport: Literal["udp", "tcp", "tls"] = Field(
        default="udp", description="What SIP is carried by. With TLS the carrier's certificate is checked."
    )
    username: SipText = Field(default="", description="For the carrier's digest authentication (SHA-256 or MD5).")
    secret: Secret = Field(
        default=SecretStr(""), description="Never shown again.", json_schema_extra={"writeOnly": True}
    )
    realm: Realm = Field(default="", description="The only realm that is answered; empty: whichever the carrier names.")
    registers: bool = Field(default=False, description="Register with the carrier, which then sends calls to us.")
    registrar: HostAndPort = Field(
        default="", examples=["registrar.carrier.example:5060"], description="Where to register; empty: host and port."
    )
    expiry_s: int = Field(default=300, ge=20, le=86_400, description="How long a registration is asked for.")
    addresses: Annotated[list[Network], Field(max_length=100)] = Field(
        default=[], examples=[["192.0.2.0/24"]], description="More addresses or networks that its calls come from."
    )
    caller_id: Annotated[str, Field(max_length=40)] = Field(
        default="", examples=["+15550100123"], description="Number shown to customers unless a campaign has its own."
    )

    registers_with_us: bool = Field(
        default=False,
        description="The far side (a PBX, a carrier) registers with us instead, with a user and a password that is shown once; its "
        "calls are taken by that alone, from wherever they come. It stays so.",
    )


class TrunkPatchForm(TrunkForm):
    """A change of a trunk."""

    renew_password: bool = Field(
        default=False,
        description="Where the far side registers with us: make a new password; the old one is dead at once.",
    )


class RegistrationSheet(Sheet):
    """How our registration with the carrier is, or the far side's with us."""

    state: RegistrationState
    reason: str = Field(examples=["401 Unauthorized: check username, secret and realm"])
    expires_s: int | None = Field(description="Seconds until it is renewed or tried again.")


class TrunkSheet(Sheet):
    """A trunk."""

    id: str = Field(examples=["3"])
    name: str = Field(examples=["Carrier"])
    host: str = Field(examples=["sip.carrier.example"])
    port: int
    transport: SipTransport
    username: str
    has_secret: bool
    realm: str
    registers: bool
    registrar: str
    expiry_s: int
    addresses: list[str]
    caller_id: str
    registers_with_us: bool
    sip_user: str = Field(
        examples=["trunk-1011-3"], description="As whom the far side registers; empty where it does not."
    )
    sip_realm: str = Field(examples=["callside"])
    registration: RegistrationSheet


class TrunkIssued(TrunkSheet):
    """A trunk just written; `sip_password` only if it was made now."""

    sip_password: str | None = Field(default=None, description="The far side's. Shown this one time.")
