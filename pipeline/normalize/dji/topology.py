"""`sys/product/{gateway}/status`, method `update_topo`: a gateway, and the aircraft under it or none.

The event `topology` says what the message says without its secrets; both devices become known; the answer goes out.
"""

from typing import Any

from pipeline.errors import MalformedMessageError
from pipeline.normalize.dji.envelope import Envelope, data_object, read_envelope
from pipeline.normalize.dji.messages import NO_READER
from pipeline.normalize.dji.products import kind_of, model_of
from pipeline.normalize.dji.replies import acknowledge
from pipeline.normalize.dji.sightings import Sighting, see
from pipeline.normalize.dji.unread import raw_json, unread_event
from pipeline.normalize.knowledge import Knowledge
from pipeline.normalize.outcome import Arrival, Normalized, Outcome
from pipeline.normalize.routing import is_serial
from schemas.device import Device
from schemas.event import Event

METHOD = "update_topo"


def read_status(arrival: Arrival, knowledge: Knowledge) -> Outcome:
    """The topology event, the devices and the answer; an `unread` event for any other method.

    Raises:
        MessageError: as in `limits` and `envelope`; `bad-type:sub_devices`.
    """
    message = arrival.message
    envelope = read_envelope(knowledge.json.read(message.payload), message.received_at_ms)
    identity = envelope.identity(message.topic)
    if envelope.method not in {None, METHOD}:
        gateway, devices = see(Sighting(arrival.device), knowledge)
        event = unread_event(arrival, envelope, gateway, NO_READER)
        return Normalized(event=event, devices=devices, flags=tuple(envelope.flags)), identity
    data = data_object(envelope)
    subs = _sub_devices(data)
    gateway, devices = see(_gateway(arrival.device, data), knowledge, certain=True)
    entries = []
    for sub in subs:
        if not (isinstance(sub, dict) and is_serial(sub.get("sn"))):
            envelope.flags.append("bad-field:sub_devices")
            continue
        device, news = _see_sub_device(_sub_device(sub, gateway), gateway, knowledge)
        devices = [*devices, *news]
        entries.append(_entry(device, sub))
    event = _event(arrival, envelope, gateway, entries)
    # The manual misprints the topic as thing/product/...; devices listen where they should.
    reply = acknowledge(arrival, envelope, f"sys/product/{arrival.device}/status", METHOD)
    return Normalized(event=event, replies=[reply], devices=devices, flags=tuple(envelope.flags)), identity


def _sub_devices(data: dict[str, Any]) -> list[Any]:
    subs = data.get("sub_devices")
    if subs is None:
        return []
    if not isinstance(subs, list):
        raise MalformedMessageError("bad-type:sub_devices")
    return subs


def _gateway(serial: str, data: dict[str, Any]) -> Sighting:
    domain = data.get("domain")
    return Sighting(serial, kind_of(domain), model_of(domain, data.get("type"), data.get("sub_type")))


def _sub_device(sub: dict[str, Any], gateway: Device) -> Sighting:
    # The old form names no domain; what flies under a gateway is an aircraft.
    domain = sub.get("domain", "0")
    model = model_of(domain, sub.get("type"), sub.get("sub_type"))
    return Sighting(sub["sn"], kind_of(domain), model, gateway.device)


def _see_sub_device(sighting: Sighting, gateway: Device, knowledge: Knowledge) -> tuple[Device, list[Device]]:
    if knowledge.registry.get(sighting.device) is None:
        # The gateway itself may be new with this message, so its account is given, not looked up.
        new = Device(sighting.device, gateway.account, "dji", sighting.kind, sighting.model, gateway=gateway.device)
        return new, [new]
    return see(sighting, knowledge, certain=True)


def _entry(device: Device, sub: dict[str, Any]) -> dict[str, Any]:
    entry = {"sn": device.device, "kind": device.kind, "model": device.model, "index": sub.get("index")}
    return {name: value for name, value in entry.items() if value is not None}


def _event(arrival: Arrival, envelope: Envelope, gateway: Device, entries: list[dict[str, Any]]) -> Event:
    data: dict[str, object] = {"kind": gateway.kind, "sub_devices": entries}
    if gateway.model is not None:
        data["model"] = gateway.model
    return Event(
        type="topology",
        device=gateway.device,
        account=gateway.account,
        source_offset=arrival.source_offset,
        observed_at_ms=envelope.observed_at_ms,
        received_at_ms=arrival.message.received_at_ms,
        topic=arrival.message.topic,
        method=METHOD,
        flags=list(envelope.flags),
        data=raw_json(data),
    )
