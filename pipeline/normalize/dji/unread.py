"""Sound messages that nobody reads further yet: events of type `unread` with the data as the device sent it."""

import json
from typing import Any

import msgspec

from pipeline.normalize.dji.envelope import Envelope
from pipeline.normalize.dji.secrets import blank_secrets
from pipeline.normalize.limits import check_finite
from pipeline.normalize.outcome import Arrival
from schemas.device import Device
from schemas.event import Event


def raw_json(value: Any) -> msgspec.Raw:
    """A JSON value as raw JSON. Raises ImplausibleValueError for a number beyond a float's range."""
    check_finite(value)
    return msgspec.Raw(json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode())


def unread_event(arrival: Arrival, envelope: Envelope, device: Device, reason: str) -> Event:
    """The event, secrets blanked.

    Raises:
        ImplausibleValueError: `out-of-range:<key>`, a number beyond a float's range.
    """
    return Event(
        type="unread",
        device=device.device,
        account=device.account,
        source_offset=arrival.source_offset,
        observed_at_ms=envelope.observed_at_ms,
        received_at_ms=arrival.message.received_at_ms,
        topic=arrival.message.topic,
        reason=reason,
        method=envelope.method,
        flags=list(envelope.flags),
        data=raw_json(blank_secrets(envelope.data)),
    )
