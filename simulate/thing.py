"""A Cayenne thing: a small sensor with temperature, humidity and battery (Cayenne reference, sections 6.2 and 6.3)."""

import math
import random

import orjson

from simulate.stations import temperature_c

_BATTERY_DAYS = 200.0
_DAY_SECONDS = 86_400.0


class Thing:
    """One thing of an MQTT user; what is special about it comes from `seed`."""

    def __init__(self, thing_id: str, seed: int) -> None:
        chance = random.Random(seed)  # noqa: S311 - a repeatable fleet, not a secret
        self.thing_id = thing_id
        self._warmer = chance.uniform(-3.0, 3.0)
        self._phase = chance.uniform(0.0, 600.0)
        self._battery = chance.uniform(60.0, 100.0)

    def values(self, seconds: float) -> tuple[float, float, float]:
        """Temperature in degrees Celsius, relative humidity in per cent, battery in per cent."""
        wobble = math.sin((seconds + self._phase) / 97.0)
        temperature = temperature_c(seconds) + self._warmer + 0.4 * wobble
        humidity = min(max(90.0 - 1.8 * temperature - 2.0 * wobble, 0.0), 100.0)
        return temperature, humidity, max(self._battery - 100.0 * seconds / (_BATTERY_DAYS * _DAY_SECONDS), 0.0)

    def message(self, user: str, turn: int, seconds: float) -> tuple[str, bytes]:
        """Topic and payload of the thing's `turn`-th message: text on one channel in turn, or all as one JSON array."""
        temperature, humidity, battery = self.values(seconds)
        prefix = f"v1/{user}/things/{self.thing_id}/data"
        match turn % 4:
            case 0:
                return f"{prefix}/3", b"temp,c=%.2f" % temperature
            case 1:
                return f"{prefix}/4", b"rel_hum,p=%.1f" % humidity
            case 2:
                return f"{prefix}/5", b"batt,p=%.1f" % battery
            case _:
                readings = [
                    {"channel": 3, "value": round(temperature, 2), "type": "temp", "unit": "c"},
                    {"channel": 4, "value": round(humidity, 1), "type": "rel_hum", "unit": "p"},
                    {"channel": 5, "value": round(battery, 1), "type": "batt", "unit": "p"},
                ]
                return f"{prefix}/json", orjson.dumps(readings)
