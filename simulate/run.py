"""The fleet on the wire: one MQTT client for each gateway and thing, QoS 1, at the model's times.

The wall clock gives the timestamps; `speed` makes the model's time run faster, so messages come more often and aircraft
cover more ground between two of them. A device whose broker is away keeps what is unacknowledged, drops new telemetry
when its window is full, as real ones do, and sends what it kept when the broker is back.
"""

import asyncio
import heapq
import time
from collections.abc import Callable, Sequence
from functools import partial

import msgspec

from pipeline.clock import now_ms
from pipeline.errors import RequestError, WindhoverError
from pipeline.mqtt.connection import Login
from pipeline.mqtt.publisher import PatientPublisher, Publisher
from simulate.clock import Timestamps
from simulate.fleet import Message, SimulatedFleet, Stream

_TICK_SECONDS = 0.01
#: Unacknowledged messages a device keeps; at 0.5 Hz that is more than a minute without a broker.
_WINDOW = 50
_CONNECTS_A_TICK = 10
_SETTLE_SECONDS = 10.0
_PROGRESS_SECONDS = 2.0
_SESSION_SECONDS = 600


class Address(msgspec.Struct, frozen=True):
    """The broker, and the credential of the whole fleet."""

    host: str
    port: int
    user: str
    password: str


class Figures(msgspec.Struct, frozen=True):
    """What a run came to, so far or in the end. `skipped`: dropped by devices whose window was full."""

    sent: int
    acknowledged: int
    seconds: float
    messages_per_second: float
    resent: int
    skipped: int
    connected: int


class FleetRun:
    """One run of a fleet.

    `rate` in messages a second (0: as documented) repeats the aircraft's `osd` to reach it. `acknowledged` is called
    with each message that the broker has taken.
    """

    def __init__(
        self,
        fleet: SimulatedFleet,
        address: Address,
        *,
        speed: float = 1.0,
        rate: float = 0.0,
        acknowledged: Callable[[Message], None] | None = None,
    ) -> None:
        self.sent = self.skipped = 0
        self._fleet = fleet
        self._speed = speed
        self._acknowledged = acknowledged
        self._timestamps = Timestamps()
        self._streams = fleet.streams if not rate else _at_rate(fleet.streams, rate / speed)
        self._publishers = [PatientPublisher(_login(address, client.client_id), _WINDOW) for client in fleet.clients]
        self._began = time.monotonic()
        self._ended: float | None = None

    def figures(self) -> Figures:
        """The figures up to now; the time of waiting for the last acknowledgements is not counted."""
        seconds = (self._ended or time.monotonic()) - self._began
        acknowledged = sum(publisher.acknowledged for publisher in self._publishers)
        return Figures(
            sent=self.sent,
            acknowledged=acknowledged,
            seconds=round(seconds, 3),
            messages_per_second=round(acknowledged / seconds, 1) if seconds else 0.0,
            resent=sum(publisher.resent for publisher in self._publishers),
            skipped=self.skipped,
            connected=sum(publisher.problem is None for publisher in self._publishers),
        )

    async def run(self, seconds: float, stop: asyncio.Event, progress: Callable[[Figures], None]) -> Figures:
        """Send for so many seconds (0: until `stop`), wait for the acknowledgements, disconnect.

        Raises:
            ConfigurationError: the broker refuses the credential.
            PublishRejectedError: the credential may not publish one of the topics.
        """
        running: list[asyncio.Task[None]] = []
        try:
            await self._connect(running, stop)
            self._began = time.monotonic()
            await self._send(seconds, stop, progress, running)
            self._ended = time.monotonic()
            await self._settle()
        finally:
            for task in running:
                task.cancel()
            if running:
                await asyncio.wait(running)
        return self.figures()

    async def _connect(self, running: list[asyncio.Task[None]], stop: asyncio.Event) -> None:
        """A few at a time: a thousand at once overrun the queue of the broker's socket."""
        for number, (publisher, client) in enumerate(zip(self._publishers, self._fleet.clients, strict=True)):
            if stop.is_set():
                return
            running.append(asyncio.ensure_future(publisher.run()))
            for message in client.greeting(partial(self._stamp, client.device)):
                self._publish(publisher, message)
            if number % _CONNECTS_A_TICK == 0:
                await asyncio.sleep(_TICK_SECONDS)
                _raise_ended(running)

    async def _send(
        self,
        seconds: float,
        stop: asyncio.Event,
        progress: Callable[[Figures], None],
        running: Sequence[asyncio.Task[None]],
    ) -> None:
        due = [(stream.first_seconds, number) for number, stream in enumerate(self._streams)]
        heapq.heapify(due)
        told = 0.0
        while not stop.is_set():
            elapsed = time.monotonic() - self._began
            if seconds and elapsed >= seconds:
                return
            model = elapsed * self._speed
            while due and due[0][0] <= model:
                at, number = due[0]
                stream = self._streams[number]
                heapq.heapreplace(due, (at + stream.period_seconds, number))
                self._round(stream, at)
            if elapsed - told >= _PROGRESS_SECONDS:
                told = elapsed
                _raise_ended(running)
                self._raise_refused()
                progress(self.figures())
            await asyncio.sleep(_TICK_SECONDS)

    def _round(self, stream: Stream, model_seconds: float) -> None:
        publisher = self._publishers[stream.connection]
        if publisher.full:
            self.skipped += stream.messages_a_round
            return
        for message in stream.messages(model_seconds, partial(self._stamp, stream.device)):
            self._publish(publisher, message)

    def _publish(self, publisher: Publisher, message: Message) -> None:
        taken = publisher.publish(*message)
        self.sent += 1
        if self._acknowledged is not None:
            taken.add_done_callback(partial(self._note, message))

    def _note(self, message: Message, taken: asyncio.Future[None]) -> None:
        if self._acknowledged is not None and not taken.cancelled() and taken.exception() is None:
            self._acknowledged(message)

    def _stamp(self, device: str) -> int:
        return self._timestamps.next(device, now_ms())

    async def _settle(self) -> None:
        until = time.monotonic() + _SETTLE_SECONDS
        while time.monotonic() < until and any(publisher.unacknowledged for publisher in self._publishers):
            self._raise_refused()
            await asyncio.sleep(_TICK_SECONDS)
        self._raise_refused()

    def _raise_refused(self) -> None:
        refused: WindhoverError | None = next((each.refused for each in self._publishers if each.refused), None)
        if refused is not None:
            raise refused


def _raise_ended(running: Sequence[asyncio.Task[None]]) -> None:
    for task in running:
        if task.done():
            task.result()


def _at_rate(streams: Sequence[Stream], rate: float) -> list[Stream]:
    """The same streams with the aircraft's `osd` repeated so often that all come to `rate` messages a model second."""
    others = sum(stream.messages_a_round / stream.period_seconds for stream in streams if not stream.aircraft_osd)
    flying = sum(stream.aircraft_osd for stream in streams)
    if not flying or rate <= others:
        message = f"{rate:.0f} messages/s cannot be reached: docks, remote controllers and things send {others:.0f}"
        raise RequestError(f"{message}: ask for more, or for more aircraft and fewer of the others", "rate")
    period = flying / (rate - others)
    return [
        msgspec.structs.replace(
            stream, period_seconds=period, first_seconds=period * stream.first_seconds / stream.period_seconds
        )
        if stream.aircraft_osd
        else stream
        for stream in streams
    ]


def _login(address: Address, client_id: str) -> Login:
    return Login(
        host=address.host,
        port=address.port,
        username=address.user,
        password=address.password,
        client_id=client_id,
        session_expiry_seconds=_SESSION_SECONDS,
        keep_alive_seconds=60,
    )
