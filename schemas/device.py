"""The `devices` topic: what every worker must know of a device. Compacted; key = device id; value = JSON of `Device`.

Written by the api (provisioning) and by normalize (first sight); read whole by every normalize worker at its start.
"""

from typing import Literal

import msgspec

Family = Literal["dji", "cayenne", "idi", "iottly", "openflighthub"]
Kind = Literal["aircraft", "dock", "remote-controller", "thing", "unknown"]


class Device(msgspec.Struct, frozen=True, omit_defaults=True):
    """One device.

    `mqtt_user` is the Cayenne user its topics must carry; `gateway` the DJI gateway it was last seen under.
    """

    device: str
    account: int
    family: Family
    kind: Kind = "unknown"
    model: str | None = None
    name: str | None = None
    mqtt_user: str | None = None
    gateway: str | None = None
    active: bool = True


ENCODER = msgspec.json.Encoder()
DECODER = msgspec.json.Decoder(Device)
