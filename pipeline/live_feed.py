"""Keeps the live states moving: follows the `telemetry` topic from its end, and asks the store for what it missed.

Tells silence from trouble: when nothing comes out of `telemetry`, the ends of the topics before and beside it say
whether devices are quiet, the pipeline stands, or Kafka is away.
"""

import asyncio
import logging
from collections.abc import Sequence
from contextlib import aclosing
from typing import Any, Literal

import msgspec

from pipeline import clock, kafka, metrics
from pipeline.errors import UnavailableError
from pipeline.live import DeviceRow, LiveStates, worth_decoding
from pipeline.settings import Settings
from pipeline.store.pool import Database, Row
from pipeline.store.reads import live_devices
from schemas.telemetry import DECODER, Telemetry
from schemas.topics import DEAD_LETTERS, EVENTS, RAW, TELEMETRY, Topic, full_name

log = logging.getLogger(__name__)

Flow = Literal["flowing", "silent", "late", "away"]

_POLL_SECONDS = 0.1
_POLL_RECORDS = 20_000
_PROBE_MS = 2_000
_PROBE_TIMEOUT_SECONDS = 3.0
_RETRY_SECONDS = 1.0
_RESTORE_SECONDS = 60.0
_LATE_MS = 6_000


class LiveFeed:
    """Feeds `states` while `run` runs. `restored` is set once the store was read, `following` once Kafka answered."""

    def __init__(self, settings: Settings, database: Database, states: LiveStates) -> None:
        self._settings = settings
        self._database = database
        self._states = states
        self._started_at_ms = clock.now_ms()
        self._kafka_answers = False
        self._ends: dict[str, int] = {}
        self._raw_moved_at_ms = 0
        self._normalized_at_ms = 0
        self.restored = asyncio.Event()
        self.following = asyncio.Event()

    async def run(self) -> None:
        """Follow until cancelled; Kafka or the database away: wait, try again, say so in `flow`."""
        async with asyncio.TaskGroup() as group:
            group.create_task(self._follow_forever())
            group.create_task(self._restore_forever())

    def flow(self) -> tuple[Flow, float | None]:
        """How the pipeline is, and how late in seconds.

        `flowing`: records arrive, this late. `silent`: devices say nothing, None. `late`: messages come in, but nothing
        comes out, for this long. `away`: Kafka does not answer, nothing for this long.
        """
        now_ms = clock.now_ms()
        since = (now_ms - (self._states.record_at_ms or self._started_at_ms)) / 1000
        if self._states.flows(now_ms):
            return "flowing", self._states.lag_seconds
        if not self._kafka_answers:
            return "away", since
        if self._raw_moved_at_ms - self._normalized_at_ms > _LATE_MS:
            return "late", since
        return "silent", None

    async def _follow_forever(self) -> None:
        while True:
            try:
                await self._follow()
            except UnavailableError as error:
                self._kafka_answers = False
                log.warning("live view waits for Kafka", extra={"reason": str(error)})
                await asyncio.sleep(_RETRY_SECONDS)

    async def _follow(self) -> None:
        async with kafka.reader(self._settings, "live") as consumer:
            partitions = await kafka.assign_topic(consumer, full_name(TELEMETRY, self._settings.topic_prefix))
            await consumer.seek_to_end(*partitions)
            probed_at_ms = 0
            while True:
                if clock.now_ms() - probed_at_ms > _PROBE_MS:
                    await self._probe(consumer, partitions)
                    probed_at_ms = clock.now_ms()
                batches = await consumer.getmany(timeout_ms=1000, max_records=_POLL_RECORDS)
                for records in batches.values():
                    self._take(records)
                await asyncio.sleep(_POLL_SECONDS)

    def _take(self, records: Sequence[kafka.Record]) -> None:
        metrics.RECEIVED.labels("api").inc(len(records))
        values = worth_decoding((record.key, record.value or b"") for record in records)
        self._states.apply(_decode(values), clock.now_ms())
        metrics.LAG_SECONDS.labels("api").set(self._states.lag_seconds or 0)

    async def _probe(self, consumer: Any, partitions: Sequence[Any]) -> None:
        """Ask where the topics end: what moved since the last time."""
        moved = {}
        try:
            async with asyncio.timeout(_PROBE_TIMEOUT_SECONDS):
                for topic in (RAW, TELEMETRY, EVENTS, DEAD_LETTERS):
                    moved[topic] = await self._moved(consumer, topic, partitions)
        except kafka.ERRORS as error:
            if self._kafka_answers:
                log.warning("live view: Kafka does not answer", extra={"reason": repr(error)})
            self._kafka_answers = False
            return
        now_ms = clock.now_ms()
        self._kafka_answers = True
        self.following.set()
        raw = moved.pop(RAW)
        if raw:
            self._raw_moved_at_ms = now_ms
        if not raw or any(moved.values()):
            self._normalized_at_ms = now_ms

    async def _moved(self, consumer: Any, topic: Topic, partitions: Sequence[Any]) -> bool:
        name = full_name(topic, self._settings.topic_prefix)
        # These topics have as many partitions as `telemetry` (design: a record keeps its partition from hop to hop).
        ends = await consumer.end_offsets([where._replace(topic=name) for where in partitions])
        end = sum(int(offset) for offset in ends.values())
        before = self._ends.get(name, end)
        self._ends[name] = end
        return end != before

    async def _restore_forever(self) -> None:
        while True:
            try:
                async with aclosing(live_devices(self._database)) as found:
                    async for rows in found:
                        self._states.restore(_device_row(row) for row in rows)
                self.restored.set()
            except UnavailableError as error:
                log.warning("live view waits for the database", extra={"reason": str(error)})
                await asyncio.sleep(_RETRY_SECONDS)
                continue
            await self._sleep_until_worth_asking()

    async def _sleep_until_worth_asking(self) -> None:
        for _ in range(int(_RESTORE_SECONDS / _RETRY_SECONDS)):
            await asyncio.sleep(_RETRY_SECONDS)
            if self._states.take_unnamed():
                return


def _decode(values: list[bytes]) -> list[Telemetry]:
    decoded = []
    for value in values:
        try:
            decoded.append(DECODER.decode(value))
        except (msgspec.DecodeError, UnicodeDecodeError) as error:
            metrics.DISCARDED.labels("api", "not-telemetry").inc()
            log.warning("record of the telemetry topic is not telemetry", extra={"reason": str(error)})
    return decoded


def _device_row(row: Row) -> DeviceRow:
    at, received = row["observed_at"], row["received_at"]
    return DeviceRow(
        device=row["device"],
        account=row["account"],
        family=row["family"],
        kind=row["kind"],
        model=row["model"],
        name=row["name"],
        gateway=row["gateway"],
        observed_at_ms=None if at is None else int(at.timestamp() * 1000),
        received_at_ms=None if received is None else int(received.timestamp() * 1000),
        longitude_deg=row["longitude_deg"],
        latitude_deg=row["latitude_deg"],
        height_ellipsoid_m=row["height_ellipsoid_m"],
        state=row["state"] or {},
    )
