"""A whole fleet: who is in it, what each sends and how often. Pure: asked for a time, it gives messages.

A gateway (dock or remote controller) speaks for itself and for its aircraft over one MQTT connection; a thing has its
own.
"""

import itertools
import math
from collections.abc import Callable, Iterator

import msgspec

from simulate.aircraft import Aircraft
from simulate.envelope import Envelopes
from simulate.osd import aircraft_osd
from simulate.stations import DOCK, DOCK_PARTS, REMOTE_CONTROLLER, dock_osd, remote_controller_osd, topology
from simulate.survey import moved
from simulate.thing import Thing

#: The Val d'Orcia in Tuscany: hills, cypresses, and land for forty kilometres around. WGS-84; metres above the
#: ellipsoid.
CENTRE_LONGITUDE_DEG, CENTRE_LATITUDE_DEG, GROUND_HEIGHT_M = 11.6100, 43.0670, 420.0
_SPACING_M = 800.0
#: DJI reference, section 3: aircraft and docks report every two seconds.
OSD_HZ, STATION_SECONDS, THING_SECONDS = 0.5, 2.0, 5.0

Message = tuple[str, bytes]
#: Gives the next timestamp of a device: epoch milliseconds, each once, growing.
Stamp = Callable[[], int]


class Fleet(msgspec.Struct, frozen=True, kw_only=True):
    """What to simulate. `docks` of the aircraft live in docks, the others hang on remote controllers."""

    aircraft: int = 6
    docks: int = 2
    things: int = 4
    seed: int = 1
    user: str = "fleet"
    osd_hz: float = OSD_HZ


class Stream(msgspec.Struct, frozen=True):
    """What one device sends again and again over one connection. Seconds are of the model's time."""

    connection: int
    device: str
    period_seconds: float
    first_seconds: float
    #: (model seconds, timestamps) -> messages of one round.
    messages: Callable[[float, Stamp], list[Message]]
    messages_a_round: int = 1
    aircraft_osd: bool = False


class Client(msgspec.Struct, frozen=True):
    """One MQTT connection: its client id and what it says first."""

    client_id: str
    device: str
    greeting: Callable[[Stamp], list[Message]]


def thing_ids(count: int) -> list[str]:
    """The ids of a fleet's things; they must be provisioned for the fleet's MQTT user before their data counts."""
    return [f"sim-thing-{number:04d}" for number in range(1, count + 1)]


class SimulatedFleet:
    """Clients and streams of a fleet, all from its seed."""

    def __init__(self, fleet: Fleet) -> None:
        self.fleet = fleet
        self.clients: list[Client] = []
        self.streams: list[Stream] = []
        self.aircraft: list[Aircraft] = []
        self._envelopes = Envelopes(fleet.seed)
        places = _places(max(fleet.aircraft, fleet.docks))
        for number, (longitude, latitude) in enumerate(places):
            self._add_station(number, longitude, latitude)
        for number, thing_id in enumerate(thing_ids(fleet.things)):
            self._add_thing(Thing(thing_id, fleet.seed * 1_000_003 + number))

    def messages_per_second(self) -> float:
        """What the streams come to at the model's own speed."""
        return sum(stream.messages_a_round / stream.period_seconds for stream in self.streams)

    def _add_station(self, number: int, longitude_deg: float, latitude_deg: float) -> None:
        fleet, seed = self.fleet, self.fleet.seed * 1_000_003 + number
        height = GROUND_HEIGHT_M + 40.0 * math.sin(number)
        aircraft = None
        if number < fleet.aircraft:
            aircraft = Aircraft(f"1581FSIM{number:012d}", longitude_deg, latitude_deg, height, seed)
            self.aircraft.append(aircraft)
        docked = number < fleet.docks
        gateway = f"7CTDSIM{number:07d}" if docked else f"5YSZSIM{number:07d}"
        wrap, connection = self._envelopes.wrap, len(self.clients)
        station = DOCK if docked else REMOTE_CONTROLLER

        def greeting(stamp: Stamp) -> list[Message]:
            data = topology(station, aircraft)
            return [(f"sys/product/{gateway}/status", wrap(gateway, stamp(), data, "update_topo"))]

        def station_round(seconds: float, stamp: Stamp) -> list[Message]:
            if docked:
                state = aircraft.state(seconds) if aircraft is not None else None
                serial = aircraft.serial if aircraft is not None else None
                parts = dock_osd((longitude_deg, latitude_deg, height), serial, state, seconds)
            else:
                parts = [remote_controller_osd(longitude_deg, latitude_deg, height, seconds)]
            return [(f"thing/product/{gateway}/osd", wrap(gateway, stamp(), part)) for part in parts]

        self.clients.append(Client(f"sim-{fleet.seed}-{gateway}", gateway, greeting))
        spread = number / max(fleet.aircraft, fleet.docks)
        first, parts = spread * STATION_SECONDS, DOCK_PARTS if docked else 1
        self.streams.append(Stream(connection, gateway, STATION_SECONDS, first, station_round, messages_a_round=parts))
        if aircraft is not None:
            self._add_aircraft(aircraft, gateway, connection, spread)

    def _add_aircraft(self, aircraft: Aircraft, gateway: str, connection: int, spread: float) -> None:
        wrap, topic, period = self._envelopes.wrap, f"thing/product/{aircraft.serial}/osd", 1.0 / self.fleet.osd_hz

        def osd(seconds: float, stamp: Stamp) -> list[Message]:
            data = aircraft_osd(aircraft.state(seconds), aircraft.serial, films=aircraft.films)
            return [(topic, wrap(gateway, stamp(), data))]

        self.streams.append(Stream(connection, aircraft.serial, period, spread * period, osd, aircraft_osd=True))

    def _add_thing(self, thing: Thing) -> None:
        turns, user = itertools.count(), self.fleet.user

        def report(seconds: float, stamp: Stamp) -> list[Message]:
            stamp()
            return [thing.message(user, next(turns), seconds)]

        client_id = f"sim-{self.fleet.seed}-{thing.thing_id}"
        spread = (len(self.clients) % 10) / 10.0
        stream = Stream(len(self.clients), thing.thing_id, THING_SECONDS, spread * THING_SECONDS, report)
        self.clients.append(Client(client_id, thing.thing_id, lambda _: []))
        self.streams.append(stream)


def _places(count: int) -> Iterator[tuple[float, float]]:
    """Homes on a grid around the centre, inner ones first, so that a small fleet lies together."""
    side = math.ceil(math.sqrt(max(count, 1)))
    cells = [(east - (side - 1) / 2, north - (side - 1) / 2) for north in range(side) for east in range(side)]
    cells.sort(key=lambda cell: (cell[0] ** 2 + cell[1] ** 2, cell))
    for east, north in cells[:count]:
        yield moved(CENTRE_LONGITUDE_DEG, CENTRE_LATITUDE_DEG, east * _SPACING_M, north * _SPACING_M)
