"""The home folder: ports, secrets and data of one running system.

`home.json` (mode 600) keeps what must be the same at the next start; `run.json` (mode 600) is for scripts:
`{"url", "token", "user", "password", "mqtt": {"host", "port", "username", "password"}, "kafka", "database"}`.
"""

import os
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, Literal

import msgspec

from pipeline.errors import ConfigurationError
from pipeline.mqtt.dynamic_security import initial_configuration
from pipeline.secrets import new_password, new_token
from pipeline.settings import Settings
from stack.compose import ComposeStack, stack_kind
from stack.native import Stack
from stack.ports import PORT_SETTINGS, Ports, load_ports

Say = Callable[[str], None]
Servers = Literal["docker", "native"]

DEFAULT_FOLDER = ".windhover"
ACCOUNT_NAME = "demo"
USER_NAME = "demo"
FLEET_USER = "demo"
SYSTEM_PORT_SETTINGS = {"http": "WINDHOVER_HTTP_PORT", "ops_first": "WINDHOVER_OPS_FIRST_PORT"}


class SystemPorts(Ports, frozen=True, kw_only=True):
    """Every port of one system, all on the loopback address. `ops_first`: role processes count up from it."""

    database: int = 5433  # beside a PostgreSQL that the machine may have
    http: int = 8080
    ops_first: int = 9101


class Secrets(msgspec.Struct, frozen=True, kw_only=True):
    """Passwords made at the first start; they leave the home folder only through `run.json`."""

    database: str
    mqtt_admin: str
    mqtt_ingress: str
    mqtt_fleet: str
    user: str
    token: str


def new_secrets() -> Secrets:
    """Fresh random secrets, 128 bits or more each."""
    passwords = {name: new_password() for name in Secrets.__struct_fields__ if name != "token"}
    return Secrets(**passwords, token=new_token())


class Home(msgspec.Struct, frozen=True):
    """One home folder with its ports and secrets, and where its servers run. Make one with `open_home`."""

    path: Path
    ports: SystemPorts
    secrets: Secrets
    servers: Servers

    @property
    def logs(self) -> Path:
        """Where every process writes its log."""
        return self.path / "logs"

    def settings(self, process_index: int = 0, ops_port: int = 0) -> Settings:
        """The settings of a process of this system."""
        password = self.secrets.database
        return Settings(
            kafka=f"127.0.0.1:{self.ports.kafka}",
            database=f"postgresql://windhover:{password}@127.0.0.1:{self.ports.database}/windhover",
            mqtt_port=self.ports.mqtt,
            mqtt_password=self.secrets.mqtt_ingress,
            mqtt_admin_password=self.secrets.mqtt_admin,
            http_port=self.ports.http,
            ops_port=ops_port,
            process_index=process_index,
        )

    def stack(self, say: Say) -> Stack | ComposeStack:
        """The three servers of this system."""
        names = Settings()
        kind = ComposeStack if self.servers == "docker" else Stack
        return kind(
            home=self.path,
            ports=self.ports,
            database_password=self.secrets.database,
            dynamic_security=initial_configuration(
                names.mqtt_admin_username, self.secrets.mqtt_admin, names.mqtt_username, self.secrets.mqtt_ingress
            ),
            say=say,
        )

    def write_run_file(self) -> Path:
        """Write `run.json`; returns its path."""
        return _write_private(
            self.path / "run.json", run_file_text(self.settings(), self.secrets, f"http://127.0.0.1:{self.ports.http}")
        )


def run_file_text(settings: Settings, secrets: Secrets, url: str) -> bytes:
    """What `run.json` says: addresses and secrets for scripts, as indented JSON."""
    information = {
        "url": url,
        "token": secrets.token,
        "user": USER_NAME,
        "password": secrets.user,
        "mqtt": {
            "host": settings.mqtt_host,
            "port": settings.mqtt_port,
            "username": FLEET_USER,
            "password": secrets.mqtt_fleet,
        },
        "kafka": settings.kafka,
        "database": settings.database,
    }
    return msgspec.json.format(msgspec.json.encode(information))


def home_folder(environment: Mapping[str, str] | None = None) -> Path:
    """`WINDHOVER_HOME`, else `.windhover` in the current folder; absolute."""
    environment = os.environ if environment is None else environment
    return Path(environment.get("WINDHOVER_HOME", DEFAULT_FOLDER)).absolute()


def ports_from(environment: Mapping[str, str], otherwise: SystemPorts) -> SystemPorts:
    """Ports named in the environment (`WINDHOVER_KAFKA_PORT`, `WINDHOVER_HTTP_PORT`, ...) over the given ones.

    Raises:
        ConfigurationError: a value that is no port number.
    """
    return load_ports(environment, otherwise, PORT_SETTINGS | SYSTEM_PORT_SETTINGS)


def open_home(path: Path, ports: SystemPorts | None = None) -> Home:
    """The home in `path`, made with fresh secrets when it is not there yet. Given ports are kept for the next time.

    Whether the servers run in containers is decided when the home is made, for their data lies here or there.

    Raises:
        ConfigurationError: `home.json` is damaged.
    """
    file = path / "home.json"
    if file.exists():
        try:
            kept = msgspec.json.decode(file.read_bytes(), type=_Kept)
        except msgspec.DecodeError as error:
            raise ConfigurationError(f"{file}: {error}: delete the folder to start anew") from error
    else:
        kept = _Kept(ports=SystemPorts(), secrets=new_secrets(), servers=stack_kind(os.environ))
    wanted = _Kept(ports=ports or kept.ports, secrets=kept.secrets, servers=kept.servers)
    if wanted != kept or not file.exists():
        path.mkdir(parents=True, exist_ok=True)
        _write_private(file, msgspec.json.encode(wanted))
    return Home(path, wanted.ports, wanted.secrets, wanted.servers)


def read_run_file(path: Path | None = None) -> dict[str, Any]:
    """What `run.json` of the home folder says.

    Raises:
        ConfigurationError: no system was started there.
    """
    file = (path or home_folder()) / "run.json"
    try:
        information: dict[str, Any] = msgspec.json.decode(file.read_bytes())
    except FileNotFoundError as error:
        raise ConfigurationError(f"{file} is not there: start the system with `make run` first") from error
    return information


class _Kept(msgspec.Struct):
    ports: SystemPorts
    secrets: Secrets
    servers: Servers = "native"


def _write_private(path: Path, data: bytes) -> Path:
    """Write a file that only its owner reads; complete or not at all."""
    temporary = path.with_suffix(".new")
    temporary.unlink(missing_ok=True)
    temporary.touch(mode=0o600)
    temporary.write_bytes(data)
    temporary.replace(path)
    return path
