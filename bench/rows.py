"""What has landed, asked of the database by the benches."""

from collections.abc import Iterable
from typing import Any

import sql
from pipeline.store.connection import connect, translated


def ask(dsn: str, name: str, **values: object) -> tuple[Any, ...]:
    """The first row that the query `sql/queries/{name}.sql` gives."""
    with connect(dsn, "bench", autocommit=True) as connection, translated():
        row = connection.execute(sql.query(name), values).fetchone()
    assert row is not None, f"{name} gives one row"
    return row


def missing_messages(dsn: str, acknowledged: Iterable[tuple[str, int]]) -> list[tuple[str, int]]:
    """Which of these (device, epoch milliseconds) are in no table of telemetry."""
    with connect(dsn, "bench") as connection, translated():
        connection.execute(sql.query("bench_make_acknowledged"))
        with connection.cursor().copy(sql.query("bench_copy_acknowledged")) as copy:
            for device, observed_at_ms in acknowledged:
                copy.write_row((device, observed_at_ms))
        return [(device, at) for device, at in connection.execute(sql.query("bench_missing"))]
