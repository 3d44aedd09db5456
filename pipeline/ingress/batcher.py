"""From lists of messages to batches of records: one open list a partition, at most one produce in flight a partition.

Batches grow by themselves under load: what arrives while a produce is in flight joins the next one. Acknowledgements go
back for a whole batch, on the connection that each message came from, after Kafka has acknowledged the records.
"""

import asyncio
import logging
from collections.abc import Callable
from itertools import groupby
from operator import itemgetter
from typing import Any, NamedTuple, Protocol

from pipeline import metrics
from pipeline.clock import now_ms
from pipeline.ingress.routes import Route, Routes
from pipeline.mqtt.connection import Connection
from pipeline.mqtt.packets import DUPLICATE_FLAG, RETAIN_FLAG
from pipeline.mqtt.stream import Publish
from schemas import raw

log = logging.getLogger(__name__)

ROLE = "ingress"
#: What may wait for Kafka, counting each message's payload and MESSAGE_BYTES. QoS 1 messages are bounded by the
#: window as well; QoS 0 messages and large ones only by this. Above it nothing is read; below half of it reading goes
#: on.
MAX_WAITING_BYTES = 64 << 20
MESSAGE_BYTES = 512


class RecordProducer(Protocol):
    """What the batcher needs of Kafka (`pipeline.ingress.producer`)."""

    def create_batch(self) -> Any:
        """An empty batch with `append(key, value, timestamp, headers)`, which gives None when it is full."""

    async def send(self, batch: Any, partition: int) -> None:
        """Return when Kafka has the whole batch, however long that takes; raise when it never will."""


class _Entry(NamedTuple):
    connection: Connection
    message: Publish
    route: Route
    received_at_ms: int
    received: tuple[str, bytes]


class Batcher:
    """Takes messages, gives records. `on_failure` is called once when Kafka refuses records for good."""

    def __init__(
        self,
        producer: RecordProducer,
        partitions: int,
        linger_seconds: float,
        on_failure: Callable[[BaseException], None],
    ) -> None:
        self._producer = producer
        self._routes = Routes(partitions)
        self._linger_seconds = linger_seconds
        self._on_failure = on_failure
        self._open: list[list[_Entry]] = [[] for _ in range(partitions)]
        self._tasks: list[asyncio.Task[None] | None] = [None] * partitions
        self._produce_began: list[float | None] = [None] * partitions
        self._waiting_messages = self._waiting_bytes = 0
        self._paused: Connection | None = None
        self._draining = False
        self._received = metrics.RECEIVED.labels(ROLE)
        self._sent = metrics.SENT.labels(ROLE, "raw")
        self._downward = metrics.DISCARDED.labels(ROLE, "downward")
        self._lag = metrics.LAG_SECONDS.labels(ROLE)
        metrics.QUEUE_ITEMS.labels(ROLE, "kafka").set_function(lambda: self._waiting_messages)

    @property
    def waiting_messages(self) -> int:
        """Messages taken that Kafka has not acknowledged."""
        return self._waiting_messages

    def stalled_seconds(self) -> float:
        """How long the oldest produce has been without an answer; 0 where none is in flight."""
        began = [each for each in self._produce_began if each is not None]
        return asyncio.get_running_loop().time() - min(began) if began else 0.0

    def add(self, connection: Connection, messages: list[Publish]) -> None:
        """Take the messages of one read. Returns at once; they are acknowledged when Kafka has them."""
        received_at_ms = now_ms()
        received = (raw.RECEIVED_AT_MS, b"%d" % received_at_ms)
        find, lists = self._routes.find, self._open
        size = 0
        downward = []
        for message in messages:
            route = find(message[0])
            if route.partition is None:
                downward.append(message)
                continue
            lists[route.partition].append(_Entry(connection, message, route, received_at_ms, received))
            size += len(message[2])
        self._received.inc(len(messages))
        if downward:
            self._downward.inc(len(downward))
            connection.acknowledge([message[1] for message in downward if message[1] is not None])
        self._waiting_messages += len(messages) - len(downward)
        self._waiting_bytes += size + MESSAGE_BYTES * (len(messages) - len(downward))
        if self._waiting_bytes > MAX_WAITING_BYTES:
            connection.pause_reading()
            self._paused = None if self._draining else connection
        for partition, entries in enumerate(lists):
            if entries and self._tasks[partition] is None:
                self._tasks[partition] = asyncio.ensure_future(self._drain(partition))

    async def drained(self) -> None:
        """Return when everything taken is in Kafka and acknowledged, or refused for good. Reading does not resume."""
        self._paused, self._draining = None, True
        while running := [task for task in self._tasks if task is not None]:
            await asyncio.wait(running)

    async def _drain(self, partition: int) -> None:
        try:
            while self._open[partition]:
                await asyncio.sleep(self._linger_seconds)
                entries, self._open[partition] = self._open[partition], []
                await self._produce(partition, entries)
        except Exception as error:  # noqa: BLE001 - the top of this task: whatever it was ends the process
            self._on_failure(error)
        finally:
            self._tasks[partition] = self._produce_began[partition] = None

    async def _produce(self, partition: int, entries: list[_Entry]) -> None:
        """One produce after the other: as many as it takes, because a batch has a largest size."""
        loop = asyncio.get_running_loop()
        start = 0
        while start < len(entries):
            batch, end = self._fill(entries, start)
            self._produce_began[partition] = loop.time()
            await self._producer.send(batch, partition)
            self._produce_began[partition] = None
            self._finish(entries[start:end])
            start = end

    def _fill(self, entries: list[_Entry], start: int) -> tuple[Any, int]:
        """A batch of the entries from `start`, and where the next one starts."""
        batch = self._producer.create_batch()
        append = batch.append
        for place in range(start, len(entries)):
            _, (_, _, payload, first), route, received_at_ms, received = entries[place]
            headers = [route.header, received]
            if first & RETAIN_FLAG:
                headers.append((raw.RETAIN, b"1"))
            if first & DUPLICATE_FLAG:
                headers.append((raw.DUPLICATE, b"1"))
            if append(key=route.key, value=payload, timestamp=received_at_ms, headers=headers) is None:
                return batch, place
        return batch, len(entries)

    def _finish(self, entries: list[_Entry]) -> None:
        """Kafka has them: acknowledge, each on its own connection."""
        for connection, group in groupby(entries, itemgetter(0)):
            connection.acknowledge([entry[1][1] for entry in group if entry[1][1] is not None])
        self._sent.inc(len(entries))
        self._lag.set((now_ms() - entries[0].received_at_ms) / 1000)
        self._waiting_messages -= len(entries)
        self._waiting_bytes -= sum([len(entry[1][2]) for entry in entries]) + MESSAGE_BYTES * len(entries)
        if self._paused is not None and self._waiting_bytes < MAX_WAITING_BYTES // 2:
            self._paused.resume_reading()
            self._paused = None
