"""Waiting for rows: how far the rows of a run have come."""

import time
from collections.abc import Callable

from bench.private_system import say
from bench.rows import ask

QUIET_SECONDS = 12.0
LONGEST_SECONDS = 180.0


def wait_landed(dsn: str, wanted: int, keep: Callable[[], None], query: str = "bench_landed") -> int:
    """Wait until `wanted` rows of aircraft are there or none has come for QUIET_SECONDS; gives the rows.

    `query` counts what has landed. `keep` is called several times a second: it keeps the supervisor going.
    """
    until = time.monotonic() + LONGEST_SECONDS
    rows, moved_at = -1, time.monotonic()
    while time.monotonic() < until:
        (now, _) = ask(dsn, query)
        if now != rows:
            rows, moved_at = now, time.monotonic()
        if rows >= wanted or time.monotonic() - moved_at > QUIET_SECONDS:
            break
        say(f"{rows} of {wanted} rows")
        for _ in range(5):
            keep()
            time.sleep(0.1)
    return rows
