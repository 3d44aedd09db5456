"""land: `telemetry` to TimescaleDB, every record exactly once.

Chunks are gathered for a moment and written in one transaction with their offsets (`pipeline.store.land`). Positions
come from the database; Kafka's commits are only for the eyes of lag tools. The database away: nothing more is taken,
memory stays as it is, and writing goes on when it is back.
"""

import asyncio
import logging
import os
import secrets
from collections import deque
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import Any, TypeVar

from agents.chunks.chunk import Chunk, Partition
from agents.chunks.work import Bounds
from agents.ending import MISCONFIGURED, end
from agents.refusals import set_aside
from agents.role import note_finished, run
from pipeline import clock, kafka, metrics
from pipeline.device_feed import DeviceFeed
from pipeline.errors import ConfigurationError, UnavailableError
from pipeline.settings import Settings
from pipeline.store.batch import Batch, NotStorableError, Place, Span
from pipeline.store.land import Landing
from schemas.device import Device
from schemas.topics import TELEMETRY, full_name

log = logging.getLogger(__name__)
T = TypeVar("T")

ROLE = "land"
FIRST_WAIT_SECONDS, LONGEST_WAIT_SECONDS = 0.1, 2.0
#: Rows of a transaction whose latency is measured; the others are like them.
MEASURED_ROWS = 100
DEVICES_PER_STATEMENT = 1000


def main(settings: Settings) -> int:
    """Run the role; gives the exit code."""
    return run(ROLE, settings, TELEMETRY, Land(settings))


class Land:
    """The work on chunks of telemetry (`agents.chunks.work.Work`)."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        owner = f"land-{settings.process_index}-{os.getpid()}-{secrets.token_hex(4)}"
        self._landing = Landing(settings.database, full_name(TELEMETRY, settings.topic_prefix), owner)
        self._thread = ThreadPoolExecutor(1, "database")
        self._generation = -1
        self._waiting: deque[Chunk] = deque()
        self._records = 0
        self._come, self._room, self._idle, self._hurry = (asyncio.Event() for _ in range(4))
        self._idle.set()
        self._devices: dict[str, Device] = {}
        self._blocked: str | None = None
        self._writer: asyncio.Task[None] | None = None
        self._producer: kafka.Producer | None = None
        self._feed: DeviceFeed | None = None

    async def prepare(self) -> None:
        """Wait for the database, read all devices, start the writer."""
        await self._until_there(partial(self._in_thread, self._landing.check, self._settings.first_sight_account))
        self._producer = await kafka.start_producer(self._settings, ROLE)
        self._feed = DeviceFeed(self._settings, self._note_device)
        await self._feed.start()
        self._writer = asyncio.create_task(self._write_forever())

    def _note_device(self, device: Device) -> None:
        self._devices[device.device] = device
        self._come.set()

    async def load(self, bounds: Mapping[Partition, Bounds], generation: int) -> Mapping[Partition, int]:
        """Claim the partitions; start where the database says."""
        self._generation = generation
        self._forget_waiting()
        ours = {partition[1]: (found.earliest, found.end) for partition, found in bounds.items()}
        try:
            landed = await self._until_there(partial(self._in_thread, self._landing.claim, ours))
        except ConfigurationError as error:
            end(str(error), MISCONFIGURED)
        return {partition: landed[partition[1]].next_offset for partition in bounds}

    def _forget_waiting(self) -> None:
        self._waiting.clear()
        self._records = 0
        self._room.set()

    async def take(self, chunk: Chunk) -> None:
        """Put the chunk into the queue; wait while twice a transaction's rows are there."""
        if chunk.generation != self._generation:
            return
        self._waiting.append(chunk)
        self._records += len(chunk)
        self._idle.clear()
        self._come.set()
        metrics.QUEUE_ITEMS.labels(ROLE, "records").set(self._records)
        while self._records > 2 * self._settings.land_max_rows:
            self._room.clear()
            await self._room.wait()

    async def settle(self) -> None:
        """Write what waits, without gathering."""
        self._hurry.set()
        try:
            await self._idle.wait()
        finally:
            self._hurry.clear()

    def blocked(self) -> str | None:
        """Why the database does not take rows."""
        return self._blocked

    async def close(self) -> None:
        """Stop writing and release everything."""
        if self._writer is not None:
            self._writer.cancel()
            await asyncio.wait({self._writer})
        if self._feed is not None:
            await self._feed.close()
        if self._producer is not None:
            await self._producer.stop()
        await self._in_thread(self._landing.close)
        self._thread.shutdown(wait=False)

    async def _write_forever(self) -> None:
        try:
            while True:
                await self._come.wait()
                self._come.clear()
                await self._write_devices()
                while self._waiting:
                    await self._gather()
                    await self._write(self._next_chunks())
                self._idle.set()
        except Exception as error:  # noqa: BLE001  # the top of the process: a restart loses nothing
            end("landing failed", MISCONFIGURED if isinstance(error, ConfigurationError) else 70, error)

    async def _gather(self) -> None:
        if self._records >= self._settings.land_max_rows or self._hurry.is_set():
            return
        try:
            async with asyncio.timeout(self._settings.land_gather_seconds):
                await self._hurry.wait()
        except TimeoutError:
            return  # the usual way: time to write

    def _next_chunks(self) -> list[Chunk]:
        chunks, records = [], 0
        while self._waiting and records < self._settings.land_max_rows:
            chunk = self._waiting.popleft()
            chunks.append(chunk)
            records += len(chunk)
        self._records -= records
        self._room.set()
        return chunks

    async def _write(self, chunks: list[Chunk]) -> None:
        spans = [Span(c.partition[1], c.starts_at, c.next_offset, c.records) for c in chunks]
        refused: dict[Place, str] = {}
        batch: Batch | None = None
        while batch is None:
            try:
                prepared = await self._in_thread(self._landing.prepare, spans, refused)
                if not await self._until_there(partial(self._in_thread, self._landing.commit, prepared)):
                    return  # partitions changed hands: their new owner starts at what is committed
                batch = prepared
            except NotStorableError as error:
                new = {place: reason for place, reason in error.refused.items() if place not in refused}
                assert self._producer is not None
                await set_aside(self._settings, self._producer, chunks, new)
                refused |= new
        for chunk in chunks:
            chunk.ack()
        self._measure(batch, chunks)

    async def _write_devices(self) -> None:
        while self._devices:
            some = {name: self._devices[name] for name in list(self._devices)[:DEVICES_PER_STATEMENT]}
            await self._until_there(partial(self._in_thread, self._landing.note_devices, some))
            for name, device in some.items():
                if self._devices.get(name) is device:
                    del self._devices[name]

    async def _until_there(self, attempt: Callable[[], Any]) -> Any:
        """Repeat while the database is away, less and less often."""
        delay = FIRST_WAIT_SECONDS
        while True:
            try:
                result = await attempt()
            except UnavailableError as error:
                if self._blocked is None:
                    log.warning("waiting for the database", extra={"reason": str(error)})
                    metrics.ERRORS.labels(ROLE, "database").inc()
                self._blocked = str(error)
                await asyncio.sleep(delay)
                delay = min(delay * 2, LONGEST_WAIT_SECONDS)
            else:
                if self._blocked is not None:
                    log.info("the database is back")
                self._blocked = None
                return result

    async def _in_thread(self, work: Callable[..., T], *arguments: Any) -> T:
        return await asyncio.get_running_loop().run_in_executor(self._thread, work, *arguments)

    def _measure(self, batch: Batch, chunks: list[Chunk]) -> None:
        now = clock.now_ms()
        metrics.SENT.labels(ROLE, "database").inc(batch.rows)
        metrics.QUEUE_ITEMS.labels(ROLE, "records").set(self._records)
        if batch.repeats:
            metrics.DISCARDED.labels(ROLE, "repeat").inc(batch.repeats)
        for _, record in batch.records[:: max(len(batch.records) // MEASURED_ROWS, 1)]:
            metrics.DEVICE_TO_ROW_SECONDS.observe(max(now - record.received_at_ms, 0) / 1000)
        note_finished(ROLE, chunks[-1], now)
