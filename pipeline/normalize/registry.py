"""What is known of devices: a plain dictionary, fed from the `devices` topic by the shell and by first sight."""

from schemas.device import Device


class Registry:
    """Devices by id. Of two records of one device the one put last counts."""

    def __init__(self) -> None:
        self._devices: dict[str, Device] = {}

    def get(self, device_id: str) -> Device | None:
        """The device, or None when nobody has heard of it."""
        return self._devices.get(device_id)

    def put(self, device: Device) -> None:
        """Know this device, or know it anew."""
        self._devices[device.device] = device

    def __len__(self) -> int:
        return len(self._devices)
