"""The `raw` topic: a device's message exactly as MQTT carried it.

Record: key = device id (utf-8), value = the untouched payload, timestamp = arrival in epoch milliseconds.
Headers (all values utf-8 text):

| header           | value                                                                    | present     |
|------------------|--------------------------------------------------------------------------|-------------|
| `mqtt-topic`     | the MQTT topic the message was published to                              | always      |
| `received-at-ms` | arrival at the ingress, epoch milliseconds                               | always      |
| `retain`         | `1`: the broker sent a retained message (a replay)                       | when set    |
| `duplicate`      | `1`: the broker marked a redelivery                                      | when set    |
| `mqtt-user`      | the user that published, where the way in knows it (HTTP ingest, replay) | when known  |
| `requeued-from`  | `partition:offset` of the dead letter this record was requeued from      | when set    |
"""

from collections.abc import Iterable, Sequence

import msgspec

MQTT_TOPIC = "mqtt-topic"
RECEIVED_AT_MS = "received-at-ms"
RETAIN = "retain"
DUPLICATE = "duplicate"
MQTT_USER = "mqtt-user"
REQUEUED_FROM = "requeued-from"

Headers = Sequence[tuple[str, bytes]]


class Message(msgspec.Struct, frozen=True):
    """One message as MQTT carried it. `received_at_ms` is epoch milliseconds; `user` is None where unknown."""

    topic: str
    payload: bytes
    received_at_ms: int
    retain: bool = False
    duplicate: bool = False
    user: str | None = None


def encode_headers(message: Message) -> list[tuple[str, bytes]]:
    """Kafka headers of a raw record, in the order of the table above."""
    headers = [
        (MQTT_TOPIC, message.topic.encode()),
        (RECEIVED_AT_MS, b"%d" % message.received_at_ms),
    ]
    if message.retain:
        headers.append((RETAIN, b"1"))
    if message.duplicate:
        headers.append((DUPLICATE, b"1"))
    if message.user is not None:
        headers.append((MQTT_USER, message.user.encode()))
    return headers


def decode_record(value: bytes | None, headers: Iterable[tuple[str, bytes]], timestamp_ms: int) -> Message:
    """The message a raw record carries.

    A record without headers (written by a foreign producer) gives an empty topic, which no decoder knows, and the
    record's own timestamp.
    """
    topic, received_at_ms, retain, duplicate, user = "", timestamp_ms, False, False, None
    for name, data in headers:
        if name == MQTT_TOPIC:
            topic = data.decode("utf-8", "replace")
        elif name == RECEIVED_AT_MS:
            received_at_ms = int(data) if data.isdigit() else timestamp_ms
        elif name == RETAIN:
            retain = True
        elif name == DUPLICATE:
            duplicate = True
        elif name == MQTT_USER:
            user = data.decode("utf-8", "replace")
    return Message(topic, value or b"", received_at_ms, retain, duplicate, user)
