"""Which record key and partition the messages of an MQTT topic get: the same for the life of the Kafka topic."""

from typing import NamedTuple

from pipeline.ingress.partition import partition_of
from pipeline.mqtt.topics import is_downward
from pipeline.normalize.routing import device_key
from schemas.raw import MQTT_TOPIC

#: Topics remembered; beyond it the memory starts anew. 100,000 DJI and Cayenne topics take about 50 MB.
MAX_TOPICS = 100_000


class Route(NamedTuple):
    """Where one topic's messages go. `partition` is None for what the cloud itself sends down."""

    partition: int | None
    key: bytes
    header: tuple[str, bytes]


class Routes:
    """Routes by topic, remembered: a fleet has few topics and each carries many messages."""

    def __init__(self, partitions: int) -> None:
        self._partitions = partitions
        self._known: dict[bytes, Route] = {}

    def find(self, topic: bytes) -> Route:
        """The route of a topic. Never raises."""
        return self._known.get(topic) or self._learn(topic)

    def _learn(self, topic: bytes) -> Route:
        key = device_key(topic.decode("utf-8", "replace")).encode("utf-8", "replace")
        partition = None if is_downward(topic) else partition_of(key, self._partitions)
        if len(self._known) >= MAX_TOPICS:
            self._known.clear()
        route = self._known[topic] = Route(partition, key, (MQTT_TOPIC, topic))
        return route
