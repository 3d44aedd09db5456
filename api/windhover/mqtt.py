"""MQTT credentials: made, listed, deleted. The broker alone keeps their passwords."""

import secrets
from contextlib import AbstractAsyncContextManager
from typing import Annotated

from fastapi import APIRouter, Path
from starlette.responses import Response

from api.answers import JsonAnswer
from api.windhover.caller import Caller, Shared
from api.windhover.models import MqttCredential, MqttSecret, NewMqttCredential, Page
from pipeline.errors import RequestError
from pipeline.mqtt.access import Access, cayenne_access, dji_gateway_access, fleet_access
from pipeline.mqtt.dynamic_security import Credential, DynamicSecurity, dynamic_security
from pipeline.secrets import new_password
from pipeline.settings import Settings
from pipeline.store import devices
from pipeline.store.accounts import Identity

router = APIRouter(tags=["mqtt"])

_GATEWAY_PREFIX = "dji-"
_FLEET_PREFIX = "fleet-"
#: Users of the broker that no account may take or replace.
_RESERVED_PREFIXES = ("windhover", _GATEWAY_PREFIX, _FLEET_PREFIX)

UserName = Annotated[str, Path(max_length=200, pattern=r"^[^\x00]+$")]


@router.get("/mqtt-credentials", response_model=Page[MqttCredential])
async def list_mqtt_credentials(caller: Caller, resources: Shared) -> Response:
    """The account's MQTT users, without passwords."""
    rows = await devices.mqtt_credentials(resources.database, caller.account)
    return JsonAnswer({"items": rows, "next_cursor": None})


@router.post("/mqtt-credentials", status_code=201, response_model=MqttSecret)
async def create_mqtt_credential(new: NewMqttCredential, caller: Caller, resources: Shared) -> Response:
    """Make an MQTT user; the answer is the only one that shows its password."""
    settings = resources.settings
    user, access = _user_and_access(new, caller, settings)
    password = new_password()

    async def enter() -> None:
        async with _broker(settings) as security:
            await security.replace([Credential(user, password, access)])

    row = await devices.add_mqtt_credential(
        resources.database,
        account=caller.account,
        family=new.family,
        user=user,
        gateway=new.gateway,
        topics=access.publish,
        enter=enter,
    )
    return JsonAnswer(
        {
            "username": user,
            "password": password,
            "host": settings.mqtt_public_host or settings.mqtt_host,
            "port": settings.mqtt_public_port or settings.mqtt_port,
            "family": new.family,
            "topics": row["topics"],
            "created_at": row["created_at"],
        },
        status_code=201,
    )


@router.delete("/mqtt-credentials/{username}", status_code=204)
async def delete_mqtt_credential(username: UserName, caller: Caller, resources: Shared) -> Response:
    """Delete an MQTT user and end its connections."""

    async def remove() -> None:
        async with _broker(resources.settings) as security:
            await security.delete([username])

    if not await devices.delete_mqtt_credential(resources.database, caller.account, username, remove):
        raise RequestError("the account has no such MQTT user", "username", status=404)
    return Response(status_code=204)


def _user_and_access(new: NewMqttCredential, caller: Identity, settings: Settings) -> tuple[str, Access]:
    wanted = {"dji": (True, False), "cayenne": (False, True), "fleet": (False, False)}[new.family]
    for field, value, needed in (("gateway", new.gateway, wanted[0]), ("user", new.user, wanted[1])):
        if needed and value is None:
            raise RequestError(f"a credential of the family {new.family} needs a {field}", field)
        if not needed and value is not None:
            raise RequestError(f"a credential of the family {new.family} has no {field}", field)
    if new.gateway is not None:
        return _GATEWAY_PREFIX + new.gateway, dji_gateway_access(new.gateway)
    if new.user is not None:
        if new.user in _own_users(settings) or new.user.startswith(_RESERVED_PREFIXES):
            raise RequestError(f"MQTT user {new.user} is taken: choose another", "user", status=409)
        return new.user, cayenne_access(new.user)
    if caller.account != settings.first_sight_account:
        # It may report under any serial number, so it would speak for other accounts' aircraft.
        raise RequestError("fleet credentials are for the account that takes unknown devices alone", "family", 403)
    user = _FLEET_PREFIX + secrets.token_hex(4)
    return user, fleet_access(user)


def _broker(settings: Settings) -> AbstractAsyncContextManager[DynamicSecurity]:
    return dynamic_security(
        settings.mqtt_host, settings.mqtt_port, settings.mqtt_admin_username, settings.mqtt_admin_password
    )


def _own_users(settings: Settings) -> set[str]:
    return {settings.mqtt_username, settings.mqtt_admin_username}
