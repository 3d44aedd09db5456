"""The account's devices: listed, read, provisioned."""

from fastapi import APIRouter
from starlette.responses import Response

from api.answers import JsonAnswer, present
from api.windhover.caller import Caller, Shared
from api.windhover.cursors import Cursor, Limit, device_cursor, read_device_cursor
from api.windhover.models import DeviceAnswer, DeviceId, NewDevice, Page
from pipeline.errors import RequestError
from pipeline.store import devices
from pipeline.store.accounts import Identity
from pipeline.store.pool import Database, Row
from schemas.device import Device

router = APIRouter(tags=["devices"])


async def require_device(database: Database, caller: Identity, device: str) -> Row:
    """The device's row.

    Raises:
        RequestError: 404, the account has no such device; the same whether another account has it or nobody.
    """
    row = await devices.find_device(database, caller.account, device)
    if row is None:
        raise no_such_device()
    return row


def no_such_device() -> RequestError:
    """The answer for a device that the account does not have."""
    return RequestError("the account has no such device", "device", status=404)


@router.get("/devices", response_model=Page[DeviceAnswer])
async def list_devices(caller: Caller, resources: Shared, limit: Limit = 100, cursor: Cursor = None) -> Response:
    """The account's devices in the order of their ids."""
    rows = await devices.devices_page(resources.database, caller.account, read_device_cursor(cursor), limit + 1)
    following = device_cursor(rows[limit - 1]["device"]) if len(rows) > limit else None
    return JsonAnswer({"items": [present(row) for row in rows[:limit]], "next_cursor": following})


@router.get("/devices/{device}", response_model=DeviceAnswer)
async def read_device(device: DeviceId, caller: Caller, resources: Shared) -> Response:
    """One device."""
    return JsonAnswer(present(await require_device(resources.database, caller, device)))


@router.post("/devices", status_code=201, response_model=DeviceAnswer)
async def provision_device(new: NewDevice, caller: Caller, resources: Shared) -> Response:
    """Provision a device, so that its messages count for this account from the first one on."""
    if new.family == "cayenne" and new.mqtt_user is None:
        raise RequestError("a Cayenne thing needs the user whose topics it reports on", "mqtt_user")
    if new.family != "cayenne" and new.mqtt_user is not None:
        raise RequestError("only a Cayenne thing has an MQTT user", "mqtt_user")
    device = Device(
        device=new.device,
        account=caller.account,
        family=new.family,
        kind=new.kind or ("thing" if new.family == "cayenne" else "unknown"),
        model=new.model,
        name=new.name,
        mqtt_user=new.mqtt_user,
    )
    row = await devices.provision(resources.database, device, lambda: resources.announcements.announce(device))
    return JsonAnswer(present(row), status_code=201, headers={"Location": f"/v1/devices/{new.device}"})
