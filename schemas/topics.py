"""Every Kafka topic: who writes, who reads, key, type, retention. `windhover topics` creates what is missing."""

import msgspec

DAY_MS = 24 * 60 * 60 * 1000


class Topic(msgspec.Struct, frozen=True):
    """A topic's declaration. `partitions` None means the setting `partitions`; `retention_ms` None means compacted."""

    name: str
    key: str
    value: str
    written_by: str
    read_by: str
    retention_ms: int | None
    partitions: int | None = None
    max_message_bytes: int = 2 << 20


RAW = Topic("raw", "device id", "schemas.raw", "ingress", "normalize, archive", 7 * DAY_MS)
TELEMETRY = Topic("telemetry", "device id", "schemas.telemetry", "normalize", "land, live", 3 * DAY_MS)
EVENTS = Topic("events", "device id", "schemas.event", "normalize", "land, live", 7 * DAY_MS)
COMMANDS = Topic("commands", "gateway or thing id", "schemas.command", "normalize, api", "egress", DAY_MS)
DEAD_LETTERS = Topic("dead-letters", "device id", "schemas.dead_letter", "normalize, land", "operators", 30 * DAY_MS)
DEVICES = Topic("devices", "device id", "schemas.device", "api, normalize", "normalize", None, partitions=1)

TOPICS = (RAW, TELEMETRY, EVENTS, COMMANDS, DEAD_LETTERS, DEVICES)


def full_name(topic: Topic, prefix: str) -> str:
    """The name on the broker: prefix and name, e.g. `windhover.raw`."""
    return prefix + topic.name
