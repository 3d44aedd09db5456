"""egress: `commands` to MQTT, QoS 1.

A command counts as done when the broker has taken it. One that came too late for its device is let go and counted;
after a crash a command may go out twice, which the protocols allow (a reply repeats the transaction it answers).
"""

import asyncio
import logging
from collections.abc import Mapping

import msgspec

from agents.chunks.chunk import Chunk, Partition, Record
from agents.chunks.work import Bounds
from agents.ending import MISCONFIGURED, end
from agents.role import note_finished, run
from pipeline import clock, kafka, metrics
from pipeline.errors import ConfigurationError, WindhoverError
from pipeline.mqtt.connection import Login
from pipeline.mqtt.publisher import Publisher
from pipeline.settings import Settings
from schemas.command import DECODER, Command
from schemas.topics import COMMANDS

log = logging.getLogger(__name__)

ROLE = "egress"
#: Messages that the broker has not taken yet; beyond it no further chunk is taken.
WINDOW_MESSAGES = 1000


def main(settings: Settings) -> int:
    """Run the role; gives the exit code."""
    return run(ROLE, settings, COMMANDS, Egress(settings))


class Egress:
    """The work on chunks of commands (`agents.chunks.work.Work`)."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._publisher = Publisher(_login(settings), WINDOW_MESSAGES)
        self._connected: asyncio.Task[None] | None = None
        self._publishing: set[asyncio.Task[None]] = set()

    async def prepare(self) -> None:
        """See that the topic is there; begin to connect to the broker."""
        await kafka.wait_for_topics(self._settings, [COMMANDS])
        self._connected = asyncio.create_task(self._publisher.run())
        self._connected.add_done_callback(_ended)

    async def load(self, bounds: Mapping[Partition, Bounds], generation: int) -> Mapping[Partition, int]:  # noqa: ARG002
        """Go on at what is committed."""
        return {partition: found.resume for partition, found in bounds.items()}

    async def take(self, chunk: Chunk) -> None:
        """Publish every command of the chunk; wait while the window is full."""
        while self._publisher.full and self._publishing:
            await asyncio.wait(self._publishing, return_when=asyncio.FIRST_COMPLETED)
        task = asyncio.create_task(self._publish(chunk))
        self._publishing.add(task)
        task.add_done_callback(self._publishing.discard)

    async def _publish(self, chunk: Chunk) -> None:
        now_ms = clock.now_ms()
        commands = [command for record in chunk.records if (command := _command(record)) and _in_time(command, now_ms)]
        sent = [self._publisher.publish(command.topic, command.payload.encode()) for command in commands]
        for command, answer in zip(commands, await asyncio.gather(*sent, return_exceptions=True), strict=True):
            if isinstance(answer, WindhoverError):
                metrics.DISCARDED.labels(ROLE, "refused").inc()
                log.warning("command refused", extra={"topic": command.topic, "reason": str(answer)})
            else:
                metrics.SENT.labels(ROLE, "mqtt").inc()
        chunk.ack()
        note_finished(ROLE, chunk, clock.now_ms())

    async def settle(self) -> None:
        """Wait until the broker has taken what was sent."""
        while self._publishing:
            await asyncio.wait(set(self._publishing))

    def blocked(self) -> str | None:
        """Why the broker takes nothing."""
        return self._publisher.problem

    async def close(self) -> None:
        """Disconnect."""
        self._publisher.disconnect()
        if self._connected is not None:
            self._connected.cancel()
            await asyncio.wait({self._connected})


def _command(record: Record) -> Command | None:
    try:
        return DECODER.decode(record.value or b"")
    except msgspec.MsgspecError as error:
        metrics.DISCARDED.labels(ROLE, "malformed").inc()
        where = {"topic": record.topic, "partition": record.partition, "offset": record.offset}
        log.warning("not a command", extra={"reason": str(error)} | where)
        return None


def _in_time(command: Command, now_ms: int) -> bool:
    if command.expires_at_ms >= now_ms:
        return True
    metrics.DISCARDED.labels(ROLE, "expired").inc()
    log.warning("command came too late", extra={"topic": command.topic, "late_ms": now_ms - command.expires_at_ms})
    return False


def _ended(connection: "asyncio.Task[None]") -> None:
    if not connection.cancelled() and (error := connection.exception()) is not None:
        end("the MQTT broker refuses us", MISCONFIGURED if isinstance(error, ConfigurationError) else 70, error)


def _login(settings: Settings) -> Login:
    return Login(
        host=settings.mqtt_host,
        port=settings.mqtt_port,
        username=settings.mqtt_username,
        password=settings.mqtt_password,
        client_id=f"windhover-egress-{settings.process_index}",
    )
