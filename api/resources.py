"""What requests need: made once, opened and closed with the application, handed to every public API."""

import asyncio
import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from api.attempts import Attempts
from api.auth import Tokens
from pipeline import metrics
from pipeline.device_announcements import DeviceAnnouncements
from pipeline.live import LiveStates
from pipeline.live_feed import LiveFeed
from pipeline.secrets import Passwords
from pipeline.settings import Settings
from pipeline.store.pool import Database

log = logging.getLogger(__name__)

#: Streamed answers that run at once: each holds a connection of the pool for as long as its client reads.
_STREAMS = 4
#: Live subscribers of one process.
_SUBSCRIBERS = 1000
#: argon2id takes 64 MiB and a core for a moment: more logins wait.
_LOGINS = 2


class Resources:
    """Everything a request may use. `failed` is set when a part that should run for ever has ended."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self.database = Database(settings.database, "api")
        self.tokens = Tokens(self.database)
        self.passwords = Passwords()
        self.failures_of_user = Attempts(allowed=10, window_seconds=60)
        self.failures_of_address = Attempts(allowed=50, window_seconds=60)
        self.logins = asyncio.Semaphore(_LOGINS)
        self.streams = asyncio.Semaphore(_STREAMS)
        self.subscribers = asyncio.Semaphore(_SUBSCRIBERS)
        self.states = LiveStates()
        self.feed = LiveFeed(settings, self.database, self.states)
        self.announcements = DeviceAnnouncements(settings)
        self.failed = asyncio.Event()

    def why_not_ready(self) -> str | None:
        """None when the api does its work, else why not."""
        if self.failed.is_set():
            return "the live feed has ended: see the log"
        if not self.feed.restored.is_set():
            return "the database was not read yet: is it up?"
        if not self.feed.following.is_set():
            return "Kafka has not answered yet: is it up, and are its topics there (`windhover topics`)?"
        return None

    @asynccontextmanager
    async def opened(self) -> AsyncIterator[None]:
        """Open everything, close it at the end. Servers that are away hinder nothing: requests say so."""
        await self.database.open()
        feed = asyncio.create_task(self.feed.run())
        feed.add_done_callback(self._on_feed_end)
        try:
            yield
        finally:
            feed.cancel()
            await asyncio.gather(feed, return_exceptions=True)
            await self.announcements.close()
            await self.database.close()

    def _on_feed_end(self, feed: asyncio.Task[None]) -> None:
        if feed.cancelled():
            return
        metrics.ERRORS.labels("api", "live").inc()
        log.error("live feed ended", exc_info=feed.exception())
        self.failed.set()
