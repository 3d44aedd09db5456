"""The `commands` topic: what is to be published to devices. JSON of `Command`; key = gateway or thing id.

Written by normalize (protocol replies), later by api, evaluate and schedule; read by egress.
"""

import msgspec


class Command(msgspec.Struct, frozen=True, omit_defaults=True):
    """One MQTT message to publish with QoS 1. `expires_at_ms`: not published any more after it (epoch milliseconds)."""

    topic: str
    payload: str
    expires_at_ms: int
    source_offset: int = -1


ENCODER = msgspec.json.Encoder()
DECODER = msgspec.json.Decoder(Command)
