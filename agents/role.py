"""The shell that every Faust role shares: logs, health, signals, the app, the watchdog, and a stop that loses no work.

Life: logs and health answer first; wait for Kafka and its topics; `work.prepare`; join the group; work until SIGTERM or
SIGINT; then take no more, finish what is in hand, commit, leave the group, exit 0. Whatever makes work impossible ends
the process with another code (`agents.ending`), and the supervisor starts it again.
"""

import asyncio
import faulthandler
import gc
import logging
import signal
import sys
import time
from collections.abc import Coroutine, Mapping
from typing import Any

from agents.app import create_app
from agents.chunks.chunk import Chunk, Partition
from agents.chunks.schema import ChunkSchema
from agents.chunks.watchdog import Watchdog, observe
from agents.chunks.work import Work
from agents.ending import MISCONFIGURED, STOPPED, end
from pipeline import kafka, metrics
from pipeline.errors import ConfigurationError, UnavailableError
from pipeline.logs import configure_logs
from pipeline.operations import serve_operations
from pipeline.settings import Settings
from schemas.topics import Topic, full_name

log = logging.getLogger(__name__)

TICK_SECONDS = 1.0
#: The ends of partitions are asked from the broker so often, for the lag and for the watchdog.
ENDS_SECONDS = 2.0
#: The event loop itself stands still for so long: the interpreter prints every stack and ends.
LOOP_SECONDS = 120.0
STOP_SECONDS = 15.0
#: Faust logs the life of its services under the names of the modules that define them.
_FAUST_SERVICES = ("agents.app", "agents.chunks.install", "agents.chunks.thread")


def run(role: str, settings: Settings, reads: Topic, work: Work) -> int:
    """Run a role until it is told to stop; gives the exit code."""
    configure_logs(role, settings.log_level)
    for service in _FAUST_SERVICES:
        logging.getLogger(service).setLevel(logging.WARNING)
    # Database work runs in a second thread: 1 ms instead of 5 ms between switches keeps the event loop answering.
    sys.setswitchinterval(0.001)
    try:
        return asyncio.run(Role(role, settings, reads, work).serve())
    except ConfigurationError as error:
        log.critical("process ends", extra={"reason": str(error), "code": MISCONFIGURED})
        return MISCONFIGURED


class Role:
    """One Faust role of this process, reading one topic."""

    def __init__(self, name: str, settings: Settings, reads: Topic, work: Work) -> None:
        self.name = name
        self.settings = settings
        self.reads = reads
        self.work = work
        self.stopping = asyncio.Event()
        self.app: Any = None
        self._state: str | None = "starting"
        self._ends: Mapping[Partition, int] = {}
        self._ends_at = 0.0
        self._lagging: set[Partition] = set()

    async def serve(self) -> int:
        """The whole life of the role."""
        loop = asyncio.get_running_loop()
        for number in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(number, self.stopping.set)
        operations = await serve_operations(
            self.name, self.settings.ops_host, self.settings.ops_port, self.readiness
        )  # fmt: skip
        try:
            if await self._begin():
                await self._watch()
                await self._finish()
        finally:
            await self.work.close()
            await operations.cleanup()
            faulthandler.cancel_dump_traceback_later()
        log.info("stopped")
        return STOPPED

    def readiness(self) -> str | None:
        """None when the role does its work, a member that stands by included; else why not."""
        return self._state or self.work.blocked()

    async def _begin(self) -> bool:
        """Wait for what is needed, then join; False when told to stop before that."""
        if not await self._unless_stopped("waiting for Kafka", kafka.wait_for_topics(self.settings, [self.reads])):
            return False
        if not await self._unless_stopped("preparing", self.work.prepare()):
            return False
        self.app = create_app(self.name, self.settings, self.work)
        topic = self.app.topic(full_name(self.reads, self.settings.topic_prefix), schema=ChunkSchema())
        self.app.agent(topic, name=self.name)(self._agent)
        self.app.finalize()
        self._state = "joining the consumer group"
        _calm_garbage_collection()
        asyncio.ensure_future(self.app.start()).add_done_callback(self._started)
        return True

    async def _unless_stopped(self, state: str, waiting: Coroutine[Any, Any, None]) -> bool:
        self._state = state
        work, stop = asyncio.ensure_future(waiting), asyncio.ensure_future(self.stopping.wait())
        await asyncio.wait({work, stop}, return_when=asyncio.FIRST_COMPLETED)
        stop.cancel()
        if work.done():
            work.result()
            return True
        work.cancel()
        await asyncio.wait({work})
        return False

    def _started(self, start: "asyncio.Future[None]") -> None:
        # Nobody waits for start(): without this a failed one leaves a live process that never works.
        if not start.cancelled() and (error := start.exception()) is not None:
            end("the Faust app did not start", error=error)

    async def _agent(self, stream: Any) -> None:
        received = metrics.RECEIVED.labels(self.name)
        async for chunk in stream.noack():
            try:
                received.inc(len(chunk))
                await self.work.take(chunk)
            except Exception as error:  # noqa: BLE001  # the top of the process: a restart loses nothing
                end("the agent failed", error=error)

    async def _watch(self) -> None:
        watchdog = Watchdog(time.monotonic())
        while not self.stopping.is_set():
            faulthandler.dump_traceback_later(LOOP_SECONDS, exit=True)
            try:
                async with asyncio.timeout(TICK_SECONDS):
                    await self.stopping.wait()
            except TimeoutError:
                reason = await self._look(watchdog)
                if reason is not None:
                    end(reason)

    async def _look(self, watchdog: Watchdog) -> str | None:
        now = time.monotonic()
        if now - self._ends_at > ENDS_SECONDS and self.app.consumer._thread._consumer is not None:  # noqa: SLF001
            self._ends, self._ends_at = await self._ask_ends(), time.monotonic()
        seen = observe(self.app, self.work.blocked(), self._ends)
        self._state = None if seen.member and self.app.consumer.flow_active else "joining the consumer group"
        self._measure(seen.committed)
        return watchdog.judge(seen, now)

    async def _ask_ends(self) -> Mapping[Partition, int]:
        assigned = self.app.consumer.assignment()
        if not assigned:
            return {}
        try:
            with kafka.translated():
                async with asyncio.timeout(TICK_SECONDS * 3):
                    found: Mapping[Partition, int] = await self.app.consumer._thread.end_offsets(assigned)  # noqa: SLF001
                    return found
        except (UnavailableError, TimeoutError) as error:
            log.warning("the broker does not tell the ends of partitions", extra={"error": repr(error)})
            return {}

    def _measure(self, committed: Mapping[Partition, int]) -> None:
        behind = 0
        for partition, offset in committed.items():
            lag = max(self._ends.get(partition, offset) - offset, 0)
            behind += lag
            metrics.LAG_RECORDS.labels(self.name, partition[1]).set(lag)
        for partition in self._lagging - set(committed):
            metrics.LAG_RECORDS.remove(self.name, partition[1])
        self._lagging = set(committed)
        if not behind:
            metrics.LAG_SECONDS.labels(self.name).set(0)

    async def _finish(self) -> None:
        self._state = "stopping"
        faulthandler.dump_traceback_later(STOP_SECONDS * 3, exit=True)
        consumer = self.app.consumer
        try:
            async with asyncio.timeout(STOP_SECONDS):
                if consumer._thread._consumer is not None:  # noqa: SLF001
                    await consumer.finish()
                    await consumer._thread.leave_group()  # noqa: SLF001
                await self.app.stop()
        except TimeoutError:
            end("stopped, but Faust did not end in time", STOPPED)


def _calm_garbage_collection() -> None:
    """Records make no cycles: look rarely, and never again at what the start has made (5 % of normalize's time)."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(50_000, 20, 50)


def note_finished(role: str, chunk: Chunk, now_ms: int) -> None:
    """Set the role's lag to the age of the newest record that it has finished."""
    metrics.LAG_SECONDS.labels(role).set(max(now_ms - chunk.records[-1].timestamp, 0) / 1000)
