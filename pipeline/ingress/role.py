"""The ingress as a process: `windhover run ingress`.

Start: Kafka, then MQTT, each for as long as it takes. Stop (SIGTERM): read no more, wait for the batches in flight,
acknowledge, disconnect. The session stays at the broker with whatever is queued, so the next start goes on from there;
unsubscribing would throw that queue away.
"""

import asyncio
import logging
import signal
from collections.abc import Coroutine
from typing import Any

import uvloop

from pipeline import metrics
from pipeline.errors import ConfigurationError, UnavailableError, WindhoverError
from pipeline.ingress.batcher import ROLE, Batcher
from pipeline.ingress.producer import RawProducer
from pipeline.logs import configure_logs
from pipeline.mqtt.connection import Login
from pipeline.mqtt.packets import NEVER_EXPIRES
from pipeline.mqtt.receiver import Receiver
from pipeline.mqtt.topics import ingress_filters
from pipeline.operations import serve_operations
from pipeline.settings import Settings

log = logging.getLogger(__name__)

EXIT_DONE, EXIT_FAILED, EXIT_CONFIGURATION = 0, 1, 2
#: Longer than a restart of Kafka would be pointless: what is not acknowledged by then, the broker sends again.
_DRAIN_SECONDS = 20.0
#: A produce that takes longer than this says that Kafka is away.
_KAFKA_SILENCE_SECONDS = 5.0
_RETRY_SECONDS, _GOODBYE_SECONDS = 1.0, 3.0


def main(settings: Settings) -> int:
    """Run until SIGTERM or SIGINT; gives the exit code: 0 done, 1 start me again, 2 a setting is wrong."""
    configure_logs(ROLE, settings.log_level)
    try:
        code: int = uvloop.run(Ingress(settings).run())
    except ConfigurationError as error:
        log.error("stopped: a setting is wrong", extra={"reason": str(error)})  # noqa: TRY400 - said in one line
        return EXIT_CONFIGURATION
    return code


class Ingress:
    """One ingress process."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._producer = RawProducer(settings)
        self._batcher: Batcher | None = None
        self._kafka_problem = "not connected to Kafka yet"
        filters, without = ingress_filters(settings.ingress_processes)
        self._receiver = Receiver(_login(settings), filters, self._take, without=without)

    def problem(self) -> str | None:
        """None when messages flow from MQTT to Kafka, else why not."""
        if self._batcher is None:
            return self._kafka_problem
        stalled = self._batcher.stalled_seconds()
        if stalled > _KAFKA_SILENCE_SECONDS:
            return f"Kafka has not answered for {stalled:.0f} s; {self._batcher.waiting_messages} messages wait"
        return self._receiver.problem

    async def run(self) -> int:
        """Receive until told to stop.

        Raises:
            ConfigurationError: the broker refuses our user, client id or subscriptions.
        """
        settings = self._settings
        loop = asyncio.get_running_loop()
        stop = asyncio.Event()
        failed: asyncio.Future[BaseException] = loop.create_future()
        for number in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(number, stop.set)
        operations = await serve_operations(ROLE, settings.ops_host, settings.ops_port, self.problem)
        watch = asyncio.ensure_future(self._watch())
        stopping = asyncio.ensure_future(stop.wait())
        try:
            partitions = await _unless(stopping, self._start_kafka())
            if partitions is None:
                return EXIT_DONE
            self._batcher = Batcher(
                self._producer,
                partitions,
                settings.ingress_linger_seconds,
                lambda error: None if failed.done() else failed.set_result(error),
            )
            receiving = asyncio.ensure_future(self._receiver.run())
            ends: list[asyncio.Future[Any]] = [stopping, receiving, failed]
            await asyncio.wait(ends, return_when=asyncio.FIRST_COMPLETED)
            if receiving.done():
                receiving.result()
            receiving.cancel()
            if failed.done():
                return self._fail(failed.result())
            await self._drain(self._batcher)
            return EXIT_DONE
        finally:
            stopping.cancel()
            watch.cancel()
            await self._producer.stop()
            await operations.cleanup()

    def _take(self, connection: Any, messages: Any) -> None:
        assert self._batcher is not None, "the receiver starts after the batcher"
        self._batcher.add(connection, messages)

    async def _start_kafka(self) -> int:
        while True:
            try:
                return await self._producer.start()
            except UnavailableError as error:
                self._kafka_problem = str(error)
                await asyncio.sleep(_RETRY_SECONDS)

    async def _drain(self, batcher: Batcher) -> None:
        connection = self._receiver.connection
        if connection is not None:
            connection.pause_reading()
        try:
            async with asyncio.timeout(_DRAIN_SECONDS):
                await batcher.drained()
        except TimeoutError:
            log.warning("stopped without Kafka: the broker sends again", extra={"messages": batcher.waiting_messages})
        if connection is not None:
            connection.disconnect()
            await asyncio.wait([connection.lost], timeout=_GOODBYE_SECONDS)
        log.info("drained and stopped", extra={"client_id": _login(self._settings).client_id})

    def _fail(self, error: BaseException) -> int:
        expected = isinstance(error, WindhoverError)
        metrics.ERRORS.labels(ROLE, "produce").inc()
        log.error("stopped: produce failed", extra={"reason": str(error)}, exc_info=None if expected else error)
        if self._receiver.connection is not None:
            self._receiver.connection.abort(UnavailableError("the ingress stops"))
        return EXIT_FAILED

    async def _watch(self) -> None:
        """Say in the log when messages stop or begin to flow."""
        before: str | None = "starting"
        while True:
            now = self.problem()
            if (now is None) != (before is None):
                if now is None:
                    log.info("messages flow")
                else:
                    log.warning("messages do not flow", extra={"reason": now})
            before = now
            await asyncio.sleep(1.0)


async def _unless(stopping: "asyncio.Future[Any]", work: Coroutine[Any, Any, int]) -> int | None:
    """The result of `work`, or None when told to stop first."""
    task = asyncio.ensure_future(work)
    await asyncio.wait([stopping, task], return_when=asyncio.FIRST_COMPLETED)
    if task.done():
        return task.result()
    task.cancel()
    return None


def _login(settings: Settings) -> Login:
    """A session of its own for each process index; it never expires, for it holds what is queued for this process."""
    return Login(
        host=settings.mqtt_host,
        port=settings.mqtt_port,
        username=settings.mqtt_username,
        password=settings.mqtt_password,
        client_id=f"windhover-ingress-{settings.process_index}",
        session_expiry_seconds=NEVER_EXPIRES,
        receive_maximum=settings.mqtt_window_messages,
    )
