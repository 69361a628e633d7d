"""The form and the sheet of a trunk."""

from typing import Annotated, Literal

from pydantic import Field, SecretStr

from callside.calls.model import RegistrationState, SipTransport
from callside.exchange.administration.fields import Host, HostAndPort, Name, Network, Realm, Secret, SipText
from callside.exchange.administration.forms import Form, Sheet


class TrunkForm(Form):
    """A new trunk to a carrier."""

    name: Name = Field(examples=["Carrier"])
    host: Host = Field(examples=["sip.carrier.example"])
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


class RegistrationSheet(Sheet):
    """How our registration with the carrier is."""

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
    registration: RegistrationSheet
