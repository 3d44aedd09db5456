"""Dead letters: bytes set aside with where they came from and why; reading them, and putting them back onto raw.

The record's form is in `schemas.dead_letter`. Requeueing copies the original bytes and headers to `raw` with the header
`requeued-from`; the letter itself stays until its retention ends.
"""

from collections.abc import Iterable, Sequence

import msgspec

from pipeline import kafka
from pipeline.errors import RequestError
from pipeline.settings import Settings
from schemas import dead_letter, raw
from schemas.topics import DEAD_LETTERS, RAW, full_name

Headers = Sequence[tuple[str, bytes]]
_OURS = frozenset({dead_letter.REASON, dead_letter.DETAIL, dead_letter.SYSTEM, dead_letter.ORIGIN})
#: First part of an MQTT topic and the system that uses it; the rest is told by its last parts.
_SYSTEMS = {"thing": "dji", "sys": "dji", "v1": "cayenne", "v2": "cayenne"}
_DETAIL_CHARACTERS = 500


class DeadLetter(msgspec.Struct, frozen=True):
    """One dead letter. `set_aside_at_ms` is epoch milliseconds; `headers` are those of the raw record."""

    partition: int
    offset: int
    set_aside_at_ms: int
    device: str
    reason: str
    detail: str
    system: str
    origin: str
    headers: Headers
    payload: bytes

    @property
    def mqtt_topic(self) -> str:
        """The MQTT topic of the message; empty when the record had none."""
        return raw.decode_record(self.payload, self.headers, self.set_aside_at_ms).topic


def system_of(mqtt_topic: str) -> str:
    """Whose message it is, as far as its topic tells: `dji`, `cayenne`, `idi` or `unknown`."""
    first, _, rest = mqtt_topic.partition("/")
    if first in _SYSTEMS:
        return _SYSTEMS[first]
    return "idi" if rest.endswith("/STATUS") or rest in {"JOB/STATUS", "DEVICE/STATUS", "SHARE/STATUS"} else "unknown"


def encode_headers(headers: Headers, reason: str, detail: str, origin: str) -> list[tuple[str, bytes]]:
    """Headers of a dead letter for a raw record that had `headers`; `origin` is `topic:partition:offset`."""
    mqtt_topic = next((value for name, value in headers if name == raw.MQTT_TOPIC), b"").decode("utf-8", "replace")
    added = [
        (dead_letter.REASON, reason.encode("utf-8", "replace")),
        (dead_letter.SYSTEM, system_of(mqtt_topic).encode()),
        (dead_letter.ORIGIN, origin.encode()),
    ]
    if detail:
        added.append((dead_letter.DETAIL, detail[:_DETAIL_CHARACTERS].encode("utf-8", "replace")))
    return [*((name, value) for name, value in headers if name not in _OURS), *added]


def decode_record(record: kafka.Record) -> DeadLetter:
    """The dead letter that a record of the topic carries."""
    told = {name: value.decode("utf-8", "replace") for name, value in record.headers if name in _OURS}
    return DeadLetter(
        partition=record.partition,
        offset=record.offset,
        set_aside_at_ms=record.timestamp,
        device=(record.key or b"").decode("utf-8", "replace"),
        reason=told.get(dead_letter.REASON, ""),
        detail=told.get(dead_letter.DETAIL, ""),
        system=told.get(dead_letter.SYSTEM, "unknown"),
        origin=told.get(dead_letter.ORIGIN, ""),
        headers=[(name, value) for name, value in record.headers if name not in _OURS],
        payload=record.value or b"",
    )


async def newest(settings: Settings, count: int) -> list[DeadLetter]:
    """The newest dead letters, newest first.

    Raises:
        UnavailableError: Kafka does not answer.
    """
    return [decode_record(record) for record in await kafka.read_newest(settings, DEAD_LETTERS, count)]


async def read(settings: Settings, partition: int, first: int, last: int) -> list[DeadLetter]:
    """The dead letters of a partition from offset `first` to `last`.

    Raises:
        RequestError: there is none (any more).
        UnavailableError: Kafka does not answer.
    """
    found = await kafka.read_records(settings, DEAD_LETTERS, partition, first, last)
    if not found:
        message = f"no dead letter at {partition}:{first}: `windhover dead-letters list` shows what is there"
        raise RequestError(message, status=404)
    return [decode_record(record) for record in found]


async def requeue(settings: Settings, letters: Iterable[DeadLetter]) -> int:
    """Put letters back onto `raw`, each into the partition it came from; gives their number.

    Raises:
        UnavailableError: Kafka does not answer; what was sent before stays sent.
    """
    topic, count = full_name(RAW, settings.topic_prefix), 0
    async with kafka.producer(settings, "requeue") as producer:
        with kafka.translated():
            for letter in letters:
                marked = [(name, value) for name, value in letter.headers if name != raw.REQUEUED_FROM]
                marked.append((raw.REQUEUED_FROM, b"%d:%d" % (letter.partition, letter.offset)))
                await producer.send_and_wait(
                    topic,
                    letter.payload,
                    key=letter.device.encode() or None,
                    partition=_origin_partition(letter),
                    headers=marked,
                )
                count += 1
    return count


def _origin_partition(letter: DeadLetter) -> int | None:
    """The raw partition that the letter came from, so that the device keeps its partition; None: by its key."""
    parts = letter.origin.rsplit(":", 2)
    return int(parts[1]) if len(parts) == 3 and parts[1].isdigit() else None  # noqa: PLR2004  # topic:partition:offset
