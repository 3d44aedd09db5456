"""What the ingress listens to: the one list of filters, and the topics that go down to devices.

The filters are wide on purpose. A device's mistake (`thing/product/SN/OSD`) must end as a dead letter that somebody can
find, so everything the broker lets through under our prefixes is taken. What Windhover itself sends down lies under
the same prefixes; MQTT filters cannot leave it out, so the ingress recognises it by name and lets it go.

No topic of the protocols matches two of the filters: a shared subscription would deliver it twice.

Mosquitto 2.0 keeps a session's plain subscriptions through its own death, but not its shared ones: until the ingress is
back, it acknowledges messages that nobody hears. So an ingress that is alone subscribes plainly.
"""

#: The group of the shared subscriptions: all ingress processes together take each message once.
GROUP = "windhover-ingress"

FILTERS = (
    "thing/#",  # DJI: osd, state, events, requests, services_reply, property/set_reply, drc/up
    "sys/#",  # DJI: status (update_topo)
    "v1/#",  # Cayenne: v1/{user}/things/{thing}/data/..., response, sys/..., digital/..., analog/...
    "v2/#",  # Cayenne: v2/things/{thing}/data/..., data.json, data.bin
    "+/JOB/#",  # IDI: {job}/JOB/STATUS
    "+/DEVICE/#",  # IDI: {device group}/DEVICE/STATUS
    "+/SHARE/#",  # IDI: {share}/SHARE/STATUS
)

SHARED_FILTERS = tuple(f"$share/{GROUP}/{each}" for each in FILTERS)


def ingress_filters(processes: int) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """What an ingress subscribes to when `processes` of them share the load, and what it must no longer hear."""
    return (FILTERS, SHARED_FILTERS) if processes == 1 else (SHARED_FILTERS, FILTERS)


#: DJI reference, section 1: what follows `{thing,sys}/product/{sn}/` on the way down.
_DJI_DOWNWARD = frozenset(
    {b"services", b"events_reply", b"requests_reply", b"status_reply", b"property/set", b"drc/down"}
)
#: Cayenne reference, section 6.2: what follows `v1/{user}/things/{thing}/` on the way down.
_CAYENNE_DOWNWARD = frozenset({b"cmd", b"cmd.json", b"digital-cmd", b"analog-cmd"})


def is_downward(topic: bytes) -> bool:
    """Whether devices listen to this topic: the cloud's side of the protocols, never telemetry. Never raises."""
    levels = topic.split(b"/", 3)
    if len(levels) <= 3:  # noqa: PLR2004 - prefix, `product` or user, serial or `things`, rest
        return False
    prefix, second, third, rest = levels
    if prefix in {b"thing", b"sys"}:
        return second == b"product" and rest in _DJI_DOWNWARD
    if prefix == b"v1" and third == b"things":
        _, _, stream = rest.partition(b"/")
        return stream.partition(b"/")[0] in _CAYENNE_DOWNWARD
    return False
