"""The api's connections: a bounded pool that waits briefly, says when the database is away and recovers by itself."""

from collections.abc import AsyncGenerator, AsyncIterator, Mapping
from contextlib import asynccontextmanager
from typing import Any

import psycopg
from psycopg.rows import dict_row
from psycopg_pool import AsyncConnectionPool

import sql
from pipeline.store.connection import translated

Row = dict[str, Any]
Connection = psycopg.AsyncConnection[Row]

#: A request that finds no free connection for this long is told to come again.
_WAIT_SECONDS = 3.0
#: Requests that may wait for a connection at once; more are told to come again at once.
_WAITING_REQUESTS = 200
#: Times in UTC; no statement runs longer than a client waits; a transaction that nobody drives is ended.
_OPTIONS = "-c timezone=UTC -c statement_timeout=20s -c idle_in_transaction_session_timeout=60s"


class Database:
    """Runs the named queries of `sql/queries` on pooled connections.

    Every method raises UnavailableError when the database is away, busy beyond the bounds above or too slow.
    """

    def __init__(self, dsn: str, application_name: str, connections: int = 8) -> None:
        self._pool: AsyncConnectionPool[Connection] = AsyncConnectionPool(
            dsn,
            kwargs={
                "row_factory": dict_row,
                "application_name": f"windhover-{application_name}",
                "options": _OPTIONS,
                "connect_timeout": 3,
                "keepalives_idle": 10,
                "keepalives_interval": 5,
                "keepalives_count": 3,
            },
            min_size=1,
            max_size=connections,
            open=False,
            # A connection that died with the server is found before a request gets it: one round trip, 0.1 ms.
            check=AsyncConnectionPool.check_connection,
            timeout=_WAIT_SECONDS,
            max_waiting=_WAITING_REQUESTS,
            # The pool's back-off doubles without a bound; this short, the next request starts a fresh attempt.
            reconnect_timeout=_WAIT_SECONDS,
        )

    async def open(self) -> None:
        """Start connecting; returns at once, also when the database is away."""
        await self._pool.open(wait=False)

    async def close(self) -> None:
        """Close the connections; a running query is given a moment."""
        await self._pool.close(timeout=2)

    @asynccontextmanager
    async def transaction(self) -> AsyncIterator[Connection]:
        """A connection in a transaction: committed when the block ends, rolled back when it raises."""
        with translated():
            async with self._pool.connection() as connection:
                yield connection

    async def one(self, query: str, parameters: Mapping[str, Any]) -> Row | None:
        """The first row of the named query, or None when there is none."""
        async with self.transaction() as connection:
            return await one(connection, query, parameters)

    async def all(self, query: str, parameters: Mapping[str, Any]) -> list[Row]:
        """All rows of the named query: for queries that bound them."""
        async with self.transaction() as connection:
            cursor = await connection.execute(sql.query(query), parameters)
            return await cursor.fetchall()


async def one(connection: Connection, query: str, parameters: Mapping[str, Any]) -> Row | None:
    """The first row of the named query inside a transaction, or None."""
    cursor = await connection.execute(sql.query(query), parameters)
    return await cursor.fetchone() if cursor.description else None


async def stream(
    connection: Connection, query: str, parameters: Mapping[str, Any], rows: int = 1000
) -> AsyncGenerator[list[Row], None]:
    """The rows of the named query in lists of at most `rows`, by a cursor of the server: memory stays constant.

    Close it (`contextlib.aclosing`) before the transaction ends.
    """
    with translated():
        async with connection.cursor(name=query) as cursor:
            await cursor.execute(sql.query(query), parameters)
            while found := await cursor.fetchmany(rows):
                yield found
