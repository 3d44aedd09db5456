"""Rows are the records, each once, whatever dies while they flow."""

import asyncio
import threading
import time
from contextlib import contextmanager

import msgspec
import psycopg
import pytest
from engine_processes import (
    counted,
    dji_message,
    raw_entries,
    raw_name,
    running,
    sample,
    send,
    telemetry_entries,
    telemetry_name,
    until,
)

from pipeline import kafka
from pipeline.settings import Settings

RATE = 1000


class Load:
    """Sends numbered records at a steady rate in a thread; `sent` is what Kafka has acknowledged."""

    def __init__(self, settings: Settings, topic: str, entries, count: int) -> None:
        self.settings, self.topic, self.entries, self.count = settings, topic, entries, count
        self.sent = 0
        self.thread = threading.Thread(target=lambda: asyncio.run(self._send()))

    async def _send(self) -> None:
        async with kafka.producer(self.settings, "load") as producer:
            began = time.monotonic()
            for first in range(0, self.count, 100):
                waiting = [
                    await producer.send(self.topic, value, key=key, partition=partition, headers=headers)
                    for partition, key, value, headers in self.entries(range(first, first + 100))
                ]
                for each in waiting:
                    await each
                self.sent += len(waiting)
                await asyncio.sleep(max(began + self.sent / RATE - time.monotonic(), 0))


@contextmanager
def under_load(settings, topic, entries, count):
    load = Load(settings, topic, entries, count)
    load.thread.start()
    try:
        yield load
    finally:
        load.thread.join(60)
    assert load.sent == count


def messages(numbers):
    return raw_entries((number % 4, dji_message(f"AIR{number % 4}{number % 40:04d}", number)) for number in numbers)


def samples(numbers):
    return telemetry_entries((number % 4, sample(f"AIR{number % 4}{number % 40:04d}", number)) for number in numbers)


def rows_are(settings, count, processes):
    """Every record has landed once; processes that end meanwhile are started again, as a supervisor does."""

    def there() -> bool:
        for process in processes:
            process.supervise()
        return counted(settings.database)[0] >= count

    until(there, 90, f"{count} rows")
    time.sleep(0.5)
    assert counted(settings.database) == (count, count)


def test_rows_are_the_messages_when_normalize_and_land_are_killed(settings, tmp_path):
    with running("normalize", settings, tmp_path) as normalize, running("land", settings, tmp_path) as land:
        with under_load(settings, raw_name(settings), messages, 15_000) as load:
            until(lambda: counted(settings.database)[0] > 0, 60, "first row")
            for victim in (normalize, land, normalize, land):
                time.sleep(1.2)
                before = load.sent
                victim.kill()
                victim.start()
                after = min(before + 1, load.count)  # a row of a message that was sent after the kill
                until(lambda rows=after: counted(settings.database)[0] >= rows, 60, "rows again")
        rows_are(settings, 15_000, (normalize, land))


def test_rows_are_the_records_when_land_processes_come_and_go(settings, tmp_path):
    """F2: nothing is lost to a rebalance under load; clean and unclean leavers alike."""
    second = msgspec.structs.replace(settings, process_index=1)
    with running("land", settings, tmp_path) as first:
        with under_load(settings, telemetry_name(settings), samples, 15_000):
            until(lambda: counted(settings.database)[0] > 0, 60, "first row")
            with running("land", second, tmp_path, "second") as other:
                until(lambda: "partitions started" in other.text(), 60, "the second process' share")
                time.sleep(1)
                assert other.stop() == 0
            with running("land", second, tmp_path, "third") as other:
                until(lambda: "partitions started" in other.text(), 60, "the third process' share")
                time.sleep(1)
            # killed on leaving the block: its session has to end
        rows_are(settings, 15_000, (first,))


def test_partitions_of_a_process_that_was_told_to_stop_are_taken_over_at_once(settings, tmp_path):
    second = msgspec.structs.replace(settings, process_index=1)
    # A session lasts 10 s: less than that means that the process left the group.
    with running("land", settings, tmp_path) as first, running("land", second, tmp_path, "second") as other:
        until(lambda: "partitions started" in first.text() and "partitions started" in other.text(), 60, "both")
        asyncio.run(send(settings, telemetry_name(settings), samples(range(400))))
        rows_are(settings, 400, ())
        assert first.stop() == 0
        asyncio.run(send(settings, telemetry_name(settings), samples(range(400, 800))))
        assert until(lambda: counted(settings.database)[0] == 800, 30, "rows of all partitions") < 9


def test_rows_are_the_records_when_backends_are_terminated(settings, tmp_path):
    with running("land", settings, tmp_path) as land:
        with under_load(settings, telemetry_name(settings), samples, 8_000):
            until(lambda: counted(settings.database)[0] > 0, 60, "first row")
            for _ in range(8):
                time.sleep(0.6)
                with psycopg.connect(settings.database, autocommit=True) as connection:
                    connection.execute(
                        "select pg_terminate_backend(pid) from pg_stat_activity "
                        "where application_name = 'windhover-land' and datname = current_database()"
                    )
        assert land.process.poll() is None
        rows_are(settings, 8_000, (land,))


def test_land_waits_for_a_database_that_is_away_and_goes_on(settings, tmp_path, killable):
    with running("land", settings, tmp_path) as land:
        with under_load(settings, telemetry_name(settings), samples, 8_000):
            until(lambda: counted(settings.database)[0] > 0, 60, "first row")
            killable.kill_server("timescaledb")
            time.sleep(3)
            killable.start_server("timescaledb")
        assert land.process.poll() is None
        assert "waiting for the database" in land.text()
        rows_are(settings, 8_000, (land,))


def test_roles_outlive_a_restart_of_kafka(settings, tmp_path, killable):
    with running("normalize", settings, tmp_path) as normalize, running("land", settings, tmp_path) as land:
        asyncio.run(send(settings, raw_name(settings), messages(range(1000))))
        rows_are(settings, 1000, ())
        killable.kill_server("kafka")
        time.sleep(2)
        killable.start_server("kafka")
        asyncio.run(send(settings, raw_name(settings), messages(range(1000, 2000))))
        rows_are(settings, 2000, ())
        assert normalize.process.poll() is None
        assert land.process.poll() is None


@pytest.mark.parametrize("role", ["normalize", "land"])
def test_a_role_waits_for_kafka_and_stops_when_told(role, tmp_path):
    nowhere = Settings(kafka="127.0.0.1:1", database="postgresql://127.0.0.1:1/none")
    with running(role, nowhere, tmp_path) as process:
        until(lambda: "waiting for Kafka" in process.text(), 60, "a line that says what is waited for")
        assert process.stop() == 0
