"""A publisher: QoS 1 with a future a message, a window, and everything unacknowledged sent again after a reconnect.

A message that was on its way when the connection went is marked as a duplicate when the session is still there (MQTT 5,
section 4.4). Where the broker has forgotten the session it is sent as new: the broker may then hold it twice.
"""

import asyncio
import logging
import random
from collections import deque

from pipeline.mqtt import packets
from pipeline.mqtt.backoff import Backoff
from pipeline.mqtt.connection import LAST_PUBLISH_ID, Connection, Listener, Login, open_connection
from pipeline.mqtt.errors import BrokerAwayError, PublishRejectedError, reason_text
from pipeline.mqtt.stream import Publish

log = logging.getLogger(__name__)

#: How long a message that nobody heard waits before it is sent again.
UNHEARD_SECONDS = 0.2


class _Outgoing:
    """One message on its way."""

    __slots__ = ("acknowledged", "payload", "topic")

    def __init__(self, topic: str, payload: bytes, acknowledged: asyncio.Future[bool]) -> None:
        self.topic = topic
        self.payload = payload
        self.acknowledged = acknowledged


class Publisher(Listener):
    """Publishes as `login`. At most `window` messages are unacknowledged; further ones wait in `publish`."""

    def __init__(self, login: Login, window: int = 1000, backoff: Backoff | None = None) -> None:
        self.problem: str | None = "not connected to the MQTT broker yet"
        #: Messages taken by the broker; messages sent again after a lost connection; the last refusal.
        self.acknowledged = self.resent = 0
        self.refused: PublishRejectedError | None = None
        self._login = login
        self._window = min(window, LAST_PUBLISH_ID)
        self._allowed = self._window
        self._backoff = backoff or Backoff()
        self._connection: Connection | None = None
        self._on_the_way: dict[int, _Outgoing] = {}
        self._waiting: deque[_Outgoing] = deque()
        self._last_id = 0

    @property
    def unacknowledged(self) -> int:
        """Messages handed over and not yet taken by the broker."""
        return len(self._on_the_way) + len(self._waiting)

    @property
    def full(self) -> bool:
        """Whether the window is used up: a further message would wait."""
        return self.unacknowledged >= self._window

    def publish(self, topic: str, payload: bytes) -> asyncio.Future[bool]:
        """Send with QoS 1; the future is done when the broker has taken the message.

        Its result says whether anybody is subscribed to it; where nobody is, the message is gone.

        It waits through any outage. It fails with `PublishRejectedError` when the broker refuses this message.
        Callers that produce without end look at `full` first: what does not fit the window waits in memory.
        """
        message = _Outgoing(topic, payload, asyncio.get_running_loop().create_future())
        self._waiting.append(message)
        self._send_waiting()
        return message.acknowledged

    async def run(self) -> None:
        """Keep connected until cancelled.

        Raises:
            ConfigurationError: the broker refuses the user or the client id for good.
        """
        failures = 0
        while True:
            try:
                await self._serve()
            except BrokerAwayError as error:
                failures = failures + 1 if self.problem else 1
                self.problem = str(error)
                log.warning("MQTT broker away, trying again", extra={"reason": str(error), "tries": failures})
            await asyncio.sleep(self._backoff.wait_seconds(failures, random.random()))  # noqa: S311 - jitter

    def disconnect(self) -> None:
        """Say goodbye after what is written."""
        if self._connection is not None:
            self._connection.disconnect()

    async def on_connected(self, connection: Connection) -> None:
        """The connection is open and nothing has been sent on it; a subclass may subscribe here."""

    async def _serve(self) -> None:
        connection = await open_connection(self._login, self)
        try:
            await self.on_connected(connection)
            connack = connection.connack.result()
            self._allowed = min(self._window, connack.receive_maximum)
            self._connection = connection
            self.problem = None
            self._send_again(connection, connack)
            self._send_waiting()
            raise await asyncio.shield(connection.lost)
        finally:
            self._connection = None
            connection.disconnect()

    def _send_again(self, connection: Connection, connack: packets.Connack) -> None:
        self.resent += len(self._on_the_way)
        for packet_id, message in self._on_the_way.items():
            connection.write(
                packets.publish(message.topic, message.payload, packet_id=packet_id, duplicate=connack.session_present)
            )

    def _send_waiting(self) -> None:
        connection, waiting, on_the_way = self._connection, self._waiting, self._on_the_way
        if connection is None or not connection.alive:
            return
        out = []
        while waiting and len(on_the_way) < self._allowed and connection.writable:
            message = waiting.popleft()
            packet_id = self._free_id()
            on_the_way[packet_id] = message
            out.append(packets.publish(message.topic, message.payload, packet_id=packet_id))
        if out:
            connection.write(b"".join(out))

    def _free_id(self) -> int:
        packet_id = self._last_id % LAST_PUBLISH_ID + 1
        while packet_id in self._on_the_way:
            packet_id = packet_id % LAST_PUBLISH_ID + 1
        self._last_id = packet_id
        return packet_id

    def on_acknowledged(self, packet_ids: list[int]) -> None:
        """The broker took these."""
        self._finish(packet_ids, heard=True)

    def on_unheard(self, packet_ids: list[int]) -> None:
        """The broker took these for nobody."""
        self._finish(packet_ids, heard=False)

    def _finish(self, packet_ids: list[int], *, heard: bool) -> None:
        for packet_id in packet_ids:
            message = self._on_the_way.pop(packet_id, None)
            if message is not None:
                self.acknowledged += 1
                if not message.acknowledged.done():
                    message.acknowledged.set_result(heard)
        if self._waiting:
            self._send_waiting()

    def on_refused(self, packet_id: int, reason: int) -> None:
        """The broker refused this one; sending it again would not help."""
        message = self._on_the_way.pop(packet_id, None)
        if message is not None:
            what = f"the MQTT broker refuses {self._login.username} the topic {message.topic}: {reason_text(reason)}"
            self.refused = PublishRejectedError(f"{what}: grant the topic to this user")
            if not message.acknowledged.done():
                message.acknowledged.set_exception(self.refused)
                message.acknowledged.exception()  # whoever waits is told; nobody waiting is no error
        self._send_waiting()

    def on_writable(self) -> None:
        """Room again."""
        self._send_waiting()

    def on_messages(self, connection: Connection, messages: list[Publish]) -> None:
        """What a subscription of this publisher brings is acknowledged and dropped; a subclass may read it first."""
        connection.acknowledge([packet_id for _, packet_id, _, _ in messages if packet_id is not None])


class PatientPublisher(Publisher):
    """A publisher whose messages must reach a subscriber: what nobody heard is sent again a little later.

    Mosquitto 2.0 forgets shared subscriptions when it restarts. Until the ingress is back, it takes messages for
    nobody.
    """

    def on_unheard(self, packet_ids: list[int]) -> None:
        """Send these again as new messages."""
        again = [message for packet_id in packet_ids if (message := self._on_the_way.pop(packet_id, None)) is not None]
        self.resent += len(again)
        self._waiting.extendleft(reversed(again))
        asyncio.get_running_loop().call_later(UNHEARD_SECONDS, self._send_waiting)
