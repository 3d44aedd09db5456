from pipeline.store.seen_devices import SeenDevices, columns
from schemas.device import Device
from schemas.telemetry import AircraftSample, DeviceReadings


def aircraft(gateway=None):
    return AircraftSample("AIR1", 1, 1, 1, 1, gateway=gateway)


def test_a_device_is_news_once():
    seen = SeenDevices()
    news = seen.news([aircraft("GATE1"), aircraft("GATE1")])
    assert news == {"AIR1": Device("AIR1", 1, "dji", kind="aircraft", gateway="GATE1")}
    seen.remember(news)
    assert seen.news([aircraft("GATE1"), aircraft()]) == {}


def test_what_was_not_committed_is_still_news():
    seen = SeenDevices()
    seen.news([aircraft()])
    assert list(seen.news([aircraft()])) == ["AIR1"]


def test_another_gateway_is_news_and_keeps_what_was_known():
    seen = SeenDevices()
    seen.remember({"AIR1": Device("AIR1", 1, "dji", kind="aircraft", model="M30", gateway="GATE1")})
    assert seen.news([aircraft("GATE2")])["AIR1"] == Device(
        "AIR1", 1, "dji", kind="aircraft", model="M30", gateway="GATE2"
    )


def test_readings_tell_family_and_kind():
    said = DeviceReadings("DOCK1", 2, 1, 1, 1, "dji", "dock", [])
    assert SeenDevices().news([said]) == {"DOCK1": Device("DOCK1", 2, "dji", kind="dock")}


def test_columns_have_a_value_per_device():
    assert columns([Device("A", 1, "dji", model="M30"), Device("B", 2, "cayenne", mqtt_user="u")]) == {
        "devices": ["A", "B"], "accounts": [1, 2], "families": ["dji", "cayenne"], "kinds": ["unknown", "unknown"],
        "models": ["M30", None], "gateways": [None, None], "users": [None, "u"], "names": [None, None],
    }  # fmt: skip
