"""`thing/product/{device}/osd`: the fixed-rate properties of aircraft, docks and remote controllers.

An aircraft's message becomes an AircraftSample, the others' DeviceReadings. A dock sends several messages with disjoint
keys; each becomes its own readings, and whoever keeps the latest state merges them channel by channel.
"""

from pipeline.normalize.dji.aircraft import read_aircraft
from pipeline.normalize.dji.channels import CHANNELS, read_channels
from pipeline.normalize.dji.device_class import kind_by_keys
from pipeline.normalize.dji.envelope import Envelope, data_object, read_envelope
from pipeline.normalize.dji.payloads import payload_keys
from pipeline.normalize.dji.sightings import Sighting, see
from pipeline.normalize.dji.unread import unread_event
from pipeline.normalize.fields import FieldReader, Members
from pipeline.normalize.knowledge import Knowledge
from pipeline.normalize.limits import Parsed, decode_text, parse_json
from pipeline.normalize.outcome import Arrival, Normalized, Outcome
from pipeline.normalize.positions import position_in
from schemas.device import Device
from schemas.telemetry import AircraftSample, DeviceReadings, Telemetry

#: Why a message of a device of unknown kind is not read.
UNKNOWN_CLASS = "unknown-class"
HEIGHT_LOW_M, HEIGHT_HIGH_M = -500.0, 20_000.0


def read_osd(arrival: Arrival, knowledge: Knowledge) -> Outcome:
    """Telemetry of the device, or an `unread` event when nothing shows what kind of device it is.

    Raises:
        MessageError: as in `limits`, `envelope`, `aircraft` and `channels`.
    """
    message = arrival.message
    device = knowledge.registry.get(arrival.device)
    if device is not None and device.kind == "aircraft" and device.active:
        known = knowledge.aircraft.read(device, message, arrival.source_offset)
        if known is not None:
            sample, identity = known
            return Normalized(sample), identity
    if device is not None and device.kind in CHANNELS:
        parsed = Parsed(knowledge.json.read(message.payload), repeats=False)
    else:
        parsed = parse_json(decode_text(message.payload))
    envelope = read_envelope(parsed.value, message.received_at_ms)
    data = data_object(envelope)
    sighting = Sighting(arrival.device, kind_by_keys(data), gateway=envelope.gateway)
    device, devices = see(sighting, knowledge)
    identity = envelope.identity(message.topic)
    flags = envelope.flags
    if device.kind == "aircraft":
        telemetry = _sample(arrival, envelope, device, data)
        if not flags:
            knowledge.aircraft.learn(device.device, message.payload, parsed, payload_keys(data))
        return Normalized(telemetry, devices=devices, flags=tuple(flags)), identity
    if device.kind in CHANNELS:
        telemetry = _readings(arrival, envelope, device, data)
        return Normalized(telemetry, devices=devices, flags=tuple(flags)), identity
    position_in(data, flags)  # the rule holds whatever the device is: an impossible place refuses the message
    event = unread_event(arrival, envelope, device, UNKNOWN_CLASS)
    return Normalized(event=event, devices=devices, flags=tuple(flags)), identity


def _sample(arrival: Arrival, envelope: Envelope, device: Device, data: Members) -> Telemetry:
    values = read_aircraft(data, envelope.flags)
    fields = {name: getattr(values, name) for name in values.__struct_fields__}
    return AircraftSample(
        device=device.device,
        account=device.account,
        source_offset=arrival.source_offset,
        observed_at_ms=envelope.observed_at_ms,
        received_at_ms=arrival.message.received_at_ms,
        gateway=device.gateway,
        flags=",".join(envelope.flags) or None,
        **fields,
    )


def _readings(arrival: Arrival, envelope: Envelope, device: Device, data: Members) -> Telemetry:
    flags = envelope.flags
    readings = read_channels(device.kind, data, flags)
    read = FieldReader()
    read.flags = flags
    height = read.number(data, "height", HEIGHT_LOW_M, HEIGHT_HIGH_M)
    place = position_in(data, flags)
    if read.integer(read.members(data, "position_state"), "gps_number", 0, 65_534) == 0:
        place = None
    longitude, latitude = place or (None, None)
    return DeviceReadings(
        device=device.device,
        account=device.account,
        source_offset=arrival.source_offset,
        observed_at_ms=envelope.observed_at_ms,
        received_at_ms=arrival.message.received_at_ms,
        family="dji",
        kind=device.kind,
        readings=readings,
        longitude_deg=longitude,
        latitude_deg=latitude,
        height_ellipsoid_m=height,
        gateway=device.gateway,
        flags=",".join(flags) or None,
    )
