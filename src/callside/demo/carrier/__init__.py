"""The demo carrier: a second Asterisk with its own configuration, reached over a real SIP trunk on loopback."""

from callside.demo.carrier.dialplan import carrier_profile
from callside.demo.carrier.exchange import Carrier

__all__ = ["Carrier", "carrier_profile"]
