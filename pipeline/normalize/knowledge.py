"""What a worker knows while it reads messages: the devices, and which shapes of messages it has proven."""

import msgspec

from pipeline.normalize.dji.known_aircraft import KnownAircraft
from pipeline.normalize.json_reader import JsonReader
from pipeline.normalize.registry import Registry


class Knowledge(msgspec.Struct):
    """Of a worker. `first_sight_account` owns a device that nothing else gives an account."""

    registry: Registry
    first_sight_account: int
    json: JsonReader
    aircraft: KnownAircraft
