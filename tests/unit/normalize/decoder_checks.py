"""What every decoder test shares: the samples, a normalizer that knows the samples' things, and the physical checks."""

import base64
import json
import math
from pathlib import Path

from pipeline.errors import MessageError
from pipeline.normalize.normalizer import Normalizer, RecentMessages, Registry
from schemas.device import Device
from schemas.raw import Message
from schemas.telemetry import AircraftSample, DeviceReadings

SAMPLES = Path(__file__).parents[2] / "samples"
USER = "8683465d-d2c0-4f1e-94ef-95b24c07ee57"
THING = "1ea74c43-162e-4106-adcc-acf70126f93d"
THING_V2 = "592cea28-50fc-488f-ac92-8baf55d9454c"
THING_ACCOUNT = 7
FIRST_SIGHT_ACCOUNT = 1
OFFSET = 42
#: Arrival of messages that name no time.
RECEIVED_AT_MS = 1_775_000_000_000
DJI_RECEIVED_AT_MS = 1_772_964_030_000


def load(name):
    return [json.loads(line) for line in (SAMPLES / name).read_text(encoding="utf-8").splitlines()]


def registry():
    known = Registry()
    for thing in (THING, THING_V2):
        known.put(Device(thing, THING_ACCOUNT, "cayenne", "thing", mqtt_user=USER))
    return known


def normalizer():
    return Normalizer(registry(), FIRST_SIGHT_ACCOUNT)


def decode(topic, payload, received_at_ms=RECEIVED_AT_MS, by=None, recent=None, **flags):
    """One message through a fresh normalizer, its values checked for physical sense."""
    data = payload if isinstance(payload, bytes) else payload.encode()
    message = Message(topic, data, received_at_ms, **flags)
    result = (by or normalizer()).normalize(message, OFFSET, RecentMessages() if recent is None else recent)
    check_plausible(result)
    return result


def verdict(by, message):
    """The result, or the reason for which the message is refused."""
    try:
        return by.normalize(message, OFFSET, RecentMessages())
    except MessageError as error:
        return error.reason


def message_of(sample):
    """The message of a sample; received when it says, else when it says it was sent."""
    payload = payload_of(sample)
    return Message(sample["topic"], payload, _received_at_ms(sample, payload))


def payload_of(sample):
    if "encoding" in sample:
        raw = sample.get("raw")
        if raw is None:
            middle = "".join(sample["raw_repeat"].replace("{i}", str(i)) for i in range(sample["raw_count"]))
            raw = sample["raw_prefix"] + middle + sample["raw_suffix"]
        return base64.b64decode(raw) if sample["encoding"] == "base64" else raw.encode()
    payload = sample["payload"]
    if isinstance(payload, dict) and payload.get("encoding") == "hex":
        return payload["frame"].encode()
    return payload.encode() if isinstance(payload, str) else json.dumps(payload).encode()


def _received_at_ms(sample, payload):
    if "clock when received" in sample["note"]:
        return DJI_RECEIVED_AT_MS
    try:
        sent = json.loads(payload).get("timestamp")
    except (ValueError, AttributeError, RecursionError):
        return RECEIVED_AT_MS
    plausible = isinstance(sent, int) and 1_483_228_800_000 <= sent < 4_000_000_000_000
    return sent if plausible else RECEIVED_AT_MS


def check_plausible(result):
    """No decoder may say what physics forbids; a thing's own odd value may pass with the flag `implausible`."""
    telemetry = result.telemetry
    if telemetry is None:
        return
    longitude, latitude = telemetry.longitude_deg, telemetry.latitude_deg
    assert (longitude is None) == (latitude is None)
    _check(longitude, -180, 180)
    _check(latitude, -90, 90)
    assert not longitude == latitude == 0
    _check(telemetry.height_ellipsoid_m, -500, 20_000)
    assert 1_483_228_800_000 <= telemetry.observed_at_ms <= telemetry.received_at_ms + 86_400_000
    assert (telemetry.flags or "").split(",") == (list(result.flags) or [""])
    if isinstance(telemetry, AircraftSample):
        _check_aircraft(telemetry)
    else:
        _check_readings(telemetry)


def _check_aircraft(sample):
    _check(sample.height_takeoff_m, -500, 20_000)
    _check(sample.ground_speed_mps, -150, 150)
    _check(sample.climb_mps, -150, 150)
    _check(sample.battery_percent, 0, 100)
    _check(sample.wind_speed_mps, 0, 150)
    _check(sample.home_distance_m, 0, 1e6)
    _check(sample.zoom_factor, 0, 1000)
    _check(sample.flight_time_left_seconds, 0, 1e6)
    for direction in (sample.heading_deg, sample.wind_direction_deg):
        assert direction is None or 0 <= direction < 360
    for angle in (sample.pitch_deg, sample.roll_deg, sample.gimbal_pitch_deg, sample.gimbal_roll_deg):
        _check(angle, -360, 360)
    for count in (sample.satellites, sample.rtk_satellites, sample.rtk_state):
        assert count is None or 0 <= count < 32_767
    assert sample.mode_code is None or 0 <= sample.mode_code < 2**31
    for text in (sample.track_id, sample.payload_index, sample.gateway):
        _check_text(text)


def _check_readings(telemetry: DeviceReadings):
    for reading in telemetry.readings:
        assert (reading.value is None) != (reading.text is None)
        _check_text(reading.text)
        _check_text(reading.channel)
        _check_text(reading.type)
        _check_text(reading.unit)
        assert reading.value is None or math.isfinite(reading.value)
        if "implausible" not in (telemetry.flags or ""):
            _check_quantity(reading)


def _check_quantity(reading):
    if reading.type in {"temp", "hvac_temp"} and reading.unit == "c":
        assert reading.value >= -273.15
    if reading.type in {"rel_hum", "soil_moist"} and reading.unit == "p":
        assert 0 <= reading.value <= 100
    if reading.type == "batt" and reading.unit in {"p", "v"}:
        assert 0 <= reading.value <= 100
    if reading.unit == "lat":
        assert -90 <= reading.value <= 90
    if reading.unit == "long":
        assert -180 <= reading.value <= 180


def _check(value, low, high):
    assert value is None or (math.isfinite(value) and low <= value <= high)


def _check_text(text):
    """What a database takes: no U+0000, no lone surrogate (encoding one raises)."""
    assert text is None or b"\x00" not in text.encode("utf-8")
