"""Timestamps of simulated devices: the wall clock in epoch milliseconds, growing and unique for each device."""


class Timestamps:
    """Remembers the last timestamp of every device."""

    def __init__(self) -> None:
        self._last: dict[str, int] = {}

    def next(self, device: str, now_ms: int) -> int:
        """`now_ms`, or the millisecond after the device's last where that is not later."""
        timestamp = self._last[device] = max(now_ms, self._last.get(device, 0) + 1)
        return timestamp
