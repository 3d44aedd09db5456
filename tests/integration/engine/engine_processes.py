"""Roles as processes of their own, and raw records for them."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

import msgspec
import psycopg

from pipeline import kafka
from pipeline.settings import Settings, to_environment
from schemas import raw, telemetry
from schemas.topics import RAW, TELEMETRY, full_name

BASE_MS = 1_763_600_000_000
START = (
    "import sys; from pipeline.settings import load_settings; from agents.{role} import main; "
    "sys.exit(main(load_settings()))"
)


class Process:
    """One role in a process of its own; its log is in `log`."""

    def __init__(self, role: str, settings: Settings, log: Path) -> None:
        self.role, self.settings, self.log = role, settings, log
        self.process: subprocess.Popen[bytes] | None = None
        self.start()

    def start(self) -> None:
        environment = {name: value for name, value in os.environ.items() if not name.startswith("WINDHOVER_")}
        with self.log.open("ab") as out:
            self.process = subprocess.Popen(
                [sys.executable, "-c", START.format(role=self.role)],
                env=environment | to_environment(self.settings),
                stdout=out,
                stderr=out,
            )

    def kill(self) -> None:
        self.process.kill()
        self.process.wait()

    def stop(self) -> int:
        """SIGTERM, as a supervisor does; gives the exit code."""
        self.process.send_signal(signal.SIGTERM)
        return self.process.wait(30)

    def supervise(self) -> int | None:
        """Start it again when it has ended; gives the exit code then."""
        code = self.process.poll()
        if code is not None:
            self.start()
        return code

    def text(self) -> str:
        return self.log.read_text()


@contextmanager
def running(role: str, settings: Settings, folder: Path, name: str = "") -> Iterator[Process]:
    process = Process(role, settings, folder / f"{name or role}.log")
    try:
        yield process
    finally:
        process.kill()


def sample(device: str, number: int, **more: object) -> telemetry.AircraftSample:
    """An aircraft sample that is told from all others by its observation time."""
    first = telemetry.AircraftSample(
        device=device,
        account=1,
        source_offset=number,
        observed_at_ms=BASE_MS + number,
        received_at_ms=BASE_MS + number,
        longitude_deg=11.5,
        latitude_deg=48.1,
        height_ellipsoid_m=600.0,
        battery_percent=80.0,
        mode_code=5,
    )
    return msgspec.structs.replace(first, **more)


def dji_message(serial: str, number: int) -> raw.Message:
    """A small aircraft OSD message as MQTT carries it."""
    payload = (
        b'{"bid":"b","tid":"t-%d","timestamp":%d,"gateway":"GATEWAY0001","data":{"latitude":48.1,"longitude":11.5,'
        b'"height":600.5,"elevation":80.5,"horizontal_speed":5.5,"vertical_speed":0.5,"attitude_head":10.5,'
        b'"attitude_pitch":1.5,"attitude_roll":0.5,"mode_code":5,"position_state":{"gps_number":20,"rtk_number":20,'
        b'"is_fixed":2,"quality":5},"battery":{"capacity_percent":80,"remain_flight_time":900}}}'
    ) % (number, BASE_MS + number)
    return raw.Message(f"thing/product/{serial}/osd", payload, BASE_MS + number)


async def send(settings: Settings, topic_name: str, entries: Iterable[tuple[int, bytes, bytes, list]]) -> None:
    """Send (partition, key, value, headers) entries and wait for all of them."""
    async with kafka.producer(settings, "test") as producer:
        waiting = [
            await producer.send(topic_name, value, key=key, partition=partition, headers=headers)
            for partition, key, value, headers in entries
        ]
        for each in waiting:
            await each


def raw_entries(messages: Iterable[tuple[int, raw.Message]]) -> Iterator[tuple]:
    for partition, message in messages:
        key = message.topic.split("/")[2].encode()
        yield partition, key, message.payload, raw.encode_headers(message)


def telemetry_entries(samples: Iterable[tuple[int, telemetry.Telemetry]]) -> Iterator[tuple]:
    for partition, each in samples:
        yield partition, each.device.encode(), telemetry.ENCODER.encode(each), []


def raw_name(settings: Settings) -> str:
    return full_name(RAW, settings.topic_prefix)


def telemetry_name(settings: Settings) -> str:
    return full_name(TELEMETRY, settings.topic_prefix)


def until(condition: Callable[[], object], seconds: float, what: str) -> float:
    """Wait until the condition holds; gives the seconds it took."""
    began = time.monotonic()
    while not condition():
        assert time.monotonic() - began < seconds, f"{what} did not happen within {seconds} s"
        time.sleep(0.1)
    return time.monotonic() - began


def counted(database: str, table: str = "aircraft_sample") -> tuple[int, int]:
    """Rows, and rows that are told apart by device and observation time."""
    statement = {
        "aircraft_sample": "select count(*), count(distinct (device_id, observed_at)) from store.aircraft_sample",
        "reading": "select count(*), count(distinct (device_id, channel, observed_at)) from store.reading",
    }[table]
    with psycopg.connect(database) as connection:
        return connection.execute(statement).fetchone()
