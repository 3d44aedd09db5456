"""Writes a device's record to the compacted `devices` topic, from which every normalize worker knows its devices."""

import asyncio
import logging
from typing import Any

from pipeline import kafka
from pipeline.errors import UnavailableError
from pipeline.settings import Settings
from schemas.device import ENCODER, Device
from schemas.topics import DEVICES, full_name

log = logging.getLogger(__name__)

#: A caller waits for the answer: after this, Kafka counts as away.
_TIMEOUT_SECONDS = 5.0


class DeviceAnnouncements:
    """Announces devices; connects at the first one."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._topic = full_name(DEVICES, settings.topic_prefix)
        self._producer: Any = None
        self._connecting = asyncio.Lock()

    async def announce(self, device: Device) -> None:
        """Return when Kafka has the record.

        Raises:
            UnavailableError: Kafka did not acknowledge it in time; it may still arrive.
        """
        try:
            async with asyncio.timeout(_TIMEOUT_SECONDS):
                with kafka.translated():
                    await self._send(device)
        except TimeoutError as error:
            raise UnavailableError(f"kafka: no answer for {_TIMEOUT_SECONDS:.0f} s") from error

    async def close(self) -> None:
        """Disconnect; what Kafka has not taken by then is given up."""
        if self._producer is not None:
            try:
                async with asyncio.timeout(_TIMEOUT_SECONDS):
                    await self._producer.stop()
            except TimeoutError:
                log.warning("Kafka does not answer: announcements that timed out are given up")

    async def _send(self, device: Device) -> None:
        async with self._connecting:
            if self._producer is None:
                self._producer = await kafka.start_producer(self._settings, "api")
        await self._producer.send_and_wait(self._topic, ENCODER.encode(device), key=device.device.encode())
