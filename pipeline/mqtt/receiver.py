"""A receiver: one persistent session, connected again whenever the broker comes back.

Everything the broker delivers goes on as the list of one read, with the connection it came from. Nothing is
acknowledged here: whoever keeps the messages says so on that connection.
"""

import asyncio
import logging
import random
from collections.abc import Callable, Sequence

from pipeline.errors import WindhoverError
from pipeline.mqtt.backoff import Backoff
from pipeline.mqtt.connection import Connection, Listener, Login, open_connection
from pipeline.mqtt.errors import BrokerAwayError
from pipeline.mqtt.stream import Publish

log = logging.getLogger(__name__)

#: Short waits: until a restarted broker has our subscriptions again, it may take messages for nobody (Mosquitto 2.0
#: does not keep shared subscriptions). A refused connection costs next to nothing.
RECONNECT = Backoff(first_seconds=0.05, longest_seconds=0.2)

#: Takes the messages of one read: (connection, messages).
Take = Callable[[Connection, list[Publish]], None]


class Receiver(Listener):
    """Keeps `filters` subscribed as `login`, `without` unsubscribed, and gives every message to `take`."""

    def __init__(
        self,
        login: Login,
        filters: Sequence[str],
        take: Take,
        backoff: Backoff | None = None,
        without: Sequence[str] = (),
    ) -> None:
        self.connection: Connection | None = None
        #: None while connected and subscribed, else why not.
        self.problem: str | None = "not connected to the MQTT broker yet"
        self._login = login
        self._filters = filters
        self._without = without
        self._take = take
        self._backoff = backoff or RECONNECT

    async def run(self) -> None:
        """Receive until cancelled.

        Raises:
            ConfigurationError: the broker refuses the user, the client id or a subscription for good.
        """
        failures = 0
        while True:
            try:
                await self._receive()
            except BrokerAwayError as error:
                failures = failures + 1 if self.problem else 1
                self.problem = str(error)
                if failures == 1:
                    log.warning("MQTT broker away, trying again", extra={"reason": str(error)})
            await asyncio.sleep(self._backoff.wait_seconds(failures, random.random()))  # noqa: S311 - jitter

    async def _receive(self) -> None:
        connection = self.connection = await open_connection(self._login, self)
        resumed = connection.connack.result().session_present
        try:
            await connection.subscribe(self._filters)
            if resumed and self._without:
                await connection.unsubscribe(self._without)
        except WindhoverError as error:
            connection.abort(error)
            raise
        self.problem = None
        log.info("MQTT session open", extra={"client_id": self._login.client_id, "resumed": resumed})
        # Shielded: cancelling this receiver leaves the connection open, so that what is in hand can be acknowledged.
        raise await asyncio.shield(connection.lost)

    def on_messages(self, connection: Connection, messages: list[Publish]) -> None:
        """Hand one read over."""
        self._take(connection, messages)
