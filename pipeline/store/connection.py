"""Connections and the translation of psycopg's errors into ours."""

from collections.abc import Iterator
from contextlib import contextmanager

import psycopg

from pipeline.errors import RequestError, UnavailableError


def translate(error: psycopg.Error) -> Exception:
    """Ours for psycopg's: away or busy is `UnavailableError`, a violated constraint a `RequestError`, else itself."""
    if isinstance(error, psycopg.errors.IntegrityError):
        return RequestError(str(error).splitlines()[0], status=409)
    away = (psycopg.OperationalError, psycopg.InterfaceError)
    if isinstance(error, away):
        lines = str(error).strip().splitlines()
        return UnavailableError(f"database: {lines[0] if lines else type(error).__name__}")
    return error


@contextmanager
def translated() -> Iterator[None]:
    """Raise our errors for psycopg's inside the block."""
    try:
        yield
    except psycopg.Error as error:
        raise translate(error) from error


def connect(dsn: str, application_name: str, *, autocommit: bool = False) -> psycopg.Connection:
    """One connection.

    Raises:
        UnavailableError: the database does not answer within 5 s or refuses.
    """
    with translated():
        return psycopg.connect(
            dsn,
            autocommit=autocommit,
            application_name=f"windhover-{application_name}",
            connect_timeout=5,
            keepalives_idle=10,
            keepalives_interval=5,
            keepalives_count=3,
        )
