"""Finds the records that the database refuses, by halving, in transactions that are rolled back."""

from typing import Any

import psycopg

import sql
from pipeline.store import copy_rows, seen_devices
from pipeline.store.batch import Place
from pipeline.store.failures import Failure, classify, first_line
from pipeline.store.latest_state import LatestStates, parameter
from pipeline.store.seen_devices import SeenDevices
from schemas.telemetry import AircraftSample, Telemetry

Connection = psycopg.Connection[tuple[Any, ...]]


def refused(connection: Connection, records: list[tuple[Place, Telemetry]]) -> dict[Place, str]:
    """The records that cannot be stored even alone, with PostgreSQL's words.

    Raises:
        psycopg.Error: anything that is not about values.
    """
    error = _try_out(connection, [record for _, record in records])
    if error is None:
        return {}
    if len(records) == 1:
        return {records[0][0]: first_line(error)}
    half = len(records) // 2
    return refused(connection, records[:half]) | refused(connection, records[half:])


def _try_out(connection: Connection, said: list[Telemetry]) -> psycopg.Error | None:
    aircraft = [copy_rows.aircraft_row(each) for each in said if isinstance(each, AircraftSample)]
    readings = [row for each in said if not isinstance(each, AircraftSample) for row in copy_rows.reading_rows(each)]
    try:
        with connection.transaction(force_rollback=True):
            copy_file(connection, "copy_aircraft_samples", copy_rows.file(aircraft))
            copy_file(connection, "copy_readings", copy_rows.file(readings))
            merged = LatestStates().merge(said, lambda _: {})
            if merged:
                connection.execute(sql.query("merge_latest"), (parameter(merged),))
            news = SeenDevices().news(said)
            if news:
                connection.execute(sql.query("upsert_devices"), seen_devices.columns(news.values()))
    except psycopg.Error as error:
        if classify(error) is Failure.DATA:
            return error
        raise
    return None


def copy_file(connection: Connection, name: str, data: bytes) -> None:
    """Run the COPY of a named query; nothing to do without data."""
    if data:
        with connection.cursor() as cursor, cursor.copy(sql.query(name)) as copy:
            copy.write(data)
