"""The consumer: hands chunks to the stream, commits acknowledged prefixes, starts where the work says.

Bugs that this layer once had, each with a regression test of its name: F1 the compiled stream inlines Faust's acks, so
they are ignored here and never overridden; F2 the first fetch after a rebalance must not be thrown away by generation;
F3 a delivery that slept through a rebalance must not move the new position; F4 a partition that was never committed
still has a position, so that a gap at its start is seen.
"""

import asyncio
import logging
import time
from collections.abc import Iterator, Sequence
from typing import Any, ClassVar

from faust.transport.drivers.aiokafka import Consumer
from faust.types import TP
from faust.types.tuples import ConsumerMessage

from agents.chunks.acknowledged import Acknowledged
from agents.chunks.chunk import Chunk, Record
from agents.chunks.continuity import Continuity, Verdict, from_position
from agents.chunks.options import Options
from agents.chunks.thread import ChunkThread
from pipeline import metrics

log = logging.getLogger(__name__)

#: Nothing fetched for so long: fetches may be held longer, which costs less.
IDLE_SECONDS = 2.0
#: Faust's recovery service abandons a seek after `broker_request_timeout` (20 s) without a word: fail before it does.
SEEK_SECONDS = 15.0


class ChunkConsumer(Consumer):  # type: ignore[misc]  # Faust is untyped here
    """Faust's aiokafka consumer with chunks in place of records. `install` makes a subclass with the options."""

    options: ClassVar[Options]
    app: Any
    _thread: ChunkThread
    _read_offset: dict[TP, int | None]
    _committed_offset: dict[TP, int | None]

    def __init__(self, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **options)
        self.acknowledged = Acknowledged()
        self.continuity = Continuity()
        self.drained_at = self.records_at = time.monotonic()
        self._idle = False
        self._room = asyncio.Event()

    def _new_consumer_thread(self) -> ChunkThread:
        return ChunkThread(self, loop=self.loop, beacon=self.beacon)

    # Start positions

    async def perform_seek(self) -> None:
        """Start every partition where the work says. Called by Faust after an assignment, before flow resumes."""
        async with asyncio.timeout(SEEK_SECONDS):
            generation = self.app.consumer_generation_id
            bounds = await self._thread.bounds(self.assignment())
            positions = await self.options.work.load(bounds, generation)
            await self._thread.seek_all({partition: positions[partition] for partition in bounds})
        self.continuity.forget()
        self._read_offset.update({partition: positions[partition] for partition in bounds})
        # A partition counts as committed at its start or its commit, whichever is later: the broker's figure may be
        # older (the database is ahead of it) or missing (F4).
        for partition, found in bounds.items():
            self._committed_offset[partition] = max(positions[partition], found.committed or 0)
        log.info("partitions started", extra={"positions": {f"{p[0]}:{p[1]}": positions[p] for p in bounds}})

    # From the client to the stream

    def on_buffer_drop(self, tp: TP) -> None:
        """The stream has room again for this partition."""
        super().on_buffer_drop(tp)
        self._room.set()

    async def _drain_messages(self, fetcher: Any) -> None:
        try:
            while not (self.should_stop or fetcher.should_stop):
                await asyncio.sleep(self.options.drain_gap_seconds)
                for partition, records in (await self._fetched()).items():
                    await self._deliver(TP(*partition), records)
        except (asyncio.CancelledError, *self.consumer_stopped_errors):
            if not self.app.should_stop:
                raise

    async def _fetched(self) -> dict[Any, list[Record]]:
        """What the client has for partitions that have room; waits up to a second for it."""
        if not self.flow_active:
            await self.wait(self.can_resume_flow)
        records: dict[Any, list[Record]] = {}
        active = self._get_active_partitions()
        if active:
            records = await self._getmany(active_partitions=active, timeout=1.0) or {}
        else:
            await self._wait_for_room()
        self.drained_at = time.monotonic()
        self._adapt_fetch_wait(some=bool(records))
        return records

    async def _wait_for_room(self) -> None:
        self._room.clear()
        try:
            async with asyncio.timeout(0.25):
                await self._room.wait()
        except TimeoutError:
            return  # the caller looks again, also for a rebalance

    def _adapt_fetch_wait(self, *, some: bool) -> None:
        now = self.drained_at
        if some:
            self.records_at = now
        idle = now - self.records_at > IDLE_SECONDS
        if idle is not self._idle:
            self._idle = idle
            self._thread.set_fetch_wait(self.options.idle_fetch_wait_ms if idle else self.options.fetch_wait_ms)

    async def _deliver(self, partition: TP, records: Sequence[Record]) -> None:
        generation, size = self.app.consumer_generation_id, self.options.chunk_records
        for begin in range(0, len(records), size):
            position = self._read_offset.get(partition)
            if position is None or not self._flows(generation):
                return  # a rebalance is on: positions are sought before flow resumes
            part = from_position(records[begin : begin + size], position)
            if not part:
                continue
            verdict = self.continuity.judge(partition, position, part[0].offset)
            if verdict is not Verdict.CONTINUES:
                self._tell_of_gap(partition, position, part[0].offset, verdict)
            if verdict is Verdict.AGAIN:
                await self._thread.seek_all({partition: position})
                return
            token = self.acknowledged.hand_out(partition, part[-1].offset + 1)
            chunk = Chunk(partition, part, position, generation, token)
            delivered = await self._hand_over(chunk, part[-1])
            if self.app.consumer_generation_id != generation:
                return  # slept through a rebalance: the new position is not ours to move (F3)
            if not delivered:
                self.acknowledged.take_back(partition, token)
                return
            self._read_offset[partition] = chunk.next_offset

    async def _hand_over(self, chunk: Chunk, last: Record) -> bool:
        """Put the chunk into the stream's queue, as long as flow is not suspended; False when it was."""
        message = ConsumerMessage(
            last.topic, last.partition, last.offset, last.timestamp / 1000.0, None, None, None, chunk, None,
            tp=chunk.partition, generation_id=chunk.generation,
        )  # fmt: skip
        delivery = asyncio.ensure_future(self.callback(message))
        suspended = asyncio.ensure_future(self.suspend_flow.wait())
        try:
            await asyncio.wait({delivery, suspended}, return_when=asyncio.FIRST_COMPLETED)
            if delivery.done():
                delivery.result()
                return True
            return False
        finally:
            delivery.cancel()
            suspended.cancel()

    def _flows(self, generation: int) -> bool:
        return bool(self.flow_active) and self.app.consumer_generation_id == generation

    def _tell_of_gap(self, partition: TP, position: int, first: int, verdict: Verdict) -> None:
        metrics.ERRORS.labels(self.options.role, "gap").inc()
        log.warning(
            "records missing in a partition",
            extra={"topic": partition[0], "partition": partition[1], "expected": position, "first": first}
            | {"action": "read again" if verdict is Verdict.AGAIN else "passed: they do not exist any more"},
        )

    # Commits

    def _filter_tps_with_pending_acks(self, topics: Any = None) -> Iterator[TP]:
        self._acked.clear()  # Faust's own acks say nothing here (F1)
        self._acked_index.clear()
        for partition in self.acknowledged.committable():
            if topics is None or partition in topics or partition[0] in topics:
                yield TP(*partition)

    def _new_offset(self, tp: TP) -> int | None:
        return self.acknowledged.commit(tp)

    async def on_partitions_revoked(self, revoked: set[TP]) -> None:
        """Take no more, finish what is in hand within bounds, commit it, forget the rest."""
        await self.finish()
        self.acknowledged.forget(revoked)
        await super().on_partitions_revoked(revoked)

    async def finish(self) -> None:
        """Stop the flow, let the work settle, commit. What does not settle in time is done again by the next owner."""
        self.stop_flow()
        self.app.flow_control.suspend()
        self.app.flow_control.clear()
        try:
            async with asyncio.timeout(self.options.settle_seconds):
                await self.options.work.settle()
        except TimeoutError:
            log.warning("work in hand did not settle in time", extra={"blocked": self.options.work.blocked()})
        try:
            async with asyncio.timeout(self.options.settle_seconds):
                await self.maybe_wait_for_commit_to_finish()
                await self.commit()
        except TimeoutError:
            log.warning("commit did not finish in time: the next owner repeats some work")

    async def on_partitions_assigned(self, assigned: set[TP], generation_id: int = 0) -> None:
        """Every partition starts anew at a sought position; nothing of the last generation counts."""
        self.acknowledged.forget_all()
        self._buffered_partitions.clear()
        await super().on_partitions_assigned(assigned, generation_id)

    def verify_event_path(self, now: float, tp: TP) -> None:
        """Faust's own stall messages, which count records: the watchdog stands in for them."""
