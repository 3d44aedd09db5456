"""DJI's envelope around a message (DJI reference, section 2), as bytes."""

import random
import uuid
from typing import Any

import orjson


class Envelopes:
    """Wraps data; transaction ids come from `seed`, so that a run can be repeated."""

    def __init__(self, seed: int) -> None:
        self._chance = random.Random(seed)  # noqa: S311 - ids of a simulation

    def wrap(self, gateway: str, timestamp_ms: int, data: dict[str, Any], method: str | None = None) -> bytes:
        """The message from `gateway` at `timestamp_ms`; `method` where the stream has one."""
        message: dict[str, Any] = {
            "tid": self._identifier(),
            "bid": self._identifier(),
            "timestamp": timestamp_ms,
            "gateway": gateway,
            "data": data,
        }
        if method is not None:
            message["method"] = method
        return orjson.dumps(message)

    def _identifier(self) -> str:
        return str(uuid.UUID(int=self._chance.getrandbits(128), version=4))
