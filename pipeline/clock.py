"""The one clock. What decides takes time as an argument; only adapters call this."""

import time


def now_ms() -> int:
    """Epoch milliseconds, UTC."""
    return time.time_ns() // 1_000_000
