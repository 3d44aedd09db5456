"""The compacted `devices` topic: read whole, then followed, so that what is known of devices needs no query."""

import asyncio
import logging
from collections.abc import Callable

import msgspec

from pipeline import kafka
from pipeline.errors import UnavailableError
from pipeline.settings import Settings
from schemas.device import DECODER, Device
from schemas.topics import DEVICES, full_name

log = logging.getLogger(__name__)

RETRY_SECONDS = 2.0


class DeviceFeed:
    """Gives every device record to `put`, oldest first; of two of one device the later one counts."""

    def __init__(self, settings: Settings, put: Callable[[Device], None]) -> None:
        self._settings = settings
        self._put = put
        self._whole = asyncio.Event()
        self._following: asyncio.Task[None] | None = None

    async def start(self) -> None:
        """Return when everything that was on the topic has been given; go on following it until `close`."""
        self._following = asyncio.create_task(self._follow())
        await self._whole.wait()

    async def _follow(self) -> None:
        while True:
            try:
                async with kafka.reader(self._settings, "devices") as consumer:
                    await self._read(consumer)
            except UnavailableError as error:
                log.warning("the devices topic cannot be read", extra={"reason": str(error)})
                await asyncio.sleep(RETRY_SECONDS)

    async def _read(self, consumer: kafka.Reader) -> None:
        partitions = await kafka.assign_topic(consumer, full_name(DEVICES, self._settings.topic_prefix))
        ends = await consumer.end_offsets(partitions)
        while True:
            for records in (await consumer.getmany(timeout_ms=200)).values():
                for record in records:
                    self._give(record)
            if not self._whole.is_set():
                read = [await consumer.position(where) >= ends[where] for where in partitions]
                if all(read):
                    self._whole.set()

    def _give(self, record: kafka.Record) -> None:
        if record.value is None:
            return  # a device that was deleted; what is known of it serves until the next start
        try:
            self._put(DECODER.decode(record.value))
        except msgspec.MsgspecError as error:
            log.warning("a device record is not readable", extra={"offset": record.offset, "error": str(error)})

    async def close(self) -> None:
        """Stop following."""
        if self._following is not None:
            self._following.cancel()
            await asyncio.wait({self._following})
