"""Waiting for rows without getting in their way: what land keeps tells how far it has come; rows are counted once."""

import time
from collections.abc import Callable

from bench.private_system import say
from bench.rows import ask

QUIET_SECONDS = 6.0
LONGEST_SECONDS = 180.0
TOLD_SECONDS = 2.0


def landed_records(dsn: str) -> int:
    """Telemetry records that have landed."""
    return int(ask(dsn, "bench_progress")[0])


def wait_landed(dsn: str, wanted: int, keep: Callable[[], None]) -> None:
    """Wait until `wanted` records have landed and nothing more comes, or none has come for QUIET_SECONDS.

    `keep` is called several times a second: it keeps the supervisor going.
    """
    began = moved_at = told_at = time.monotonic()
    landed = -1
    while (now := time.monotonic()) - began < LONGEST_SECONDS and now - moved_at < QUIET_SECONDS:
        before, landed = landed, landed_records(dsn)
        if landed != before:
            moved_at = now
        elif landed >= wanted:
            return
        if now - told_at > TOLD_SECONDS:
            told_at = now
            say(f"{landed} of {wanted} messages have landed")
        keep()
        time.sleep(0.1)
