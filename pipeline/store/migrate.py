"""Applies the numbered files of `sql/migrations` that a database has not seen yet; forward only."""

from collections.abc import Callable
from pathlib import Path

import psycopg

import sql
from pipeline.store.connection import connect, translated

_LOCK = 0x77696E64  # any number, the same for every migrator: two at once wait for each other


def migrations(folder: Path = sql.FOLDER / "migrations") -> list[Path]:
    """The migration files in the order in which they apply."""
    return sorted(folder.glob("[0-9][0-9][0-9][0-9]_*.sql"))


def migrate(dsn: str, say: Callable[[str], None] = lambda _: None) -> list[str]:
    """Bring the database up to date; returns the names of what was applied now. Each file is one transaction.

    Raises:
        UnavailableError: the database is away.
    """
    applied = []
    with connect(dsn, "migrate", autocommit=True) as connection, translated():
        connection.execute("select pg_advisory_lock(%s)", (_LOCK,))
        connection.execute(sql.query("create_migration_table"))
        done = {row[0] for row in connection.execute(sql.query("applied_migrations"))}
        for path in migrations():
            if path.stem not in done:
                _apply(connection, path)
                applied.append(path.stem)
                say(f"migration {path.stem} applied")
    return applied


def pending(dsn: str) -> list[str]:
    """The names of migrations that this database has not seen.

    Raises:
        UnavailableError: the database is away.
    """
    with connect(dsn, "migrate", autocommit=True) as connection, translated():
        connection.execute(sql.query("create_migration_table"))
        done = {row[0] for row in connection.execute(sql.query("applied_migrations"))}
    return [path.stem for path in migrations() if path.stem not in done]


def _apply(connection: psycopg.Connection, path: Path) -> None:
    with connection.transaction():
        connection.execute(path.read_bytes())
        connection.execute(sql.query("record_migration"), (path.stem,))
