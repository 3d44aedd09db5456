"""The ingress's way to Kafka: batches onto the raw topic, idempotent, lz4, acknowledged by all in-sync replicas.

With idempotence aiokafka sends a batch again until Kafka has it, and never twice: a broker that is away shows as
waiting.
"""

import asyncio
from typing import Any

from pipeline.errors import UnavailableError
from pipeline.kafka import partition_counts, start_producer, translated
from pipeline.settings import Settings
from schemas.topics import RAW, full_name

#: Handing a batch to the producer only fails while it is learning where the topic lives, or when it has given up for
#: good.
_TRIES = 5
_RETRY_SECONDS = 1.0


class RawProducer:
    """Writes batches to the raw topic. Start it with `start`, end it with `stop`."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._topic = full_name(RAW, settings.topic_prefix)
        self._client: Any = None

    async def start(self) -> int:
        """Connect; gives the topic's number of partitions, which holds for the life of the process.

        Raises:
            UnavailableError: Kafka does not answer, or the topic is not there yet.
        """
        counts = await partition_counts(self._settings, [RAW])
        if RAW not in counts:
            raise UnavailableError(f"the topic {self._topic} does not exist: run `windhover topics`")
        self._client = await start_producer(self._settings, "ingress", compression="lz4")
        return counts[RAW]

    def create_batch(self) -> Any:
        """An empty batch."""
        return self._client.create_batch()

    async def send(self, batch: Any, partition: int) -> None:
        """Return when Kafka has the whole batch.

        Raises:
            WindhoverError: Kafka will never take it from this producer: start a new one.
        """
        delivered = await self._enqueue(batch, partition)
        with translated():
            await delivered

    async def _enqueue(self, batch: Any, partition: int) -> Any:
        for _ in range(_TRIES):
            try:
                with translated():
                    return await self._client.send_batch(batch, self._topic, partition=partition)
            except UnavailableError as error:
                refused = error
                await asyncio.sleep(_RETRY_SECONDS)
        raise refused

    async def stop(self) -> None:
        """Close the connections; batches in flight are waited for by whoever sent them."""
        if self._client is not None:
            await self._client.stop()
