"""Mosquitto's dynamic-security plugin: its first configuration, and users made and changed while it runs.

Commands go as one JSON message to `$CONTROL/dynamic-security/v1`; the answers come, in order, on `.../response`. The
plugin has no pattern for "the user's own name" (Mosquitto 2.0), so every credential has a role of its own with its
topics spelt out.
"""

import asyncio
import base64
import hashlib
import os
import uuid
from collections.abc import Iterable, Sequence
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any

import msgspec

from pipeline.errors import UnavailableError
from pipeline.mqtt.access import Access, service_access
from pipeline.mqtt.connection import Connection, Login
from pipeline.mqtt.publisher import Publisher

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from pipeline.mqtt.stream import Publish

COMMAND_TOPIC = "$CONTROL/dynamic-security/v1"
RESPONSE_TOPIC = "$CONTROL/dynamic-security/v1/response"
#: The plugin's own figures (PBKDF2-HMAC-SHA512). Few rounds: the broker has one thread, a thousand devices that
#: reconnect at once pay for each, and the passwords are random, so guessing is hopeless anyway.
_ITERATIONS, _SALT_BYTES, _HASH_BYTES = 101, 12, 64
_ANSWER_SECONDS = 10.0
#: The broker has one thread, and the plugin writes its whole file for each command: between messages, telemetry passes.
_COMMANDS_A_MESSAGE = 20
_ADMIN_ROLE = "windhover-admin"
_SERVICE_ROLE = "windhover-service"


class Credential(msgspec.Struct, frozen=True):
    """One MQTT user with what it may do."""

    username: str
    password: str
    access: Access


class RefusedCommandError(UnavailableError):
    """The plugin refused a command; the message says which and why."""


def initial_configuration(admin_user: str, admin_password: str, ingress_user: str, ingress_password: str) -> bytes:
    """The plugin's configuration file for an empty broker: two users, everything denied that is not granted.

    The admin may use the plugin's control topic and nothing else; the ingress user has `service_access()`. What a
    client may receive is decided when it subscribes, so receiving itself is not checked again for every message.
    """
    control = [
        *_acls(Access(publish=(COMMAND_TOPIC,), subscribe=(RESPONSE_TOPIC,))),
        # The plugin's answers are the one thing that the default of receiving does not cover.
        {"acltype": "publishClientReceive", "topic": RESPONSE_TOPIC, "priority": 0, "allow": True},
    ]
    configuration = {
        "defaultACLAccess": {
            "publishClientSend": False,
            "publishClientReceive": True,
            "subscribe": False,
            "unsubscribe": True,
        },
        "clients": [
            _stored_client(admin_user, admin_password, _ADMIN_ROLE),
            _stored_client(ingress_user, ingress_password, _SERVICE_ROLE),
        ],
        "groups": [],
        "roles": [
            {"rolename": _ADMIN_ROLE, "acls": control},
            {"rolename": _SERVICE_ROLE, "acls": _acls(service_access())},
        ],
    }
    return msgspec.json.format(msgspec.json.encode(configuration), indent=1)


def _stored_client(username: str, password: str, role: str) -> dict[str, Any]:
    salt = os.urandom(_SALT_BYTES)
    digest = hashlib.pbkdf2_hmac("sha512", password.encode(), salt, _ITERATIONS, _HASH_BYTES)
    return {
        "username": username,
        "password": base64.b64encode(digest).decode(),
        "salt": base64.b64encode(salt).decode(),
        "iterations": _ITERATIONS,
        "roles": [{"rolename": role}],
    }


def _acls(access: Access) -> list[dict[str, Any]]:
    """The plugin tries higher priorities first: the order of the filters becomes their priority."""
    kinds = (("publishClientSend", access.publish), ("subscribePattern", access.subscribe))
    return [
        {"acltype": kind, "topic": topic, "priority": len(filters) - place, "allow": True}
        for kind, filters in kinds
        for place, topic in enumerate(filters)
    ]


def role_name(username: str) -> str:
    """The role that holds one credential's topics."""
    return f"credential-{username}"


class DynamicSecurity:
    """Sends commands to a running broker. Made by `dynamic_security(...)`; safe to use from many tasks."""

    def __init__(self, control: "_Control") -> None:
        self._control = control

    async def replace(self, credentials: Iterable[Credential]) -> None:
        """Create these users, or make existing ones exactly this; connections of a replaced user are dropped.

        Raises:
            RefusedCommandError: the plugin refused one of them.
            UnavailableError: no answer.
        """
        commands: list[dict[str, Any]] = []
        for each in credentials:
            role = role_name(each.username)
            commands += [
                *_deletion(each.username),
                {"command": "createRole", "rolename": role, "acls": _acls(each.access)},
                {
                    "command": "createClient",
                    "username": each.username,
                    "password": each.password,
                    "roles": [{"rolename": role}],
                },
            ]
        await self._control.ask(commands)

    async def renew_service_access(self) -> None:
        """Give Windhover's own user exactly `service_access()`: a broker of an earlier version may know less.

        Raises:
            RefusedCommandError: the plugin refused it.
            UnavailableError: no answer.
        """
        await self._control.ask([{"command": "modifyRole", "rolename": _SERVICE_ROLE, "acls": _acls(service_access())}])

    async def delete(self, usernames: Iterable[str]) -> None:
        """Delete users with their roles and drop their connections; a user that is not there is no error.

        Raises:
            UnavailableError: no answer.
        """
        await self._control.ask([command for username in usernames for command in _deletion(username)])

    async def set_password(self, username: str, password: str) -> None:
        """Change a password.

        Raises:
            RefusedCommandError: no such user.
            UnavailableError: no answer.
        """
        await self._control.ask([{"command": "setClientPassword", "username": username, "password": password}])

    async def grant(self, username: str, publish_filters: Sequence[str]) -> None:
        """Let a credential publish to further topics; its connections stay. Granting twice is no error.

        Raises:
            RefusedCommandError: no such credential.
            UnavailableError: no answer.
        """
        role = role_name(username)
        commands = [
            {
                "command": "addRoleACL",
                "rolename": role,
                "acltype": "publishClientSend",
                "topic": topic,
                "priority": 0,
                "allow": True,
            }
            for topic in publish_filters
        ]
        await self._control.ask(commands)

    async def usernames(self) -> list[str]:
        """All users the broker knows.

        Raises:
            UnavailableError: no answer.
        """
        answers = await self._control.ask([{"command": "listClients", "verbose": False, "count": -1, "offset": 0}])
        return [str(name) for name in answers[0].get("data", {}).get("clients", [])]


@asynccontextmanager
async def dynamic_security(
    host: str, port: int, admin_user: str, admin_password: str
) -> "AsyncIterator[DynamicSecurity]":
    """A connection to the plugin as its admin.

    Raises:
        ConfigurationError: the broker refuses the admin.
        UnavailableError: the broker does not answer.
    """
    client_id = f"windhover-security-{uuid.uuid4().hex[:12]}"
    login = Login(host=host, port=port, username=admin_user, password=admin_password, client_id=client_id)
    control = _Control(login)
    running = asyncio.ensure_future(control.run())
    try:
        await _first(control.opened.wait(), running)
        yield DynamicSecurity(control)
    finally:
        running.cancel()
        await asyncio.wait([running])


async def _first(opened: Any, running: "asyncio.Future[None]") -> None:
    """Wait until open; a refusal of the admin is raised at once."""
    waiting = asyncio.ensure_future(opened)
    await asyncio.wait([waiting, running], timeout=_ANSWER_SECONDS, return_when=asyncio.FIRST_COMPLETED)
    if running.done():
        waiting.cancel()
        running.result()
    if not waiting.done():
        waiting.cancel()
        raise UnavailableError(f"the MQTT broker does not answer for {_ANSWER_SECONDS:.0f} s: start it, then try again")


def _deletion(username: str) -> list[dict[str, Any]]:
    return [
        {"command": "deleteClient", "username": username},
        {"command": "deleteRole", "rolename": role_name(username)},
    ]


#: Refusals that mean the wished state is there already.
_HARMLESS = {"deleteClient": "not found", "deleteRole": "not found", "addRoleACL": "already exists"}


class _Control(Publisher):
    """The connection: one question at a time, its answers matched by position and checked by name."""

    def __init__(self, login: Login) -> None:
        super().__init__(login, window=1)
        self.opened = asyncio.Event()
        self._lock = asyncio.Lock()
        self._answer: asyncio.Future[list[dict[str, Any]]] | None = None

    async def on_connected(self, connection: Connection) -> None:
        """Hear the answers."""
        await connection.subscribe([RESPONSE_TOPIC])
        self.opened.set()

    async def ask(self, commands: list[dict[str, Any]]) -> list[dict[str, Any]]:
        """Commands and their answers, in their order."""
        answers: list[dict[str, Any]] = []
        async with self._lock:
            for start in range(0, len(commands), _COMMANDS_A_MESSAGE):
                answers += await self._ask(commands[start : start + _COMMANDS_A_MESSAGE])
        for answer in answers:
            name, refused = str(answer.get("command")), str(answer.get("error", ""))
            if refused and _HARMLESS.get(name, "\0") not in refused.lower():
                raise RefusedCommandError(f"the MQTT broker refused {name}: {refused}")
        return answers

    async def _ask(self, commands: list[dict[str, Any]]) -> list[dict[str, Any]]:
        self._answer = asyncio.get_running_loop().create_future()
        try:
            async with asyncio.timeout(_ANSWER_SECONDS):
                await self.publish(COMMAND_TOPIC, msgspec.json.encode({"commands": commands}))
                return await self._answer
        except TimeoutError as error:
            message = f"the MQTT broker left a user change unanswered for {_ANSWER_SECONDS:.0f} s: see its log"
            raise UnavailableError(message) from error
        finally:
            self._answer = None

    def on_messages(self, connection: Connection, messages: "list[Publish]") -> None:
        """The answers to the question that is open; the plugin sends them with QoS 0 before it acknowledges."""
        super().on_messages(connection, messages)
        for _, _, payload, _ in messages:
            if self._answer is not None and not self._answer.done():
                self._answer.set_result(msgspec.json.decode(payload)["responses"])
