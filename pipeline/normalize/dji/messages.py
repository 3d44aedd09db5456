"""DJI's other topics: the envelope is checked, events that ask for it are answered, all stay `unread` for now."""

from typing import Any

from pipeline.errors import MalformedMessageError
from pipeline.normalize.dji.envelope import Envelope, data_object, read_envelope
from pipeline.normalize.dji.replies import acknowledge
from pipeline.normalize.dji.sightings import Sighting, see
from pipeline.normalize.dji.unread import unread_event
from pipeline.normalize.knowledge import Knowledge
from pipeline.normalize.outcome import Arrival, Normalized, Outcome
from pipeline.normalize.times import CLOCK

#: A device said it; nobody reads it yet.
NO_READER = "no-reader"
#: A cloud said it, this one or another; an observer sees the command side too.
COMMAND_SIDE = "command-side"

#: The one event whose data is an array.
ARRAY_METHOD = "airsense_warning"


def read_state(arrival: Arrival, knowledge: Knowledge) -> Outcome:
    """`state`: properties on change, always with data."""
    envelope = _open(arrival, knowledge)
    data_object(envelope)
    return _unread(arrival, envelope, knowledge, NO_READER)


def read_events(arrival: Arrival, knowledge: Knowledge) -> Outcome:
    """`events`: progress, alarms, notices; answered where the device asks for it.

    Raises:
        MessageError: as in `limits` and `envelope`; `bad-type:data`, `bad-type:list` for an alarm list that is none.
    """
    envelope = _open(arrival, knowledge)
    if "data" in envelope.members and not (isinstance(envelope.data, list) and envelope.method == ARRAY_METHOD):
        _check_data(envelope)
    if envelope.method == "hms" and isinstance(envelope.data, dict):
        _check_list(envelope.data)
    outcome, identity = _unread(arrival, envelope, knowledge, NO_READER)
    if not envelope.need_reply:
        return outcome, identity
    reply = acknowledge(arrival, envelope, arrival.message.topic, envelope.method)
    return Normalized(event=outcome.event, replies=[reply], devices=outcome.devices, flags=outcome.flags), identity


def read_upward(arrival: Arrival, knowledge: Knowledge) -> Outcome:
    """`requests`, `services_reply`, `property/set_reply`."""
    envelope = _open(arrival, knowledge)
    _check_data(envelope)
    return _unread(arrival, envelope, knowledge, NO_READER)


def read_downward(arrival: Arrival, knowledge: Knowledge) -> Outcome:
    """`services`, `property/set` and the `_reply` topics of the cloud."""
    envelope = _open(arrival, knowledge)
    _check_data(envelope)
    return _unread(arrival, envelope, knowledge, COMMAND_SIDE)


def read_direct_upward(arrival: Arrival, knowledge: Knowledge) -> Outcome:
    """`drc/up`."""
    return _unread(arrival, _open_direct(arrival, knowledge), knowledge, NO_READER)


def read_direct_downward(arrival: Arrival, knowledge: Knowledge) -> Outcome:
    """`drc/down`."""
    return _unread(arrival, _open_direct(arrival, knowledge), knowledge, COMMAND_SIDE)


def _open(arrival: Arrival, knowledge: Knowledge) -> Envelope:
    message = arrival.message
    return read_envelope(knowledge.json.read(message.payload), message.received_at_ms)


def _open_direct(arrival: Arrival, knowledge: Knowledge) -> Envelope:
    """Direct control has no time stamp by design: arrival counts, and nothing is wrong with the clock."""
    envelope = _open(arrival, knowledge)
    _check_data(envelope)
    if envelope.sent_time is None:
        envelope.flags.remove(CLOCK)
    return envelope


def _check_data(envelope: Envelope) -> None:
    """Data may be absent or null (commands without arguments), else it is an object."""
    if envelope.data is not None and not isinstance(envelope.data, dict):
        raise MalformedMessageError("bad-type:data")


def _check_list(data: dict[str, Any]) -> None:
    if not isinstance(data.get("list", []), list):
        raise MalformedMessageError("bad-type:list")


def _unread(arrival: Arrival, envelope: Envelope, knowledge: Knowledge, reason: str) -> Outcome:
    device, devices = see(Sighting(arrival.device, gateway=envelope.gateway), knowledge)
    event = unread_event(arrival, envelope, device, reason)
    return Normalized(event=event, devices=devices, flags=tuple(envelope.flags)), envelope.identity(
        arrival.message.topic
    )
