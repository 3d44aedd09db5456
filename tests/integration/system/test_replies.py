"""What devices ask of the cloud is answered over MQTT: without it an aircraft never publishes."""

import json
import queue
import time

import paho.mqtt.client as mqtt
import pytest

GATEWAY = "7SYNREPLY00001"


@pytest.fixture
def gateway(running_system):
    """A gateway's MQTT client; gives (publish, answers)."""
    answers: queue.Queue[tuple[str, dict, float]] = queue.Queue()
    subscribed: queue.Queue[str] = queue.Queue()
    client = mqtt.Client(mqtt.CallbackAPIVersion.VERSION2)
    client.username_pw_set(running_system.mqtt["username"], running_system.mqtt["password"])
    client.on_message = lambda _c, _u, message: answers.put(
        (message.topic, json.loads(message.payload), time.monotonic())
    )
    client.on_subscribe = lambda *_: subscribed.put("granted")
    client.connect(running_system.mqtt["host"], running_system.mqtt["port"])
    client.loop_start()
    client.subscribe([("sys/product/+/status_reply", 1), ("thing/product/+/events_reply", 1)])
    subscribed.get(timeout=10)
    yield client, answers
    client.disconnect()
    client.loop_stop()


def ask(gateway, topic: str, message: dict) -> tuple[dict, float]:
    """The answer with the same transaction, and the seconds it took."""
    client, answers = gateway
    sent_at = time.monotonic()
    client.publish(topic, json.dumps(message), qos=1)
    while True:
        answered_topic, answer, answered_at = answers.get(timeout=10)
        if answer.get("tid") == message["tid"]:
            assert answered_topic == f"{topic}_reply"
            return answer, answered_at - sent_at


def envelope(tid: str, method: str, data: dict, **more: object) -> dict:
    now_ms = time.time_ns() // 1_000_000
    return {"tid": tid, "bid": f"b-{tid}", "timestamp": now_ms, "method": method, "data": data, **more}


def test_a_gateway_that_reports_its_topology_is_answered_within_a_second(gateway):
    topology = {"domain": "3", "type": 1, "sub_type": 0, "thing_version": "1.1.2", "sub_devices": []}
    ask(gateway, f"sys/product/{GATEWAY}/status", envelope("first", "update_topo", topology))  # everything is warm
    answer, seconds = ask(gateway, f"sys/product/{GATEWAY}/status", envelope("second", "update_topo", topology))
    assert (answer["bid"], answer["method"], answer["data"]) == ("b-second", "update_topo", {"result": 0})
    assert seconds < 1.0


def test_an_event_that_needs_a_reply_gets_one_and_one_that_does_not_gets_none(gateway):
    topic = f"thing/product/{GATEWAY}/events"
    client, answers = gateway
    client.publish(topic, json.dumps(envelope("silent", "hms", {"list": []})), qos=1)
    client.publish(topic, json.dumps(envelope("needed", "hms", {"list": []}, need_reply=1)), qos=1)
    answered_topic, answer, _ = answers.get(timeout=10)  # order per gateway holds: an answer to the first would be here
    assert (answered_topic, answer["tid"], answer["data"]) == (f"{topic}_reply", "needed", {"result": 0})
