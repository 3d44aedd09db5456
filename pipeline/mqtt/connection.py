"""One MQTT 5 connection, from CONNECT to its end. It never reconnects: `receiver` and `publisher` do.

An acknowledgement belongs to the connection that its message came from, so callers keep the connection beside the
packet id and say `connection.acknowledge(...)`; on a connection that is gone that does nothing, and the broker sends
the message again.
"""

import asyncio
from collections.abc import Callable, Iterable, Sequence
from typing import Any, cast

import msgspec

from pipeline.errors import WindhoverError
from pipeline.mqtt import packets
from pipeline.mqtt.errors import FIRST_REFUSAL, BrokerAwayError, ProtocolError, refusal
from pipeline.mqtt.stream import PacketStream, Publish

#: The largest packet we take: its record stays below the raw topic's 2 MiB. A broker is to refuse its senders more
#: than this.
MAXIMUM_PACKET_BYTES = 2_000_000
_ANSWER_SECONDS, _GOODBYE_SECONDS = 10.0, 1.0
#: The broker has one and a half keep-alives to show a sign of life (the rule it applies to us, section 3.1.2.10).
_SILENCE_FACTOR = 1.5
#: Packet ids of SUBSCRIBE and UNSUBSCRIBE; publishers count theirs from 1 to LAST_PUBLISH_ID, so the two never meet.
_QUESTION_IDS = frozenset(range(0xFFF0, 0x1_0000))
LAST_PUBLISH_ID = 0xFFEF


class Login(msgspec.Struct, frozen=True, kw_only=True):
    """Where to connect, as whom, what to promise. `session_expiry_seconds` 0: no session outlives the connection."""

    host: str
    port: int
    username: str
    password: str
    client_id: str
    session_expiry_seconds: int = 0
    receive_maximum: int = 65_535
    keep_alive_seconds: int = 30


class Listener:
    """What a connection tells its owner, who overrides what it cares about. All calls come from the event loop."""

    def on_messages(self, connection: "Connection", messages: list[Publish]) -> None:
        """All messages of one read, in the broker's order."""

    def on_acknowledged(self, packet_ids: list[int]) -> None:
        """Messages that we published and the broker took."""

    def on_unheard(self, packet_ids: list[int]) -> None:
        """Messages that we published, that the broker took, and that nobody is subscribed to."""

    def on_refused(self, packet_id: int, reason: int) -> None:
        """A message that we published and the broker refused."""

    def on_writable(self) -> None:
        """The connection takes more bytes again."""


class Connection(asyncio.Protocol):
    """The protocol object of one connection; made by `open_connection`."""

    def __init__(self, login: Login, listener: Listener) -> None:
        loop = asyncio.get_running_loop()
        self.login = login
        self.connack: asyncio.Future[packets.Connack] = loop.create_future()
        #: Done when the connection is gone: its result is why.
        self.lost: asyncio.Future[WindhoverError] = loop.create_future()
        self.writable = True
        self.keep_alive_seconds = login.keep_alive_seconds
        self._listener = listener
        self._loop = loop
        self._stream = PacketStream(MAXIMUM_PACKET_BYTES, self._other)
        self._transport: asyncio.Transport | None = None
        self._answers: dict[int, asyncio.Future[bytes]] = {}
        self._cause: WindhoverError | None = None
        self._heard = loop.time()
        self._timer: asyncio.TimerHandle | None = None
        self._paused = self._leaving = False

    @property
    def alive(self) -> bool:
        """Whether bytes written now may still reach the broker."""
        return self._transport is not None and not self._transport.is_closing()

    async def subscribe(self, filters: Sequence[str]) -> None:
        """Subscribe with QoS 1 and wait for the answer.

        Raises:
            ConfigurationError: a filter is refused.
            BrokerAwayError: no answer, or the connection ended.
        """
        reasons = await self._ask(packets.subscribe, filters)
        for name, reason in zip(filters, reasons, strict=False):
            if reason >= FIRST_REFUSAL:
                what = f"the MQTT broker refuses {self.login.username} the subscription {name}"
                raise refusal(what, reason, "grant the topic to this user")

    async def unsubscribe(self, filters: Sequence[str]) -> None:
        """Unsubscribe and wait for the answer.

        Raises:
            BrokerAwayError: no answer, or the connection ended.
        """
        await self._ask(packets.unsubscribe, filters)

    def acknowledge(self, packet_ids: Iterable[bytes]) -> None:
        """PUBACK all of them in one write."""
        if self.alive:
            self.write(packets.pubacks(packet_ids))

    def write(self, data: bytes) -> None:
        """Send whole packets."""
        assert self._transport is not None
        self._transport.write(data)

    def pause_reading(self) -> None:
        """Take no more from the socket; what the broker has left waits there. Pings go on."""
        if self.alive and not self._paused and self._transport is not None:
            self._paused = True
            self._transport.pause_reading()

    def resume_reading(self) -> None:
        """Take messages again."""
        if self._paused and self.alive and self._transport is not None:
            self._paused = False
            self._heard = self._loop.time()
            self._transport.resume_reading()

    def disconnect(self, session_expiry_seconds: int | None = None) -> None:
        """Say goodbye after what is written; the session lives on as CONNECT said, or as given here."""
        if not self.alive or self._leaving or self._transport is None:
            return
        self.write(packets.disconnect(session_expiry_seconds))
        if self._paused:
            # Closing a socket with unread bytes resets the connection, and our last acknowledgements with it. So let
            # the broker close it, and read what it had sent into nothing: it is not acknowledged and comes again.
            self._leaving = True
            self._transport.resume_reading()
            self._loop.call_later(_GOODBYE_SECONDS, self._transport.close)
        else:
            self._transport.close()

    def abort(self, cause: WindhoverError) -> None:
        """Drop the connection now."""
        self._cause = self._cause or cause
        if self._transport is not None:
            self._transport.abort()

    # asyncio.Protocol

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """CONNECT at once."""
        # uvloop's transports have the methods of asyncio.Transport, but not its type.
        self._transport = cast("asyncio.Transport", transport)
        login = self.login
        self.write(
            packets.connect(
                client_id=login.client_id,
                username=login.username,
                password=login.password,
                clean_start=login.session_expiry_seconds == 0,
                keep_alive_seconds=login.keep_alive_seconds,
                session_expiry_seconds=login.session_expiry_seconds,
                receive_maximum=login.receive_maximum,
                maximum_packet_bytes=MAXIMUM_PACKET_BYTES,
            )
        )
        self._timer = self._loop.call_later(self.keep_alive_seconds / 2, self._ping)

    def data_received(self, data: bytes) -> None:
        """One read."""
        if self._leaving:
            return
        self._heard = self._loop.time()
        stream = self._stream
        try:
            stream.feed(data)
        except ProtocolError as error:
            self.abort(error)
            return
        if stream.publishes:
            messages, stream.publishes = stream.publishes, []
            self._listener.on_messages(self, messages)
        if stream.acknowledged:
            taken, stream.acknowledged = stream.acknowledged, []
            self._listener.on_acknowledged(taken)
        if stream.unheard:
            unheard, stream.unheard = stream.unheard, []
            self._listener.on_unheard(unheard)
        if stream.refused:
            refused, stream.refused = stream.refused, []
            for packet_id, reason in refused:
                self._listener.on_refused(packet_id, reason)

    def connection_lost(self, exc: Exception | None) -> None:
        """Tell everyone who waits."""
        if self._timer is not None:
            self._timer.cancel()
        where = f"{self.login.host}:{self.login.port}"
        cause = self._cause or BrokerAwayError(
            f"the MQTT broker {where} closed the connection ({exc or 'no reason given'})"
        )
        _fail(self.connack, cause)
        for answer in self._answers.values():
            _fail(answer, cause)
        self.lost.set_result(cause)

    def pause_writing(self) -> None:
        """The send buffer is full."""
        self.writable = False

    def resume_writing(self) -> None:
        """The send buffer has room."""
        self.writable = True
        self._listener.on_writable()

    async def _ask(self, build: Callable[[int, Sequence[str]], bytes], filters: Sequence[str]) -> bytes:
        if not self.alive:
            raise BrokerAwayError("the MQTT connection is gone: trying again")
        packet_id = max(_QUESTION_IDS - self._answers.keys())
        answer = self._answers[packet_id] = self._loop.create_future()
        self.write(build(packet_id, filters))
        try:
            return await asyncio.wait_for(answer, _ANSWER_SECONDS)
        except TimeoutError as error:
            raise BrokerAwayError(f"the MQTT broker left a question unanswered for {_ANSWER_SECONDS:.0f} s") from error
        finally:
            del self._answers[packet_id]

    def _ping(self) -> None:
        limit = self.keep_alive_seconds * _SILENCE_FACTOR
        if not self._paused and self._loop.time() - self._heard > limit:
            self.abort(BrokerAwayError(f"the MQTT broker {self.login.host} has been silent for {limit:.0f} s"))
            return
        if self.alive:
            self.write(packets.PINGREQ_PACKET)
        self._timer = self._loop.call_later(self.keep_alive_seconds / 2, self._ping)

    def _other(self, first: int, body: bytes) -> None:
        match first & 0xF0:
            case packets.CONNACK:
                self._take_connack(packets.decode_connack(body))
            case packets.SUBACK | packets.UNSUBACK:
                packet_id, reasons = packets.decode_suback(body)
                answer = self._answers.get(packet_id)
                if answer is not None and not answer.done():
                    answer.set_result(reasons)
            case packets.DISCONNECT:
                reason = packets.decode_disconnect(body)
                what = f"the MQTT broker ended the connection of {self.login.client_id}"
                self.abort(refusal(what, reason, "let only one process use this client id (process index)"))
            case packets.PINGRESP:
                pass
            case _:
                raise ProtocolError(f"the broker sent packet type 0x{first:02X}, which a client does not get")

    def _take_connack(self, connack: packets.Connack) -> None:
        if self.connack.done():
            raise ProtocolError("the broker sent a second CONNACK: connecting again")
        if connack.reason:
            remedy = "correct WINDHOVER_MQTT_USERNAME and WINDHOVER_MQTT_PASSWORD, or create the user"
            self.abort(refusal(f"the MQTT broker refuses {self.login.username}", connack.reason, remedy))
            return
        if connack.keep_alive_seconds:
            self.keep_alive_seconds = connack.keep_alive_seconds
        self.connack.set_result(connack)


def _fail(waiting: asyncio.Future[Any], cause: WindhoverError) -> None:
    if not waiting.done():
        waiting.set_exception(cause)
        waiting.exception()  # whoever waits is told; nobody waiting is no error


async def open_connection(login: Login, listener: Listener, timeout_seconds: float = _ANSWER_SECONDS) -> Connection:
    """Connect and wait for the broker's yes; `connection.connack.result()` has its terms.

    Raises:
        ConfigurationError: the broker refuses this user or client id for good.
        BrokerAwayError: no answer, or not now.
    """
    connection = Connection(login, listener)
    try:
        async with asyncio.timeout(timeout_seconds):
            await asyncio.get_running_loop().create_connection(lambda: connection, login.host, login.port)
            await connection.connack
    except OSError as error:  # TimeoutError is one
        where = f"{login.host}:{login.port}"
        reason = error.strerror or str(error) or f"no answer for {timeout_seconds:.0f} s"
        message = f"the MQTT broker {where} does not answer ({reason}): start it or correct the address"
        raise BrokerAwayError(message) from error
    finally:
        if not connection.connack.done() or connection.connack.cancelled() or connection.connack.exception():
            connection.abort(BrokerAwayError("given up before the broker answered"))
    return connection
