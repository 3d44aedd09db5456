"""What a message tells about devices: first sight, kind, model, gateway.

DJI serial numbers are registered on first sight, under the account of their gateway where that is known. A device never
changes its account here, and a gateway of another account does not become its gateway.
"""

import msgspec

from pipeline.errors import UnsupportedMessageError
from pipeline.normalize.knowledge import Knowledge
from schemas.device import Device, Kind


class Sighting(msgspec.Struct, frozen=True):
    """What one message says of one device. None and `unknown` say nothing."""

    device: str
    kind: Kind = "unknown"
    model: str | None = None
    gateway: str | None = None


def see(sighting: Sighting, knowledge: Knowledge, *, certain: bool = False) -> tuple[Device, list[Device]]:
    """The device as it is known with this sighting, and the list of it if that is news.

    Args:
        sighting: what the message says.
        knowledge: what is known.
        certain: the kind is stated (topology), not judged by keys, so it overrides an earlier one.

    Raises:
        UnsupportedMessageError: `unknown-device`, a deactivated device or one of another family.
    """
    known = knowledge.registry.get(sighting.device)
    gateway = _gateway(sighting, known, knowledge)
    if known is None:
        owner = knowledge.registry.get(gateway) if gateway else None
        account = owner.account if owner else knowledge.first_sight_account
        new = Device(sighting.device, account, "dji", sighting.kind, sighting.model, gateway=gateway)
        return new, [new]
    check_active(known)
    stated = sighting.kind != "unknown" and (certain or known.kind == "unknown")
    seen = msgspec.structs.replace(
        known,
        kind=sighting.kind if stated else known.kind,
        model=sighting.model or known.model,
        gateway=gateway or known.gateway,
    )
    return (seen, [seen]) if seen != known else (known, [])


def check_active(known: Device) -> None:
    """Refuse a device that is not a DJI device in use.

    Raises:
        UnsupportedMessageError: `unknown-device`.
    """
    if known.family != "dji" or not known.active:
        raise UnsupportedMessageError("unknown-device", "deactivated, or registered as another family's device")


def _gateway(sighting: Sighting, known: Device | None, knowledge: Knowledge) -> str | None:
    if sighting.gateway is None or sighting.gateway == sighting.device:
        return None
    if known is None:
        return sighting.gateway
    owner = knowledge.registry.get(sighting.gateway)
    return sighting.gateway if owner is None or owner.account == known.account else None
