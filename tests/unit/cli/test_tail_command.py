from cli.tail import readable
from schemas.telemetry import AircraftSample, DeviceReadings, Reading, to_json


def test_a_line_says_when_which_device_and_every_value_by_name():
    said = AircraftSample("AIR1", 1, 5, 1_700_000_000_250, 1, battery_percent=80.0, mode_code=5, flags="clock,late")
    line = readable(to_json(said))
    assert line.split() == ["22:13:20.250", "AIR1", "battery_percent=80", "mode_code=5", "[clock,", "late]"]


def test_readings_have_their_units():
    said = DeviceReadings(
        "T1", 1, 5, 0, 1, "cayenne", "thing", [Reading("3", 21.5, None, "temp", "c"), Reading("m", None, "on")]
    )
    assert readable(to_json(said)).split() == ["00:00:00.000", "T1", "3=21.5", "c", "m=on"]
