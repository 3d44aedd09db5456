"""How long to wait before the next try: a value with one pure method."""

import msgspec


class Backoff(msgspec.Struct, frozen=True):
    """Doubling waits with jitter. Seconds."""

    first_seconds: float = 0.1
    longest_seconds: float = 5.0

    def wait_seconds(self, tries: int, chance: float) -> float:
        """The wait after `tries` failures in a row (from 1); `chance` in [0, 1) spreads it over the upper half."""
        longest: float = min(self.longest_seconds, self.first_seconds * 2.0 ** min(tries - 1, 30))
        return longest * (0.5 + chance / 2)
