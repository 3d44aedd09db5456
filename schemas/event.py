"""The `events` topic: what happened, as against what was measured.

JSON of `Event`; key = device id; partition = the raw record's. A message that is valid but that nobody reads yet
becomes an event of type `unread` with the reason, so that nothing is dropped in silence.
"""

import msgspec


class Event(msgspec.Struct, frozen=True, omit_defaults=True):
    """One event.

    `type` is a short closed word (`topology`, `unread`, ...), `reason` says more, `data` is the message's own.
    """

    type: str
    device: str
    account: int
    source_offset: int
    observed_at_ms: int
    received_at_ms: int
    topic: str
    reason: str | None = None
    method: str | None = None
    flags: list[str] = []
    data: msgspec.Raw | None = None


ENCODER = msgspec.json.Encoder()
DECODER = msgspec.json.Decoder(Event)
