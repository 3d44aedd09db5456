"""From MQTT to the raw topic on the real servers: nothing lost, whatever is killed, and duplicates marked."""

import time

import msgspec
import pytest

from stack.native import Stack
from tests.integration.ingress.ingress_process import (
    Ingress,
    arrived_when_complete,
    read_arrived,
    started_load,
    wait_until,
)


@pytest.fixture
def native(stack) -> Stack:
    """The servers, for tests that stop and start them."""
    if not isinstance(stack, Stack):
        pytest.skip("the servers are containers of the Docker engine, which the tests of stack/ stop and start")
    return stack


def test_two_processes_share_the_load_and_every_message_arrives_once(start_ingress, ready_settings, load):
    both = [start_ingress(0, processes=2), start_ingress(1, processes=2)]
    report = started_load(load).result()
    arrived = arrived_when_complete(ready_settings, report)
    assert report.acknowledged == report.sent >= 1900
    assert not arrived.missing(report)
    assert set(arrived.counts.values()) == {1}
    assert all(ingress.received() > report.sent / 4 for ingress in both)


def test_kill_9_and_a_new_start_lose_nothing(start_ingress, ready_settings, longer_load):
    ingress = start_ingress()
    running = started_load(msgspec.structs.replace(longer_load, seconds=4.0))
    for _ in range(3):
        time.sleep(0.7)
        ingress.kill()
        ingress.start()
        ingress.until_ready()
    report = running.result()
    arrived = arrived_when_complete(ready_settings, report)
    assert report.acknowledged > 2000
    assert not arrived.missing(report)
    assert arrived.unmarked_twice() == []


def test_what_a_killed_ingress_had_not_acknowledged_comes_again_marked_as_duplicate(
    native, start_ingress, ready_settings, load
):
    ingress = start_ingress()
    native.stop_server("kafka")
    try:
        report = started_load(msgspec.structs.replace(load, seconds=1.0, rate=100.0)).result()
        wait_until(lambda: ingress.received() == report.sent, 10, lambda: f"received {ingress.received()}")
        ingress.kill()
    finally:
        native.start_server("kafka")
    ingress.start()
    ingress.until_ready()
    arrived = arrived_when_complete(ready_settings, report)
    assert not arrived.missing(report)
    assert set(arrived.counts.values()) == {1}
    assert set(arrived.marked.values()) == {1}


def test_while_kafka_is_away_messages_wait_and_then_all_arrive(native, start_ingress, ready_settings, longer_load):
    ingress = start_ingress()
    running = started_load(longer_load)
    time.sleep(1.0)
    native.stop_server("kafka")
    time.sleep(5.0)
    try:
        assert not ingress.ready()
    finally:
        native.start_server("kafka")
    report = running.result()
    arrived = arrived_when_complete(ready_settings, report)
    assert report.acknowledged == report.sent > 5000
    assert not arrived.missing(report)
    assert set(arrived.counts.values()) == {1}
    wait_until(ingress.ready, 10, ingress.log.read_text)


def test_a_broker_that_restarts_keeps_the_session_and_every_message(native, start_ingress, ready_settings, load):
    ingress = start_ingress()
    running = started_load(msgspec.structs.replace(load, seconds=4.0))
    time.sleep(1.5)
    native.stop_server("mosquitto")
    wait_until(lambda: not ingress.ready(), 5, lambda: "the ingress did not notice")
    native.start_server("mosquitto")
    report = running.result()
    arrived = arrived_when_complete(ready_settings, report)
    assert report.acknowledged == report.sent > 1000
    assert not arrived.missing(report)
    wait_until(ingress.ready, 10, ingress.log.read_text)


def test_a_broker_killed_while_the_ingress_is_away_keeps_what_devices_publish_meanwhile(
    native, start_ingress, ready_settings, load
):
    ingress = start_ingress()
    native.save_sessions()
    time.sleep(0.5)  # it saves in its next round
    ingress.kill()
    native.kill_server("mosquitto")
    native.start_server("mosquitto")
    report = started_load(msgspec.structs.replace(load, seconds=1.0)).result()
    assert report.acknowledged == report.sent > 500
    ingress.start()
    ingress.until_ready()
    arrived = arrived_when_complete(ready_settings, report)
    assert not arrived.missing(report)
    assert set(arrived.counts.values()) == {1}


def test_an_ingress_that_joins_others_hears_nothing_twice(start_ingress, ready_settings, load):
    alone = start_ingress(0)
    assert alone.stop() == 0
    start_ingress(0, processes=2)
    report = started_load(load).result()
    arrived = arrived_when_complete(ready_settings, report)
    assert not arrived.missing(report)
    assert set(arrived.counts.values()) == {1}


def test_sigterm_acknowledges_what_is_in_hand_and_keeps_the_session(start_ingress, ready_settings, load):
    ingress = start_ingress()
    running = started_load(load)
    time.sleep(1.0)
    assert ingress.stop() == 0
    report = running.result()
    before = read_arrived(ready_settings)
    assert 0 < before.counts.total() < report.sent
    ingress.start()
    ingress.until_ready()
    arrived = arrived_when_complete(ready_settings, report)
    assert not arrived.missing(report)
    assert set(arrived.counts.values()) == {1}


def test_a_wrong_password_ends_the_process_with_one_line_that_names_the_setting(ready_settings, tmp_path):
    ingress = Ingress(msgspec.structs.replace(ready_settings, mqtt_password="wrong"), 0, tmp_path / "log")
    assert ingress.process.wait(30) == 2
    assert "WINDHOVER_MQTT_PASSWORD" in ingress.log.read_text()
