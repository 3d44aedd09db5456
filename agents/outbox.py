"""Sends what a chunk gives, in whole batches to chosen partitions, and tells when Kafka has all of it."""

import asyncio
from typing import Any

from pipeline import metrics
from pipeline.kafka import Producer
from pipeline.settings import Settings
from schemas.topics import Topic, full_name

Headers = list[tuple[str, bytes]]
#: Key, value, timestamp (epoch ms), headers.
Entry = tuple[bytes, bytes, int, Headers]


class Outbox:
    """Entries of one chunk by topic. `ordered` topics get the chunk's own partition, the others go by key."""

    def __init__(self, ordered: tuple[Topic, ...]) -> None:
        self._ordered: dict[Topic, list[Entry]] = {topic: [] for topic in ordered}
        self._by_key: list[tuple[Topic, Entry]] = []

    def add(self, topic: Topic, key: bytes, value: bytes, timestamp_ms: int, headers: Headers | None = None) -> None:
        """Add one record."""
        entry = (key, value, timestamp_ms, headers or [])
        if topic in self._ordered:
            self._ordered[topic].append(entry)
        else:
            self._by_key.append((topic, entry))

    async def send(self, producer: Producer, role: str, settings: Settings, partition: int) -> "asyncio.Future[Any]":
        """Queue everything with the producer, in order; the future is done when the broker has acknowledged all of it.

        Waits while the partition's earlier batch is not on its way: that is the back-pressure.

        Raises:
            KafkaError: the producer does not take it.
        """
        acknowledgements: list[asyncio.Future[Any]] = []
        for topic, entries in self._ordered.items():
            if entries:
                name = full_name(topic, settings.topic_prefix)
                acknowledgements += await _send_batches(producer, name, partition, entries)
                metrics.SENT.labels(role, topic.name).inc(len(entries))
        for topic, (key, value, timestamp_ms, headers) in self._by_key:
            name = full_name(topic, settings.topic_prefix)
            acknowledgements.append(
                await producer.send(name, value, key=key, timestamp_ms=timestamp_ms, headers=headers)
            )
            metrics.SENT.labels(role, topic.name).inc()
        return asyncio.gather(*acknowledgements)


async def _send_batches(
    producer: Producer, topic: str, partition: int, entries: list[Entry]
) -> "list[asyncio.Future[Any]]":  # fmt: skip
    sent = []
    batch = producer.create_batch()
    for key, value, timestamp_ms, headers in entries:
        if batch.append(key=key, value=value, timestamp=timestamp_ms, headers=headers) is None:
            sent.append(await producer.send_batch(batch, topic, partition=partition))
            batch = producer.create_batch()
            batch.append(key=key, value=value, timestamp=timestamp_ms, headers=headers)  # a first record always fits
    batch.close()
    sent.append(await producer.send_batch(batch, topic, partition=partition))
    return sent
