"""The live WebSocket with real telemetry records on a real Kafka."""

import asyncio
import json
import socket
from contextlib import contextmanager
from urllib.parse import urlsplit

import pytest
from running_api import make_device, make_latest, wait_until
from websockets.exceptions import ConnectionClosed
from websockets.sync.client import connect

from pipeline import clock, kafka
from schemas.telemetry import ENCODER, AircraftSample, DeviceReadings, Reading
from schemas.topics import TELEMETRY, full_name


@contextmanager
def subscribe(api, token):
    with connect(api.live_url, proxy=None, max_size=None) as client:
        client.send(json.dumps({"type": "auth", "token": token}))
        yield client


def raw_subscriber(api, token):
    """A WebSocket client that has asked for the live view and reads nothing."""
    address = urlsplit(api.url)
    raw = socket.socket()
    raw.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    raw.connect((address.hostname, address.port))
    raw.sendall(
        b"GET /v1/live HTTP/1.1\r\nHost: test\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
        b"Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n\r\n"
    )
    assert raw.recv(12) == b"HTTP/1.1 101"
    auth = json.dumps({"type": "auth", "token": token}).encode()
    assert len(auth) < 126
    raw.sendall(bytes((0x81, 0x80 | len(auth))) + b"\0\0\0\0" + auth)  # a text frame with the mask 0
    return raw


def frame(client, seconds=10):
    return json.loads(client.recv(timeout=seconds))


def publish(settings, *records):
    async def send():
        async with kafka.producer(settings, "test") as producer:
            topic = full_name(TELEMETRY, settings.topic_prefix)
            sent = [
                await producer.send(topic, ENCODER.encode(record), key=record.device.encode()) for record in records
            ]
            await asyncio.gather(*sent)

    asyncio.run(send())


def sample(device, account, observed_at_ms, **values):
    return AircraftSample(device, account, 0, observed_at_ms, clock.now_ms(), **values)


def changed(client, device):
    """The next state of a device, and the frame that brought it."""
    while True:
        each = frame(client)
        for state in each.get("devices", []):
            if state["device"] == device:
                return state, each


def read_to_the_end(client):
    while True:
        frame(client)


@pytest.fixture
def following(api):
    """The api once it follows Kafka: from then on every record is seen."""
    with api.client() as client:
        wait_until(lambda: client.get("/healthz").json()["ready"], "the store was read")
    return api


def test_a_snapshot_then_changes_then_heartbeats_numbered_without_a_gap(following, rows, ours):
    now = clock.now_ms()
    make_device(rows, ours, "AIRCRAFT", name="Kestrel")
    make_latest(rows, ours, "AIRCRAFT")
    publish(following.settings, sample("OTHER", ours.account, now, longitude_deg=8.0, latitude_deg=47.0))
    with subscribe(following, ours.token) as client:
        frames = [frame(client)]
        assert frames[0]["type"] == "snapshot"
        publish(
            following.settings,
            sample("AIRCRAFT", ours.account, now, longitude_deg=8.25, latitude_deg=47.5, battery_percent=64.0),
        )
        while not any(
            state["device"] == "AIRCRAFT" and state.get("battery_percent") == 64.0
            for state in frames[-1].get("devices", [])
        ):
            frames.append(frame(client))
        assert frames[-1]["type"] == "changes"
        assert frames[-1]["pipeline"] == "flowing"
        assert 0 <= frames[-1]["lag_seconds"] < 5
        while frames[-1]["type"] != "heartbeat":
            frames.append(frame(client))
    assert [each["sequence"] for each in frames] == list(range(1, len(frames) + 1))


def test_a_snapshot_has_what_the_store_knows(following, rows, ours):
    make_device(rows, ours, "AIRCRAFT", name="Kestrel")
    make_latest(rows, ours, "AIRCRAFT")
    publish(following.settings, sample("TRIGGER", ours.account, clock.now_ms()))  # unknown: the store is asked again
    with subscribe(following, ours.token) as client:
        state, _ = changed(client, "AIRCRAFT")
    assert state["name"] == "Kestrel"
    assert (state["longitude_deg"], state["latitude_deg"]) == (8.5, 47.25)
    assert state["battery_percent"] == 71.0


def test_a_late_sample_moves_nothing(following, ours):
    now = clock.now_ms()
    with subscribe(following, ours.token) as client:
        frame(client)
        publish(following.settings, sample("AIRCRAFT", ours.account, now, battery_percent=50.0))
        assert changed(client, "AIRCRAFT")[0]["battery_percent"] == 50.0
        publish(following.settings, sample("AIRCRAFT", ours.account, now - 5000, battery_percent=99.0))
        publish(following.settings, sample("MARK", ours.account, now))
        seen = []
        while not any(state["device"] == "MARK" for state in seen):
            seen += frame(client).get("devices", [])
    assert all(state.get("battery_percent") != 99.0 for state in seen)


def test_parts_of_a_docks_report_are_merged(following, ours):
    now = clock.now_ms()

    def part(channel, value):
        readings = [Reading(channel, value)]
        return DeviceReadings("DOCK", ours.account, 0, now, now, "dji", "dock", readings, 8.0, 47.0)

    with subscribe(following, ours.token) as client:
        frame(client)
        publish(following.settings, part("temperature", 21.5), part("humidity", 40.0), part("mode_code", 1.0))
        state, _ = changed(client, "DOCK")
        while len(state["fields"]) < 3:
            state, _ = changed(client, "DOCK")
    assert state["fields"] == {"temperature": 21.5, "humidity": 40.0, "mode_code": 1.0}
    assert state["kind"] == "dock"


def test_nobody_sees_devices_of_another_account(following, ours, theirs):
    now = clock.now_ms()
    with subscribe(following, ours.token) as client, subscribe(following, theirs.token) as other:
        assert frame(client)["devices"] == frame(other)["devices"] == []
        publish(following.settings, sample("THEIRS", theirs.account, now), sample("OURS", ours.account, now))
        assert [state["device"] for state in changed(client, "OURS")[1]["devices"]] == ["OURS"]
        assert [state["device"] for state in changed(other, "THEIRS")[1]["devices"]] == ["THEIRS"]


@pytest.mark.parametrize(
    ("message", "code"),
    [
        pytest.param('{"type": "auth", "token": "wht_wrong"}', 4401, id="wrong token"),
        pytest.param('{"type": "hello"}', 4400, id="no auth"),
        pytest.param("{", 4400, id="no JSON"),
        pytest.param(b"\xff", 4400, id="bytes"),
    ],
)
def test_without_a_token_that_counts_the_door_is_shut(api, message, code):
    with connect(api.live_url, proxy=None) as client:
        client.send(message)
        with pytest.raises(ConnectionClosed) as closed:
            client.recv(timeout=5)
    assert closed.value.rcvd.code == code


def test_who_says_nothing_is_sent_away(api):
    with connect(api.live_url, proxy=None) as client, pytest.raises(ConnectionClosed) as closed:
        client.recv(timeout=8)
    assert closed.value.rcvd.code == 4401


def test_a_subscriber_that_takes_nothing_is_dropped_and_nothing_is_kept_for_it(following, ours):
    """A raw socket with a small window: it asks for the live view and reads only after it must have been dropped."""
    wide = {f"channel-{n}": "x" * 120 for n in range(16)}
    things = [f"T{n:04}" for n in range(2500)]

    def report(thing):
        readings = [Reading(name, text=text) for name, text in wide.items()]
        return DeviceReadings(thing, ours.account, 0, clock.now_ms(), clock.now_ms(), "cayenne", "thing", readings)

    publish(following.settings, *map(report, things))
    with subscribe(following, ours.token) as client:
        known = set()
        while not known.issuperset(things):
            known |= {state["device"] for state in frame(client).get("devices", [])}
    stuck = raw_subscriber(following, ours.token)
    try:
        end = clock.now_ms() + 13_000
        while clock.now_ms() < end:  # the server tries to send, waits 10 s for room, gives up
            publish(following.settings, report(things[0]))
        stuck.settimeout(20)
        received = 0
        while piece := stuck.recv(1 << 20):
            received += len(piece)
    finally:
        stuck.close()
    assert 4_000_000 < received < 12_000_000  # the snapshot; not one frame for each change of 13 s, no way to hold them


def test_a_subscriber_ends_when_its_token_is_revoked(following, rows, ours):
    with subscribe(following, ours.token) as client:
        frame(client)
        rows.execute("update store.token set revoked_at = now() where account_id = %s", (ours.account,))
        with pytest.raises(ConnectionClosed) as closed:
            read_to_the_end(client)
    assert closed.value.rcvd.code == 4401
