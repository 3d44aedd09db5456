"""normalize: `raw` to `telemetry`, `events`, `commands`, `devices` and `dead-letters`.

Order per device holds: what a chunk gives goes to the partition of the same number, batch behind batch. A chunk is done
when Kafka has everything it gave. A record that cannot be read costs that record: it becomes a dead letter.
"""

import asyncio
import logging
from collections.abc import Mapping
from typing import Any

from agents.chunks.chunk import Chunk, Partition, Record
from agents.chunks.work import Bounds
from agents.ending import end
from agents.outbox import Outbox
from agents.role import note_finished, run
from pipeline import clock, kafka, metrics
from pipeline.dead_letters import encode_headers
from pipeline.device_feed import DeviceFeed
from pipeline.errors import ConfigurationError, MessageError
from pipeline.normalize.duplicates import RecentMessages
from pipeline.normalize.normalizer import Normalized, Normalizer
from pipeline.normalize.registry import Registry
from pipeline.normalize.routing import device_key
from pipeline.settings import Settings
from schemas import command, device, event, raw, telemetry
from schemas.dead_letter import reason_word
from schemas.topics import COMMANDS, DEAD_LETTERS, DEVICES, EVENTS, RAW, TELEMETRY

log = logging.getLogger(__name__)

ROLE = "normalize"
INTERNAL = "internal-error"
#: Records of a partition that are read again after a (re)start, only to know what was seen lately. The MQTT windows of
#: several ingress processes, which is what can come twice after a crash, fit in.
WARM_UP_RECORDS = 4000


def main(settings: Settings) -> int:
    """Run the role; gives the exit code."""
    return run(ROLE, settings, RAW, Normalize(settings))


class Normalize:
    """The work on chunks of raw records (`agents.chunks.work.Work`)."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._registry = Registry()
        self._normalizer = Normalizer(self._registry, settings.first_sight_account)
        self._recent: dict[Partition, RecentMessages] = {}
        self._fresh: dict[Partition, int] = {}
        self._sending: set[asyncio.Future[Any]] = set()
        self._producer: kafka.Producer | None = None
        self._feed: DeviceFeed | None = None

    async def prepare(self) -> None:
        """See that partitions match, open the producer, read all devices."""
        same = (RAW, TELEMETRY, EVENTS)
        await kafka.wait_for_topics(self._settings, [*same, COMMANDS, DEVICES, DEAD_LETTERS])
        counts = await kafka.partition_counts(self._settings, same)
        if len(set(counts.values())) != 1:
            numbers = ", ".join(f"{topic.name} {count}" for topic, count in counts.items())
            raise ConfigurationError(f"partitions differ ({numbers}): they must be the same; make the topics anew")
        self._producer = await kafka.start_producer(self._settings, ROLE)
        self._feed = DeviceFeed(self._settings, self._registry.put)
        await self._feed.start()
        log.info("devices known", extra={"devices": len(self._registry)})

    async def load(self, bounds: Mapping[Partition, Bounds], generation: int) -> Mapping[Partition, int]:  # noqa: ARG002
        """Start a little before the commit, so that messages sent twice around a restart are noticed."""
        self._recent = {partition: RecentMessages() for partition in bounds}
        self._fresh = {partition: found.resume for partition, found in bounds.items()}
        return {partition: max(found.resume - WARM_UP_RECORDS, found.earliest) for partition, found in bounds.items()}

    async def take(self, chunk: Chunk) -> None:
        """Read every record, send what it says, acknowledge when Kafka has it."""
        outbox = Outbox(ordered=(TELEMETRY, EVENTS))
        recent, fresh = self._recent.get(chunk.partition), self._fresh.get(chunk.partition, 0)
        if recent is None:
            return  # revoked meanwhile
        for record in chunk.records:
            if record.offset >= fresh:
                self._read(record, recent, outbox)
            else:
                self._only_remember(record, recent)
        assert self._producer is not None
        sent = await outbox.send(self._producer, ROLE, self._settings, chunk.partition[1])
        self._sending.add(sent)
        sent.add_done_callback(lambda done: self._sent(done, chunk))

    def _sent(self, sent: "asyncio.Future[Any]", chunk: Chunk) -> None:
        self._sending.discard(sent)
        if sent.cancelled() or (error := sent.exception()) is not None:
            # Whatever stands behind it must not be sent: order is part of the promise.
            end("Kafka did not take what a chunk gave", error=None if sent.cancelled() else error)
        chunk.ack()
        note_finished(ROLE, chunk, clock.now_ms())

    def _read(self, record: Record, recent: RecentMessages, outbox: Outbox) -> None:
        try:
            message = raw.decode_record(record.value, record.headers, record.timestamp)
            said = self._normalizer.normalize(message, record.offset, recent)
        except MessageError as error:
            if error.reason == INTERNAL:
                self._tell_of_failure(record, error)
            self._set_aside(record, error.reason, error.detail, outbox)
            return
        except Exception as error:  # noqa: BLE001  # the door of the pure part: one bad message costs that message
            self._tell_of_failure(record, error)
            self._set_aside(record, INTERNAL, repr(error), outbox)
            return
        self._add(said, record, outbox)

    def _tell_of_failure(self, record: Record, error: Exception) -> None:
        """A decoder raised what it must not raise: a person should look."""
        metrics.ERRORS.labels(ROLE, "normalize").inc()
        where = {"partition": record.partition, "offset": record.offset}
        log.error("a decoder failed", extra=where, exc_info=error)

    def _add(self, said: Normalized, record: Record, outbox: Outbox) -> None:
        if said.telemetry is not None:
            key = said.telemetry.device.encode()
            outbox.add(TELEMETRY, key, telemetry.ENCODER.encode(said.telemetry), record.timestamp)
        if said.event is not None:
            outbox.add(EVENTS, said.event.device.encode(), event.ENCODER.encode(said.event), record.timestamp)
        for reply in said.replies:
            outbox.add(COMMANDS, device_key(reply.topic).encode(), command.ENCODER.encode(reply), record.timestamp)
        for seen in said.devices:
            self._registry.put(seen)
            outbox.add(DEVICES, seen.device.encode(), device.ENCODER.encode(seen), record.timestamp)
        if said.dropped is not None:
            metrics.DISCARDED.labels(ROLE, said.dropped).inc()

    def _only_remember(self, record: Record, recent: RecentMessages) -> None:
        message = raw.decode_record(record.value, record.headers, record.timestamp)
        try:
            self._normalizer.normalize(message, record.offset, recent)
        except Exception as error:  # noqa: BLE001  # it was set aside when it was new
            log.debug("not remembered", extra={"offset": record.offset, "error": repr(error)})

    def _set_aside(self, record: Record, reason: str, detail: str, outbox: Outbox) -> None:
        metrics.DISCARDED.labels(ROLE, reason_word(reason)).inc()
        key = record.key or b""
        where = {"topic": record.topic, "partition": record.partition, "offset": record.offset}
        log.warning(
            "message set aside",
            extra={"reason": reason, "device": key.decode("utf-8", "replace")} | where,
        )
        origin = f"{record.topic}:{record.partition}:{record.offset}"
        headers = encode_headers(record.headers, reason, detail, origin)
        outbox.add(DEAD_LETTERS, key, record.value or b"", clock.now_ms(), headers)

    async def settle(self) -> None:
        """Wait until Kafka has acknowledged what was sent."""
        while self._sending:
            await asyncio.wait(set(self._sending))

    def blocked(self) -> str | None:
        """Only Kafka can hold this role up, and the watchdog asks Kafka itself."""
        return None

    async def close(self) -> None:
        """Stop the feed and the producer."""
        if self._feed is not None:
            await self._feed.close()
        if self._producer is not None:
            await self._producer.stop()
