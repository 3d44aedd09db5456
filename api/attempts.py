"""Counts failed attempts per key within a window; bounded in memory. No clock: time is an argument."""

import math
from collections import OrderedDict


class Attempts:
    """At most `allowed` failures per key within `window_seconds`; the oldest of more than `keys` keys is forgotten."""

    def __init__(self, allowed: int, window_seconds: float, keys: int = 10_000) -> None:
        self._allowed = allowed
        self._window_seconds = window_seconds
        self._keys = keys
        self._counts: OrderedDict[str, tuple[float, int]] = OrderedDict()

    def take(self, key: str, now_seconds: float) -> int:
        """Count an attempt before it is made; gives 0, or the seconds to wait when there were too many."""
        began, count = self._counts.get(key, (now_seconds, 0))
        if now_seconds - began >= self._window_seconds:
            began, count = now_seconds, 0
        if count >= self._allowed:
            return max(1, math.ceil(began + self._window_seconds - now_seconds))
        self._counts[key] = (began, count + 1)
        self._counts.move_to_end(key)
        if len(self._counts) > self._keys:
            self._counts.popitem(last=False)
        return 0

    def give_back(self, key: str) -> None:
        """The attempt was right: it does not count."""
        began, count = self._counts.get(key, (0.0, 0))
        if count > 1:
            self._counts[key] = (began, count - 1)
        else:
            self._counts.pop(key, None)
