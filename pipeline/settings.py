"""Settings: one frozen value read from the environment (`WINDHOVER_*`), given to whoever needs it.

Secrets may come from a file: `WINDHOVER_DATABASE_FILE` names a file that holds the value of `WINDHOVER_DATABASE`.
"""

import os
from collections.abc import Mapping
from pathlib import Path

import msgspec

from pipeline.errors import ConfigurationError

PREFIX = "WINDHOVER_"


class Settings(msgspec.Struct, frozen=True, kw_only=True):
    """All settings with their defaults. The environment name is `WINDHOVER_` and the field name in capitals."""

    kafka: str = "127.0.0.1:9092"
    topic_prefix: str = "windhover."
    partitions: int = 4
    database: str = "postgresql://windhover@127.0.0.1:5432/windhover"
    mqtt_host: str = "127.0.0.1"
    mqtt_port: int = 1883
    mqtt_username: str = "windhover-ingress"
    mqtt_password: str = ""
    mqtt_admin_username: str = "windhover-admin"
    mqtt_admin_password: str = ""
    mqtt_window_messages: int = 4000
    mqtt_public_host: str = ""  # what devices are told to connect to; empty: mqtt_host
    mqtt_public_port: int = 0  # 0: mqtt_port
    http_host: str = "127.0.0.1"
    http_port: int = 8080
    http_login_seconds: int = 43_200  # how long a login's token counts
    ops_host: str = "127.0.0.1"
    ops_port: int = 0
    process_index: int = 0
    first_sight_account: int = 1
    tile_url: str = ""
    log_level: str = "INFO"
    ingress_processes: int = 1  # how many share the load; alone, one subscribes plainly (pipeline/mqtt/topics.py)
    ingress_linger_seconds: float = 0.005
    drain_gap_seconds: float = 0.02
    fetch_wait_ms: int = 10
    land_gather_seconds: float = 0.04
    land_max_rows: int = 20_000


def load_settings(environment: Mapping[str, str] | None = None) -> Settings:
    """Settings from the environment.

    Raises:
        ConfigurationError: a value of the wrong type, or a secrets file that cannot be read.
    """
    environment = os.environ if environment is None else environment
    known = set(Settings.__struct_fields__)
    values: dict[str, str] = {}
    for name, value in environment.items():
        if not name.startswith(PREFIX):
            continue
        field = name.removeprefix(PREFIX).lower()
        if field in known:
            values[field] = value
        elif field.endswith("_file") and field.removesuffix("_file") in known:
            values[field.removesuffix("_file")] = _read_secret(name, value)
    try:
        return msgspec.convert(values, Settings, strict=False)
    except msgspec.ValidationError as error:
        message = f"setting {PREFIX}*: {error}: correct it in the environment"
        raise ConfigurationError(message) from error


def _read_secret(name: str, path: str) -> str:
    try:
        return Path(path).read_text().strip()
    except OSError as error:
        message = f"{name}={path}: {error.strerror}: name a readable file"
        raise ConfigurationError(message) from error


def to_environment(settings: Settings) -> dict[str, str]:
    """The environment that `load_settings` reads back to the same value; for starting processes."""
    return {PREFIX + name.upper(): str(getattr(settings, name)) for name in Settings.__struct_fields__}
