"""A broker that does what a test tells it: a real socket, a handful of packets, no rules of its own."""

import asyncio
import socket
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

import msgspec

from pipeline.mqtt import packets
from pipeline.mqtt.connection import Login
from pipeline.mqtt.stream import PacketStream, Publish

ACCEPT = bytes.fromhex("2003000000")
ACCEPT_SESSION = bytes.fromhex("2003010000")


class Client:
    """One client as the broker sees it. `seen` holds what it sent, packet by packet."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.reader, self.writer = reader, writer
        self.seen: list[tuple[int, bytes]] = []
        self.published: list[Publish] = []
        self._stream = PacketStream(1 << 20, lambda first, body: self.seen.append((first, body)))

    async def until(self, condition: Callable[[], bool]) -> None:
        """Read until the condition holds or the client is gone."""
        while not condition():
            data = await self.reader.read(65536)
            if not data:
                return
            self._stream.feed(data)
            self.published += self._stream.publishes
            self._stream.publishes = []

    async def greeted(self, answer: bytes = ACCEPT) -> None:
        """Read CONNECT, answer it."""
        await self.until(lambda: bool(self.seen))
        self.send(answer)

    def send(self, data: bytes) -> None:
        self.writer.write(data)

    @property
    def acknowledged(self) -> list[int]:
        return self._stream.acknowledged


@asynccontextmanager
async def scripted_broker(script: Callable[[Client], object]) -> AsyncIterator[Login]:
    """Every connection runs `script(client)`; gives the login of a client that may connect."""

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            await script(Client(reader, writer))
        finally:
            writer.close()

    probe = socket.socket()
    probe.bind(("127.0.0.1", 0))
    server = await asyncio.start_server(serve, sock=probe)
    login = Login(host="127.0.0.1", port=probe.getsockname()[1], username="u", password="p", client_id="c")
    async with server:
        yield login


def with_session(login: Login) -> Login:
    return msgspec.structs.replace(login, session_expiry_seconds=60)


def publishes(*payloads: bytes) -> bytes:
    return b"".join(packets.publish("t", each, packet_id=place + 1) for place, each in enumerate(payloads))
