"""Pages of history and tracks over real rows."""

from datetime import UTC, datetime, timedelta

import pytest
from running_api import make_device, make_positions, make_readings

from api.windhover.models import AircraftPosition, Page, Reading

RANGE = {"from": "2026-05-04T00:00:00Z", "to": "2026-05-05T00:00:00Z"}
BEGIN = datetime(2026, 5, 4, 10, tzinfo=UTC)
STORED = "2026-05-04T12:00:00Z"


def read_all(client, path, **parameters):
    """Every item of a list, page by page."""
    items, cursor = [], None
    while True:
        answer = client.get(path, params={**RANGE, **parameters, **({"cursor": cursor} if cursor else {})})
        assert answer.status_code == 200, answer.text
        page = answer.json()
        assert len(page["items"]) <= parameters["limit"]
        items += page["items"]
        cursor = page["next_cursor"]
        if cursor is None:
            return items


@pytest.fixture
def tied_readings(rows, ours):
    """Many readings of few times: several channels at once, whole rows equal, stored in two transactions."""
    make_device(rows, ours, "DOCK", kind="dock")
    readings = [
        (BEGIN + timedelta(seconds=second), STORED, channel, second)
        for second in (0, 0, 1, 1, 1, 2)
        for channel in ("humidity", "temperature", "wind_speed")
    ]
    readings += [(BEGIN, "2026-05-04T12:00:01Z", "rainfall", number) for number in range(7)]
    make_readings(rows, ours, "DOCK", readings)
    return sorted((when.isoformat(), channel, value) for when, _, channel, value in readings)


def seen(items):
    return sorted(
        (datetime.fromisoformat(item["observed_at"]).isoformat(), item["channel"], item["value"]) for item in items
    )


@pytest.mark.parametrize("order", ["asc", "desc"])
@pytest.mark.parametrize("limit", [1, 2, 3, 5, 1000])
def test_paging_loses_and_repeats_no_reading_though_times_are_equal(api, ours, tied_readings, order, limit):
    with api.client(ours.token) as client:
        items = read_all(client, "/v1/devices/DOCK/readings", order=order, limit=limit)
    assert seen(items) == tied_readings
    times = [item["observed_at"] for item in items]
    assert times == sorted(times, reverse=order == "desc")


@pytest.mark.parametrize("order", ["asc", "desc"])
def test_rows_that_land_while_somebody_pages_neither_repeat_nor_hide_others(api, rows, ours, tied_readings, order):
    with api.client(ours.token) as client:
        address = "/v1/devices/DOCK/readings"
        first = client.get(address, params={**RANGE, "limit": 4, "order": order}).json()
        late = (BEGIN, "2026-05-04T12:00:09Z", "humidity", -1.0), (BEGIN, "2026-05-04T12:00:09Z", "aaa", -1.0)
        make_readings(rows, ours, "DOCK", late)
        rest, cursor = [], first["next_cursor"]
        while cursor:
            page = client.get(address, params={**RANGE, "limit": 4, "order": order, "cursor": cursor}).json()
            rest += page["items"]
            cursor = page["next_cursor"]
    items = [item for item in first["items"] + rest if item["value"] != -1.0]
    assert seen(items) == tied_readings


def test_a_channel_can_be_read_alone(api, ours, tied_readings):
    with api.client(ours.token) as client:
        items = read_all(client, "/v1/devices/DOCK/readings", channel="rainfall", limit=3)
    assert len(items) == 7
    assert seen(items) == [reading for reading in tied_readings if reading[1] == "rainfall"]


def test_paging_loses_and_repeats_no_position_though_rows_are_equal(api, rows, ours):
    make_device(rows, ours, "AIRCRAFT")
    make_positions(rows, ours, "AIRCRAFT", [BEGIN] * 5 + [BEGIN + timedelta(seconds=1)] * 3)
    rows.execute("insert into store.aircraft_sample select * from store.aircraft_sample")
    with api.client(ours.token) as client:
        for order in ("asc", "desc"):
            items = read_all(client, "/v1/devices/AIRCRAFT/positions", order=order, limit=3)
            assert len(items) == 16
            assert sorted(item["latitude_deg"] for item in items) == sorted([47 + n * 1e-5 for n in range(8)] * 2)


def test_items_have_the_documented_shapes(api, rows, ours, tied_readings):
    make_device(rows, ours, "AIRCRAFT")
    make_positions(rows, ours, "AIRCRAFT", [BEGIN])
    with api.client(ours.token) as client:
        readings = client.get("/v1/devices/DOCK/readings", params=RANGE)
        positions = client.get("/v1/devices/AIRCRAFT/positions", params=RANGE)
    assert len(Page[Reading].model_validate_json(readings.content).items) == len(tied_readings)
    (position,) = Page[AircraftPosition].model_validate_json(positions.content).items
    assert position.observed_at == BEGIN
    assert position.height_ellipsoid_m == 500.25
    assert "wind_speed_mps" not in positions.json()["items"][0]


def test_the_end_of_a_range_is_excluded_and_its_begin_included(api, rows, ours):
    make_device(rows, ours, "AIRCRAFT")
    make_positions(rows, ours, "AIRCRAFT", [BEGIN, BEGIN + timedelta(seconds=1)])
    with api.client(ours.token) as client:
        for order in ("asc", "desc"):
            between = {"from": BEGIN.isoformat(), "to": int(BEGIN.timestamp() * 1000) + 1000, "order": order}
            items = client.get("/v1/devices/AIRCRAFT/positions", params=between).json()["items"]
            assert [item["observed_at"] for item in items] == ["2026-05-04T10:00:00Z"]


@pytest.mark.parametrize(
    ("parameters", "field"),
    [
        pytest.param({"from": "2026-05-04T10:00:00"}, "from", id="naive begin"),
        pytest.param({"to": "2026-05-04"}, "to", id="naive end"),
        pytest.param({"from": "yesterday"}, "from", id="no time"),
        pytest.param({"from": RANGE["to"], "to": RANGE["from"]}, "from", id="end before begin"),
        pytest.param({"limit": "1001"}, "limit", id="too many"),
        pytest.param({"order": "sideways"}, "order", id="no order"),
        pytest.param({"cursor": "bm9uZQ"}, "cursor", id="no cursor"),
        pytest.param({"channel": "a\0b"}, "channel", id="NUL"),
    ],
)
def test_a_wrong_parameter_is_refused_by_its_name(api, rows, ours, parameters, field):
    make_device(rows, ours, "DOCK", kind="dock")
    with api.client(ours.token) as client:
        answer = client.get("/v1/devices/DOCK/readings", params=parameters)
    assert answer.status_code == 422
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.json()["errors"][0]["field"] == field


def test_a_track_is_a_line_with_a_time_for_each_position(api, rows, ours):
    make_device(rows, ours, "AIRCRAFT")
    make_positions(rows, ours, "AIRCRAFT", [BEGIN + timedelta(seconds=2 * n) for n in range(5)])
    with api.client(ours.token) as client:
        answer = client.get("/v1/devices/AIRCRAFT/track", params=RANGE)
    assert answer.headers["content-type"] == "application/geo+json"
    track = answer.json()
    assert track["type"] == "Feature"
    assert track["geometry"]["type"] == "LineString"
    assert track["geometry"]["coordinates"][0] == [8.5, 47.0, 500.25]
    assert len(track["geometry"]["coordinates"]) == 5
    assert track["properties"]["times"][-1] == "2026-05-04T10:00:08Z"
    assert len(track["properties"]["times"]) == 5


def test_a_track_is_split_where_more_than_a_minute_is_missing(api, rows, ours):
    make_device(rows, ours, "AIRCRAFT")
    seconds = (0, 60, 121, 300, 301)  # 60 s is no gap; 121 stands alone
    make_positions(rows, ours, "AIRCRAFT", [BEGIN + timedelta(seconds=n) for n in seconds])
    with api.client(ours.token) as client:
        track = client.get("/v1/devices/AIRCRAFT/track", params=RANGE).json()
    assert track["geometry"]["type"] == "MultiLineString"
    lines = track["geometry"]["coordinates"]
    assert [len(line) for line in lines] == [2, 2, 2]
    assert lines[1][0] == lines[1][1]
    assert [len(line) for line in track["properties"]["times"]] == [2, 2, 2]
    assert track["properties"]["lines"] == 3


def test_a_track_without_positions_has_no_geometry(api, rows, ours):
    make_device(rows, ours, "AIRCRAFT")
    with api.client(ours.token) as client:
        track = client.get("/v1/devices/AIRCRAFT/track").json()
    assert track["geometry"] is None
    assert track["properties"]["times"] == []


def test_a_long_track_comes_in_pieces_and_gives_its_connection_back(api, rows, ours):
    make_device(rows, ours, "AIRCRAFT")
    rows.execute(
        "insert into store.aircraft_sample (observed_at, device_id, account_id, received_at, longitude_deg,"
        " latitude_deg) select at, 'AIRCRAFT', %s, at, 8, 47"
        " from generate_series(%s, %s + interval '12 h', interval '1 s') as at",
        (ours.account, BEGIN, BEGIN),
    )
    with api.client(ours.token) as client:
        for _ in range(6):  # more often than streams may run at once; each is left in its middle
            with client.stream("GET", "/v1/devices/AIRCRAFT/track", params=RANGE) as answer:
                assert answer.status_code == 200
                assert "content-length" not in answer.headers
                next(answer.iter_bytes())
        track = client.get("/v1/devices/AIRCRAFT/track", params=RANGE).json()
    assert len(track["geometry"]["coordinates"]) == 12 * 3600 + 1
    assert len(track["properties"]["times"]) == 12 * 3600 + 1
