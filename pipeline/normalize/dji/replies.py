"""The protocol's answers: result 0 with the request's `tid`, `bid` and `method`, on the topic's `_reply` twin.

Without the answer to `update_topo` an aircraft never publishes; an unanswered event is sent again.
"""

import json

from pipeline.normalize.dji.envelope import Envelope
from pipeline.normalize.outcome import Arrival
from schemas.command import Command

#: A device waits a second or so; an answer that is later than this is of no use to it.
LIFETIME_MS = 5_000


def acknowledge(arrival: Arrival, envelope: Envelope, topic: str, method: str | None) -> Command:
    """The answer "result 0" to a message, for `topic` + `_reply`."""
    received_at_ms = arrival.message.received_at_ms
    repeated = {"tid": envelope.tid, "bid": envelope.bid, "method": method}
    reply = {name: text for name, text in repeated.items() if text is not None}
    payload = {**reply, "timestamp": received_at_ms, "data": {"result": 0}}
    return Command(
        topic=f"{topic}_reply",
        payload=json.dumps(payload, ensure_ascii=False, separators=(",", ":")),
        expires_at_ms=received_at_ms + LIFETIME_MS,
        source_offset=arrival.source_offset,
    )
