"""The merged newest state of devices: every field with its own time."""

from datetime import UTC, datetime
from typing import Any

from fastapi import APIRouter
from starlette.responses import Response

from api.answers import JsonAnswer, present
from api.windhover.caller import Caller, Shared
from api.windhover.cursors import Cursor, Limit, device_cursor, read_device_cursor
from api.windhover.devices import no_such_device
from api.windhover.models import DeviceId, Latest, Page
from pipeline.store import reads
from pipeline.store.pool import Row

router = APIRouter(tags=["latest"])


@router.get("/devices/{device}/latest", response_model=Latest)
async def read_latest(device: DeviceId, caller: Caller, resources: Shared) -> Response:
    """One device's newest state."""
    row = await reads.latest(resources.database, caller.account, device)
    if row is None:
        raise no_such_device()
    return JsonAnswer(latest_answer(row))


@router.get("/latest", response_model=Page[Latest])
async def list_latest(caller: Caller, resources: Shared, limit: Limit = 100, cursor: Cursor = None) -> Response:
    """The newest states of the account's devices in the order of their ids."""
    rows = await reads.latest_page(resources.database, caller.account, read_device_cursor(cursor), limit + 1)
    following = device_cursor(rows[limit - 1]["device"]) if len(rows) > limit else None
    return JsonAnswer({"items": [latest_answer(row) for row in rows[:limit]], "next_cursor": following})


def latest_answer(row: Row) -> dict[str, Any]:
    """A state's row as it is answered."""
    answer = {name: row[name] for name in ("device", "family", "kind", "model", "name", "observed_at", "received_at")}
    if row["longitude_deg"] is not None and row["latitude_deg"] is not None:
        position = {name: row[name] for name in ("longitude_deg", "latitude_deg", "height_ellipsoid_m")}
        answer["position"] = present({**position, "observed_at": row["position_at"] or row["observed_at"]})
    times = row["state_at"] or {}
    answer["fields"] = {
        name: present({"value": value, "observed_at": _moment(times.get(name))})
        for name, value in (row["state"] or {}).items()
    }
    return present(answer)


def _moment(epoch_ms: float | None) -> datetime | None:
    return None if epoch_ms is None else datetime.fromtimestamp(epoch_ms / 1000, UTC)
