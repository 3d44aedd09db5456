"""What things say besides data: answers to commands, attributes, and topics that are the agent's own business."""

import json

import msgspec

from pipeline.errors import MalformedMessageError, UnsupportedMessageError
from pipeline.normalize.cayenne.things import known_thing
from pipeline.normalize.knowledge import Knowledge
from pipeline.normalize.limits import decode_text, storable_text
from pipeline.normalize.outcome import Arrival, Normalized, Outcome, WhenFlagged
from schemas.device import Device
from schemas.event import Event

#: Why such a message is not read further.
AGENT_INTERNAL = "agent-internal"
CLEARED = "retained-cleared"
COMMAND_SIDE = "command-side"

#: `sys/{name}` and `sys/cpu/{name}`.
ATTRIBUTES = frozenset({"model", "version"})
PROCESSOR_ATTRIBUTES = frozenset({"model", "speed"})


def read_response(arrival: Arrival, knowledge: Knowledge) -> Outcome:
    """`response`: `ok,seq` or `error,seq=message`; an event `response` with `{"ok", "seq", "message"?}`.

    Raises:
        MessageError: `bad-grammar`.
    """
    thing = known_thing(arrival, knowledge)
    if not arrival.message.payload:
        return cleared(arrival, thing)
    text = storable_text(decode_text(arrival.message.payload).strip())
    word, comma, rest = text.partition(",")
    if word == "ok" and rest:
        return _notice(arrival, thing, "response", {"ok": True, "seq": rest})
    seq, _, message = rest.partition("=")
    if word != "error" or not comma or not seq:
        raise MalformedMessageError("bad-grammar", "neither ok,seq nor error,seq=message")
    return _notice(arrival, thing, "response", {"ok": False, "seq": seq, "message": message})


def read_attribute(arrival: Arrival, knowledge: Knowledge) -> Outcome:
    """`sys/{name}`: bare text; an event `attribute` with `{"name", "value"}`."""
    return _read_attribute(arrival, knowledge, arrival.channel, ATTRIBUTES)


def read_processor_attribute(arrival: Arrival, knowledge: Knowledge) -> Outcome:
    """`sys/cpu/{name}`: as `read_attribute`, the name is `cpu/{name}`."""
    names = frozenset(f"cpu/{name}" for name in PROCESSOR_ATTRIBUTES)
    return _read_attribute(arrival, knowledge, f"cpu/{arrival.channel}", names)


def read_command(arrival: Arrival, knowledge: Knowledge) -> Outcome:
    """`cmd/{channel}` and `cmd.json`: what a cloud says to the thing; an observer sees it too."""
    return _unread(arrival, known_thing(arrival, knowledge), COMMAND_SIDE)


def ignore(arrival: Arrival, knowledge: Knowledge) -> Outcome:
    """Topics between the agent and its own cloud: accepted, never read."""
    return _unread(arrival, known_thing(arrival, knowledge), AGENT_INTERNAL)


def cleared(arrival: Arrival, thing: Device) -> Outcome:
    """An empty payload clears a retained message and says nothing."""
    return _unread(arrival, thing, CLEARED)


def _read_attribute(arrival: Arrival, knowledge: Knowledge, name: str, names: frozenset[str]) -> Outcome:
    if name not in names:
        raise UnsupportedMessageError("unknown-topic", "no such attribute")
    thing = known_thing(arrival, knowledge)
    if not arrival.message.payload:
        return cleared(arrival, thing)
    value = storable_text(decode_text(arrival.message.payload))
    return _notice(arrival, thing, "attribute", {"name": name, "value": value})


def _unread(arrival: Arrival, thing: Device, reason: str) -> Outcome:
    text = storable_text(decode_text(arrival.message.payload)) if arrival.message.payload else None
    return _notice(arrival, thing, "unread", None if text is None else {"text": text}, reason)


def _notice(
    arrival: Arrival, thing: Device, event_type: str, data: dict[str, object] | None, reason: str | None = None
) -> Outcome:
    message = arrival.message
    event = Event(
        type=event_type,
        device=thing.device,
        account=thing.account,
        source_offset=arrival.source_offset,
        observed_at_ms=message.received_at_ms,
        received_at_ms=message.received_at_ms,
        topic=message.topic,
        reason=reason,
        data=None if data is None else msgspec.Raw(json.dumps(data, ensure_ascii=False).encode()),
    )
    return Normalized(event=event), WhenFlagged(message.topic, message.payload)
