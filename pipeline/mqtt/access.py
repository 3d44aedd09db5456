"""Which topics a credential may use: pure functions that give the filters of each kind.

A broker does not tell a subscriber who published, so the topic must prove the account: a credential publishes only
under its own Cayenne user name, or under the serial number of the DJI gateway it was made for. The broker tries the
filters of a credential one by one for each message (2-7 us with 50 of them): the hottest come first, and they are
kept few.
"""

import re
from collections.abc import Iterable

import msgspec

from pipeline.errors import RequestError
from pipeline.mqtt.topics import FILTERS, SHARED_FILTERS

#: DJI reference, section 1 (decision): what a serial number may look like. The same holds for user names and thing ids,
#: because a wildcard or a slash in one of them would open other people's topics.
_SAFE = re.compile(r"[A-Za-z0-9_-]{1,64}")

#: What an aircraft publishes under its own serial number; everything else goes under its gateway's.
_AIRCRAFT_STREAMS = ("osd", "state", "events")


class Access(msgspec.Struct, frozen=True):
    """Topic filters that a credential may publish to and subscribe to."""

    publish: tuple[str, ...] = ()
    subscribe: tuple[str, ...] = ()


def dji_gateway_access(gateway: str, aircraft: Iterable[str] = ()) -> Access:
    """A DJI dock or remote controller: its own topics, and those of the aircraft it was granted.

    Raises:
        RequestError: a serial number that is none.
    """
    own = f"thing/product/{_checked(gateway, 'gateway')}/#"
    return Access(
        publish=(*aircraft_publish_filters(aircraft), own, f"sys/product/{gateway}/status"),
        subscribe=(own, f"sys/product/{gateway}/status_reply"),
    )


def aircraft_publish_filters(aircraft: Iterable[str]) -> tuple[str, ...]:
    """What a gateway is granted for each aircraft it reports: `osd`, `state` and `events` of that serial number.

    Raises:
        RequestError: a serial number that is none.
    """
    return tuple(
        f"thing/product/{_checked(sn, 'aircraft')}/{stream}" for sn in aircraft for stream in _AIRCRAFT_STREAMS
    )


def cayenne_access(user: str, things: Iterable[str] = ()) -> Access:
    """A Cayenne user: publishes under its own name, and `v2` messages for the things named; hears its own commands.

    Raises:
        RequestError: a user name or thing id with characters that topics give a meaning to.
    """
    own = f"v1/{_checked(user, 'user')}"
    v2 = tuple(f"v2/things/{_checked(thing, 'thing')}/#" for thing in things)
    return Access(publish=(f"{own}/#", *v2), subscribe=(f"{own}/#",))


def fleet_access(user: str) -> Access:
    """A whole fleet behind one credential, for development and simulation: any DJI serial, one Cayenne user.

    Raises:
        RequestError: a user name with characters that topics give a meaning to.
    """
    own = f"v1/{_checked(user, 'user')}/#"
    device = "thing/product/+"
    streams = ("osd", "state", "events", "requests", "services_reply", "drc/up", "property/set_reply")
    commands = ("services", "events_reply", "requests_reply", "property/set", "drc/down")
    return Access(
        publish=(*(f"{device}/{stream}" for stream in streams), own, "sys/product/+/status"),
        subscribe=("sys/product/+/status_reply", *(f"{device}/{command}" for command in commands), own),
    )


def service_access() -> Access:
    """Windhover's own user: the ingress's subscriptions and no other; publishing what devices listen to."""
    return Access(
        publish=(
            "sys/product/+/status_reply",
            "thing/product/+/services",
            "thing/product/+/events_reply",
            "thing/product/+/requests_reply",
            "thing/product/+/property/set",
            "thing/product/+/drc/down",
            "v1/+/things/+/cmd/#",
            "v1/+/things/+/cmd.json",
        ),
        subscribe=(*SHARED_FILTERS, *FILTERS),
    )


def _checked(name: str, field: str) -> str:
    if not _SAFE.fullmatch(name):
        raise RequestError(f"{field} must be 1 to 64 of letters, digits, - and _", field)
    return name
