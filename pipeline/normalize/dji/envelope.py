"""The envelope around every DJI message: `tid`, `bid`, `timestamp`, `gateway`, `method`, `need_reply`, `seq`, `data`.

Devices omit, misspell (`timestamp:`) and fill in placeholders; nothing of that costs a message.
"""

import re
from typing import Any

import msgspec

from pipeline.errors import MalformedMessageError
from pipeline.normalize.times import observed_at

#: Of a gateway as devices write it into messages; `dock_sn` and the like stand in examples that some send unchanged.
_GATEWAY = re.compile(r"[A-Za-z0-9-]{6,64}")


class Envelope(msgspec.Struct, frozen=True):
    """A message's envelope. `data` is None when absent or null; `gateway` None when absent or a placeholder."""

    members: dict[str, Any]
    tid: str | None
    bid: str | None
    method: str | None
    gateway: str | None
    observed_at_ms: int
    sent_time: Any
    need_reply: bool
    data: Any
    flags: list[str]

    def identity(self, topic: str) -> tuple[object, ...] | None:
        """What tells this message from another; None without a time stamp, when nothing does."""
        if self.sent_time is None or isinstance(self.sent_time, dict | list):
            return None
        seq = self.members.get("seq")
        tid = self.tid if self.tid is not None or not isinstance(seq, int) else seq
        return (topic, tid, self.bid, self.method, self.sent_time)


def read_envelope(value: Any, received_at_ms: int) -> Envelope:
    """The envelope of a JSON value.

    Raises:
        MalformedMessageError: `not-object`.
    """
    if not isinstance(value, dict):
        raise MalformedMessageError("not-object")
    sent_time = value.get("timestamp", value.get("timestamp:"))
    flags: list[str] = []
    return Envelope(
        members=value,
        tid=_text(value.get("tid")),
        bid=_text(value.get("bid")),
        method=_text(value.get("method")) or None,
        gateway=plausible_gateway(value.get("gateway")),
        observed_at_ms=observed_at(sent_time, received_at_ms, flags),
        sent_time=sent_time,
        need_reply=value.get("need_reply") in (1, "1", "true"),
        data=value.get("data"),
        flags=flags,
    )


def plausible_gateway(value: Any) -> str | None:
    """The gateway's serial number, None for placeholders and anything else."""
    return value if isinstance(value, str) and _GATEWAY.fullmatch(value) else None


def data_object(envelope: Envelope) -> dict[str, Any]:
    """The `data` object.

    Raises:
        MalformedMessageError: `missing-data`, `bad-type:data`.
    """
    if "data" not in envelope.members:
        raise MalformedMessageError("missing-data")
    if not isinstance(envelope.data, dict):
        raise MalformedMessageError("bad-type:data")
    return envelope.data


def _text(value: Any) -> str | None:
    return value if isinstance(value, str) else None
