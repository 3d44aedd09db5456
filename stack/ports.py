"""The ports on which the three servers listen; all of them on 127.0.0.1 only."""

import socket
from collections.abc import Mapping
from typing import TypeVar

import msgspec

from pipeline.errors import ConfigurationError

HOST = "127.0.0.1"


#: The setting that changes each port, by the fields of `Ports`.
PORT_SETTINGS = {
    "kafka": "WINDHOVER_KAFKA_PORT",
    "kafka_controller": "WINDHOVER_KAFKA_CONTROLLER_PORT",
    "database": "WINDHOVER_DATABASE_PORT",
    "mqtt": "WINDHOVER_MQTT_PORT",
}


class Ports(msgspec.Struct, frozen=True):
    """One TCP port for each listener; `kafka_controller` is Kafka talking to itself."""

    kafka: int = 9092
    kafka_controller: int = 9093
    database: int = 5432
    mqtt: int = 1883


AnyPorts = TypeVar("AnyPorts", bound=Ports)


def load_ports(
    environment: Mapping[str, str], otherwise: AnyPorts, settings: Mapping[str, str] = PORT_SETTINGS
) -> AnyPorts:
    """The ports that the environment names, by `settings` (field to name); `otherwise` where a name is not set.

    Raises:
        ConfigurationError: a value that is no port number.
    """
    changed = {}
    for field, setting in settings.items():
        text = environment.get(setting, "")
        if text:
            if not text.isdecimal() or not 0 < int(text) < 1 << 16:
                raise ConfigurationError(f"setting {setting}={text}: give a port number between 1 and 65535")
            changed[field] = int(text)
    return msgspec.structs.replace(otherwise, **changed)


def free_ports() -> Ports:
    """Ports that nobody listens on now: held open together while they are chosen, so that no two are the same."""
    sockets = [socket.socket() for _ in Ports.__struct_fields__]
    try:
        for each in sockets:
            each.bind((HOST, 0))
        return Ports(*(each.getsockname()[1] for each in sockets))
    finally:
        for each in sockets:
            each.close()


def is_free(port: int) -> bool:
    """Whether a server could listen on this port of 127.0.0.1 now (connections of a dead one do not count)."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((HOST, port))
        except OSError:
            return False
        return True
