"""An ingress as a process of its own, loads for it, and what it left on the raw topic."""

import asyncio
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections import Counter
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path

import msgspec
import orjson
from prometheus_client.parser import text_string_to_metric_families

from pipeline import kafka
from pipeline.mqtt.connection import Listener, Login, open_connection
from pipeline.settings import Settings, to_environment
from schemas import raw
from schemas.topics import RAW
from simulate.load import Load, Report, run_load

START = (
    "import sys; from pipeline.settings import load_settings; from pipeline.ingress.role import main; "
    "sys.exit(main(load_settings()))"
)
READY_SECONDS, ARRIVAL_SECONDS = 30, 30


class Ingress:
    """One ingress; its log is in `log`, its health and metrics on a port of its own."""

    def __init__(self, settings: Settings, index: int, log: Path) -> None:
        self.settings = msgspec.structs.replace(settings, process_index=index, ops_port=free_port())
        self.log = log
        self.start()

    def start(self) -> None:
        environment = {name: value for name, value in os.environ.items() if not name.startswith("WINDHOVER_")}
        with self.log.open("ab") as out:
            self.process = subprocess.Popen(
                [sys.executable, "-c", START], env=environment | to_environment(self.settings), stdout=out, stderr=out
            )

    def until_ready(self) -> None:
        wait_until(self.ready, READY_SECONDS, lambda: f"the ingress is not ready:\n{self.log.read_text()}")

    def ready(self) -> bool:
        return self.process.poll() is None and self._get("/readyz") is not None

    def received(self) -> int:
        """Messages taken from MQTT, as its metric says."""
        text = self._get("/metrics") or ""
        for family in text_string_to_metric_families(text):
            for sample in family.samples:
                if sample.name == "windhover_messages_received_total":
                    return int(sample.value)
        return 0

    def kill(self) -> None:
        self.process.kill()
        self.process.wait()

    def stop(self) -> int:
        """SIGTERM, as a supervisor does; gives the exit code."""
        self.process.send_signal(signal.SIGTERM)
        return self.process.wait(30)

    def _get(self, path: str) -> str | None:
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{self.settings.ops_port}{path}", timeout=2) as answer:
                return answer.read().decode()
        except OSError:
            return None


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def wait_until(condition: Callable[[], bool], seconds: float, otherwise: Callable[[], str]) -> None:
    until = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < until, otherwise()
        time.sleep(0.1)


def started_load(load: Load) -> Future[Report]:
    """The load on its way in a thread of its own."""
    pool = ThreadPoolExecutor(1)
    report = pool.submit(lambda: asyncio.run(run_load(load)))
    pool.shutdown(wait=False)
    return report


class Arrived(msgspec.Struct):
    """What is on the raw topic: how often each (device, timestamp), and those whose record is marked as a duplicate."""

    counts: Counter[tuple[str, int]]
    marked: Counter[tuple[str, int]]

    def missing(self, report: Report) -> set[tuple[str, int]]:
        return set(report.acknowledged_messages) - self.counts.keys()

    def unmarked_twice(self) -> list[tuple[str, int]]:
        """Messages with more than one record that is not marked: twice without a way to tell."""
        return [message for message, count in self.counts.items() if count - self.marked[message] > 1]


async def _read(settings: Settings) -> Arrived:
    arrived = Arrived(Counter(), Counter())
    partitions = (await kafka.partition_counts(settings, [RAW]))[RAW]
    for partition in range(partitions):
        for record in await kafka.read_records(settings, RAW, partition, 0, 1 << 60):
            message = (record.key.decode(), orjson.loads(record.value)["timestamp"])
            arrived.counts[message] += 1
            arrived.marked[message] += raw.decode_record(record.value, record.headers, record.timestamp).duplicate
    return arrived


def read_arrived(settings: Settings) -> Arrived:
    return asyncio.run(_read(settings))


def arrived_when_complete(settings: Settings, report: Report) -> Arrived:
    """What arrived, once all acknowledged messages have, or when the time is up."""
    until = time.monotonic() + ARRIVAL_SECONDS
    while True:
        arrived = read_arrived(settings)
        if not arrived.missing(report) or time.monotonic() > until:
            return arrived
        time.sleep(0.5)


def forget_session(settings: Settings, index: int) -> None:
    """Make the broker drop an ingress's session, so that it takes no share of what the next test sends."""

    async def forget() -> None:
        login = Login(
            host=settings.mqtt_host,
            port=settings.mqtt_port,
            username=settings.mqtt_username,
            password=settings.mqtt_password,
            client_id=f"windhover-ingress-{index}",
        )
        connection = await open_connection(login, Listener())
        connection.disconnect()
        await connection.lost

    asyncio.run(forget())
