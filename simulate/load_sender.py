"""One connection of a load: its share of the devices, its window, and what it has not had acknowledged."""

import asyncio
import random
import struct
from collections import deque
from collections.abc import Iterable

import msgspec

from pipeline.clock import now_ms
from pipeline.mqtt import packets
from pipeline.mqtt.backoff import Backoff
from pipeline.mqtt.connection import Connection, Listener, Login, open_connection
from pipeline.mqtt.errors import BrokerAwayError, PublishRejectedError, reason_text
from pipeline.mqtt.publisher import UNHEARD_SECONDS
from simulate.payload import prepared_osd

_TIMESTAMP_DIGITS = 13


class Load(msgspec.Struct, frozen=True, kw_only=True):
    """What to send. `rate` 0: as fast as `window` unacknowledged messages a connection allow."""

    host: str
    port: int
    username: str
    password: str
    seconds: float
    rate: float = 0.0
    connections: int = 4
    devices: int = 1000
    window: int = 200
    #: Serial numbers are this and a number; two loads with different prefixes have no device in common.
    serial_prefix: str = "1581FLOAD"
    #: Keep every acknowledged (device, timestamp): for finding what is missing afterwards.
    remember: bool = False


def serial_number(load: Load, number: int) -> str:
    """The serial number of a device of a load, twenty characters like an aircraft's."""
    return f"{load.serial_prefix}{number:0{20 - len(load.serial_prefix)}d}"


class LoadSender(Listener):
    """One connection and its share of the devices."""

    def __init__(self, load: Load, numbers: Iterable[int], client_id: str) -> None:
        self.sent = self.acknowledged = self.resent = 0
        self.remembered: list[tuple[int, int]] = []
        self.refused: PublishRejectedError | None = None
        self.greedy = False
        self._load = load
        self._login = Login(
            host=load.host,
            port=load.port,
            username=load.username,
            password=load.password,
            client_id=client_id,
            session_expiry_seconds=300,
        )
        before, self._after = prepared_osd()
        self._numbers = list(numbers)
        self._heads = [_head(serial_number(load, number), before, self._after) for number in self._numbers]
        self._before = before
        self._last = [0] * len(self._numbers)
        self._turn = -1
        self._window = load.window
        self._free: deque[int] = deque(range(1, load.window + 1))
        self._on_the_way: dict[int, tuple[int, int]] = {}
        self._connection: Connection | None = None

    @property
    def connected(self) -> bool:
        """Whether messages can go out."""
        return self._connection is not None

    @property
    def unacknowledged(self) -> int:
        """Messages sent that the broker has not taken."""
        return len(self._on_the_way)

    async def run(self) -> None:
        """Stay connected until cancelled."""
        tries = 0
        while True:
            try:
                connection = await open_connection(self._login, self)
                tries = 0
                self._connected(connection)
                raise await asyncio.shield(connection.lost)
            except BrokerAwayError:
                tries += 1
                self._connection = None
                await asyncio.sleep(Backoff().wait_seconds(tries, random.random()))  # noqa: S311 - jitter

    def send(self, wanted: int) -> int:
        """Send up to `wanted` new messages; gives how many went out."""
        connection = self._connection
        if connection is None or not connection.alive or not connection.writable:
            return 0
        count = min(wanted, len(self._free), self._window - len(self._on_the_way))
        if count <= 0:
            return 0
        now, out = now_ms(), []
        for _ in range(count):
            turn = self._turn = (self._turn + 1) % len(self._heads)
            timestamp = self._last[turn] = max(now, self._last[turn] + 1)
            packet_id = self._free.popleft()
            self._on_the_way[packet_id] = (turn, timestamp)
            out += self._pieces(packet_id, turn, timestamp)
        self.sent += count
        connection.write(b"".join(out))
        return count

    def disconnect(self) -> None:
        """Say goodbye, and let the session go."""
        if self._connection is not None:
            self._connection.disconnect(session_expiry_seconds=0)

    def _connected(self, connection: Connection) -> None:
        connack = connection.connack.result()
        self._window = min(self._load.window, connack.receive_maximum)
        self.resent += len(self._on_the_way)
        for packet_id, (turn, timestamp) in self._on_the_way.items():
            pieces = self._pieces(packet_id, turn, timestamp)
            if connack.session_present:
                pieces[0] = bytes((pieces[0][0] | packets.DUPLICATE_FLAG,)) + pieces[0][1:]
            connection.write(b"".join(pieces))
        self._connection = connection
        if self.greedy:
            self.send(self._window)

    def _pieces(self, packet_id: int, turn: int, timestamp: int) -> list[bytes]:
        return [
            self._heads[turn],
            struct.pack("!HB", packet_id, 0),
            self._before,
            b"%d" % timestamp,
            self._after,
        ]

    def on_acknowledged(self, packet_ids: list[int]) -> None:
        """Count, free the packet ids, and send as many again when going at full speed."""
        on_the_way, free = self._on_the_way, self._free
        taken = [on_the_way.pop(packet_id) for packet_id in packet_ids if packet_id in on_the_way]
        free.extend(packet_ids)
        self.acknowledged += len(taken)
        if self._load.remember:
            self.remembered += [(self._numbers[turn], timestamp) for turn, timestamp in taken]
        # Not for every acknowledgement: messages go out in runs of an eighth of the window at least.
        if self.greedy and len(free) >= self._window // 8:
            self.send(self._window)

    def on_unheard(self, packet_ids: list[int]) -> None:
        """Nobody is subscribed, as after a restart of Mosquitto, which forgets shared ones: send them again later."""
        asyncio.get_running_loop().call_later(UNHEARD_SECONDS, self._send_again, packet_ids)

    def _send_again(self, packet_ids: list[int]) -> None:
        connection = self._connection
        if connection is None or not connection.alive:
            return  # the next connection sends everything that is on its way
        for packet_id in packet_ids:
            if packet_id in self._on_the_way:
                self.resent += 1
                connection.write(b"".join(self._pieces(packet_id, *self._on_the_way[packet_id])))

    def on_refused(self, packet_id: int, reason: int) -> None:
        """A load that may not publish is a mistake in its set-up."""
        what = f"the MQTT broker refuses {self._login.username} thing/product/+/osd: {reason_text(reason)}"
        self.refused = PublishRejectedError(f"{what}: use a credential for the whole fleet")
        self._on_the_way.pop(packet_id, None)
        self._free.append(packet_id)

    def on_writable(self) -> None:
        """Room again."""
        if self.greedy:
            self.send(self._window)


def _head(serial: str, before: bytes, after: bytes) -> bytes:
    """First byte, length and topic of a PUBLISH with QoS 1 for one device."""
    topic = packets.encode_text(f"thing/product/{serial}/osd")
    size = len(topic) + 3 + len(before) + _TIMESTAMP_DIGITS + len(after)
    return b"\x32" + packets.encode_length(size) + topic
