"""The geometry of a survey: a lawn-mower pattern over a rectangle, and local metres to degrees.

Local coordinates are metres east and north of a home point, on a plane; at these sizes (a few hundred metres) the error
against the ellipsoid is below a centimetre.
"""

import math

#: WGS-84 mean radius; a metre of latitude is the same everywhere to half a per cent, which is enough for a simulation.
_EARTH_RADIUS_M = 6_371_008.8

#: East and north of home, metres.
Point = tuple[float, float]


def lawn_mower(lines: int, length_m: float, spacing_m: float, turned_deg: float, offset: Point) -> list[Point]:
    """The corners of the pattern in flying order: `lines` parallel lines, each `length_m` long, `spacing_m` apart.

    The rectangle starts at `offset` from home and is turned clockwise by `turned_deg`.
    """
    corners: list[Point] = []
    for line in range(lines):
        along = (0.0, length_m) if line % 2 == 0 else (length_m, 0.0)
        corners += [_turned((line * spacing_m, north), turned_deg, offset) for north in along]
    return corners


def _turned(point: Point, turned_deg: float, offset: Point) -> Point:
    angle = math.radians(turned_deg)
    east, north = point
    return (
        offset[0] + east * math.cos(angle) + north * math.sin(angle),
        offset[1] - east * math.sin(angle) + north * math.cos(angle),
    )


def distance_m(start: Point, end: Point) -> float:
    """Metres between two points."""
    return math.hypot(end[0] - start[0], end[1] - start[1])


def bearing_deg(start: Point, end: Point) -> float:
    """The course from one point to another: degrees from north, clockwise, in [0, 360)."""
    return math.degrees(math.atan2(end[0] - start[0], end[1] - start[1])) % 360.0


def moved(longitude_deg: float, latitude_deg: float, east_m: float, north_m: float) -> tuple[float, float]:
    """Longitude and latitude of the point so many metres east and north."""
    latitude = latitude_deg + math.degrees(north_m / _EARTH_RADIUS_M)
    circle = _EARTH_RADIUS_M * math.cos(math.radians(latitude_deg))
    return longitude_deg + math.degrees(east_m / circle), latitude
