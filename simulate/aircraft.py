"""An aircraft that flies its survey again and again: model seconds in, state out. Seeded, pure, knows no MQTT."""

import math
import random
import uuid

import msgspec

from simulate.flight import PREPARING, STANDBY, Flight, Place, survey_flight
from simulate.survey import lawn_mower, moved

#: Per cent a second: a full battery lasts 18 minutes in the air; the longest survey takes under 15.
_FLYING_DRAIN, _STANDING_DRAIN = 0.09, 0.01
_FULL_PERCENT = 98.0
#: On the ground: the empty battery for a while, then a full one; the last seconds are spent getting ready.
_GROUND_SECONDS, _SWAP_AFTER_SECONDS, _PREPARE_SECONDS = 180.0, 90.0, 10.0
_SECONDS_A_PHOTO = 2.0


class AircraftState(msgspec.Struct, frozen=True):
    """One aircraft at one time. Units in the names; heading in [0, 360), true north, clockwise."""

    mode_code: int
    longitude_deg: float
    latitude_deg: float
    height_ellipsoid_m: float
    height_takeoff_m: float
    ground_speed_mps: float
    climb_mps: float
    heading_deg: float
    pitch_deg: float
    gimbal_pitch_deg: float
    battery_percent: float
    flight_time_left_seconds: int
    home_distance_m: float
    wind_speed_mps: float
    recording_seconds: int
    taking_photo: bool
    photos: int
    flights: int
    track_id: str

    @property
    def airborne(self) -> bool:
        """Whether it has left the ground."""
        return self.height_takeoff_m > 0.0


class Aircraft:
    """One aircraft with a home and a survey beside it, both from `seed`."""

    def __init__(
        self, serial: str, longitude_deg: float, latitude_deg: float, height_ellipsoid_m: float, seed: int
    ) -> None:
        chance = random.Random(seed)  # noqa: S311 - a repeatable fleet, not a secret
        self.serial = serial
        self.longitude_deg = longitude_deg
        self.latitude_deg = latitude_deg
        self.height_ellipsoid_m = height_ellipsoid_m
        self.films = chance.random() < 0.4  # noqa: PLR2004 - two of five film, the others take photos
        corners = lawn_mower(
            lines=chance.randint(8, 12),
            length_m=chance.uniform(320, 440),
            spacing_m=chance.uniform(35, 50),
            turned_deg=chance.uniform(0, 360),
            offset=(chance.uniform(-60, 60), chance.uniform(-60, 60)),
        )
        self.flight: Flight = survey_flight(corners, chance.uniform(80, 120), chance.uniform(9, 11))
        self.cycle_seconds = self.flight.seconds + _GROUND_SECONDS
        self._phase = chance.uniform(0, self.cycle_seconds)
        self._wind = chance.uniform(1.0, 4.0)

    def state(self, seconds: float) -> AircraftState:
        """The state `seconds` of model time after the fleet began."""
        flights, into = divmod(seconds + self._phase, self.cycle_seconds)
        place = self.flight.place(into)
        on_ground = into >= self.flight.seconds
        battery = self._battery_percent(into)
        longitude, latitude = moved(self.longitude_deg, self.latitude_deg, place.east_m, place.north_m)
        surveyed = self._surveyed_seconds(place, into)
        return AircraftState(
            mode_code=self._ground_mode(into) if on_ground else place.mode_code,
            longitude_deg=longitude,
            latitude_deg=latitude,
            height_ellipsoid_m=self.height_ellipsoid_m + place.height_m,
            height_takeoff_m=0.0 if on_ground else place.height_m,
            ground_speed_mps=0.0 if on_ground else place.ground_speed_mps,
            climb_mps=0.0 if on_ground else place.climb_mps,
            heading_deg=place.heading_deg,
            pitch_deg=0.0 if on_ground else -place.ground_speed_mps,
            gimbal_pitch_deg=place.gimbal_pitch_deg,
            battery_percent=battery,
            flight_time_left_seconds=0 if on_ground else int((battery - 10.0) / _FLYING_DRAIN),
            home_distance_m=math.hypot(place.east_m, place.north_m),
            wind_speed_mps=self._wind * (1.0 + 0.3 * math.sin(seconds / 47.0)),
            recording_seconds=int(surveyed) if self.films else 0,
            taking_photo=place.surveying and not self.films and int(into) % int(_SECONDS_A_PHOTO) == 0,
            photos=0 if self.films else int(surveyed / _SECONDS_A_PHOTO),
            flights=int(flights),
            track_id="" if on_ground else str(uuid.uuid5(uuid.NAMESPACE_OID, f"{self.serial}/{int(flights)}")),
        )

    def _battery_percent(self, into: float) -> float:
        landed = self.flight.seconds
        if into < landed:
            return _FULL_PERCENT - _STANDING_DRAIN * (_GROUND_SECONDS - _SWAP_AFTER_SECONDS) - _FLYING_DRAIN * into
        after_landing = self._battery_percent(landed - 1e-6)
        standing = into - landed
        if standing < _SWAP_AFTER_SECONDS:
            return after_landing - _STANDING_DRAIN * standing
        return _FULL_PERCENT - _STANDING_DRAIN * (standing - _SWAP_AFTER_SECONDS)

    def _ground_mode(self, into: float) -> int:
        return PREPARING if self.cycle_seconds - into < _PREPARE_SECONDS else STANDBY

    def _surveyed_seconds(self, place: Place, into: float) -> float:
        """Seconds since the survey of this flight began, while it lasts."""
        return max(into - self._survey_began(), 0.0) if place.surveying else 0.0

    def _survey_began(self) -> float:
        began = 0.0
        for leg in self.flight.legs:
            if leg.surveying:
                break
            began += leg.seconds
        return began
