"""Which device rows a batch needs: devices seen for the first time, or under another gateway, or of another kind."""

from collections.abc import Iterable, Mapping
from typing import Any

import msgspec

from schemas.device import Device
from schemas.telemetry import DeviceReadings, Telemetry

#: More devices than this are not remembered: their rows are offered to the database again, which changes nothing.
REMEMBERED_DEVICES = 500_000


class SeenDevices:
    """Remembers what the database was told of each device."""

    def __init__(self) -> None:
        self._told: dict[str, Device] = {}

    def news(self, records: Iterable[Telemetry]) -> dict[str, Device]:
        """What these records say of devices that the database was not told yet."""
        news: dict[str, Device] = {}
        for record in records:
            known = news.get(record.device) or self._told.get(record.device)
            if known is None:
                news[record.device] = _device(record)
            elif record.gateway is not None and record.gateway != known.gateway:
                news[record.device] = msgspec.structs.replace(known, gateway=record.gateway)
        return news

    def remember(self, news: Mapping[str, Device]) -> None:
        """The rows are committed."""
        if len(self._told) > REMEMBERED_DEVICES:
            self._told.clear()
        self._told.update(news)


def _device(record: Telemetry) -> Device:
    if isinstance(record, DeviceReadings):
        return Device(
            record.device,
            record.account,
            record.family,  # type: ignore[arg-type]  # the message's word is stored as it is
            kind=record.kind,  # type: ignore[arg-type]  # the same
            gateway=record.gateway,
        )
    return Device(record.device, record.account, "dji", kind="aircraft", gateway=record.gateway)


def columns(devices: Iterable[Device]) -> dict[str, list[Any]]:
    """The parameters of `upsert_devices`."""
    rows = list(devices)
    return {
        "devices": [each.device for each in rows],
        "accounts": [each.account for each in rows],
        "families": [each.family for each in rows],
        "kinds": [each.kind for each in rows],
        "models": [each.model for each in rows],
        "gateways": [each.gateway for each in rows],
        "users": [each.mqtt_user for each in rows],
        "names": [each.name for each in rows],
    }
