"""`windhover secrets` and `prepare`: what containers need before the roles start (see docker-compose.yml)."""

import asyncio
import os
from pathlib import Path
from typing import Annotated

import msgspec
import typer

from pipeline.errors import ConfigurationError
from pipeline.kafka import create_topics, wait_for_topics
from pipeline.mqtt.dynamic_security import initial_configuration
from pipeline.secrets import new_password
from pipeline.settings import Settings, load_settings
from pipeline.store.migrate import migrate
from pipeline.store.readers import ensure_reader
from schemas.topics import TOPICS
from simulate.fleet import thing_ids
from stack.container_files import MOSQUITTO_CONF
from stack.mosquitto import SECURITY_FILE
from stack.ports import HOST
from stack.timescaledb import DATABASE, OWNER
from system.home import Secrets, new_secrets, run_file_text
from system.provision import provision
from system.roles import Fleet

Folder = Annotated[Path, typer.Option(help="Where Windhover's own containers find the secrets.")]
OutsidePort = Annotated[int, typer.Option(help="The port on the machine outside, for `run.json`.")]
_KEPT = "secrets.json"
_OURS, _EVERYBODY, _ROOT = 0o400, 0o444, 0o600


class ContainerSecrets(Secrets, frozen=True, kw_only=True):
    """`reader`: the password of the dashboards' database login."""

    reader: str


def secrets(
    folder: Folder,
    database: Annotated[Path, typer.Option(help="Where TimescaleDB finds its password.")],
    mosquitto: Annotated[Path, typer.Option(help="Data folder of Mosquitto, for its configuration.")],
    dashboards: Annotated[Path, typer.Option(help="Where Grafana finds its passwords.")],
    database_host: Annotated[str, typer.Option(help="Host of TimescaleDB.")] = "timescaledb",
) -> None:
    """Make passwords at the first start and write each where its reader looks; changes nothing later."""
    if not (folder / _KEPT).exists():
        made = ContainerSecrets(**msgspec.structs.asdict(new_secrets()), reader=new_password())
        _write(folder / _KEPT, msgspec.json.encode(made), _OURS)
    made = _read(folder)
    dsn = f"postgresql://{OWNER}:{made.database}@{database_host}:5432/{DATABASE}"
    _write(folder / "database", dsn.encode(), _OURS)
    _write(folder / "mqtt_password", made.mqtt_ingress.encode(), _OURS)
    _write(folder / "mqtt_admin_password", made.mqtt_admin.encode(), _OURS)
    # Their readers run as other users; each sees its own volume alone.
    _write(database / "password", made.database.encode(), _EVERYBODY)
    _write(dashboards / "admin_password", made.user.encode(), _EVERYBODY)
    _write(dashboards / "reader_password", made.reader.encode(), _EVERYBODY)
    _write(mosquitto / "mosquitto.conf", MOSQUITTO_CONF.encode(), _EVERYBODY)
    if not (mosquitto / SECURITY_FILE).exists():  # the plugin changes it from then on
        names = Settings()
        configuration = initial_configuration(
            names.mqtt_admin_username, made.mqtt_admin, names.mqtt_username, made.mqtt_ingress
        )
        _write(mosquitto / SECURITY_FILE, configuration, _ROOT)
    print(f"the secrets are in {folder}")


def prepare(
    folder: Folder,
    kafka_port: OutsidePort,
    database_port: OutsidePort,
    mqtt_port: OutsidePort,
    http_port: OutsidePort,
) -> None:
    """Apply the migrations, create the topics, make the first account and write `run.json`; may be run again."""
    settings = load_settings()
    made = _read(folder)
    migrate(settings.database, print)
    ensure_reader(settings.database, made.reader)
    asyncio.run(create_topics(settings))
    asyncio.run(wait_for_topics(settings, TOPICS))
    provision(settings, made, thing_ids(Fleet().things), print)
    outside = Settings(
        kafka=f"{HOST}:{kafka_port}",
        database=f"postgresql://{OWNER}:{made.database}@{HOST}:{database_port}/{DATABASE}",
        mqtt_host=HOST,
        mqtt_port=mqtt_port,
    )
    run_file = folder / "run.json"
    _write(run_file, run_file_text(outside, made, f"http://{HOST}:{http_port}"), _OURS)
    print(f"everything is prepared; the login is in {run_file}")


def _read(folder: Path) -> ContainerSecrets:
    file = folder / _KEPT
    try:
        return msgspec.json.decode(file.read_bytes(), type=ContainerSecrets)
    except (OSError, msgspec.DecodeError) as error:
        raise ConfigurationError(
            f"{file}: {error}: delete the volumes (`docker compose down -v`) and start anew"
        ) from error


def _write(path: Path, data: bytes, mode: int) -> None:
    """Write a file for the owner of its folder, complete or not at all; one that says the same is left alone."""
    if path.exists() and path.read_bytes() == data:
        return
    unfinished = path.with_name(path.name + ".unfinished")
    unfinished.unlink(missing_ok=True)
    unfinished.touch(mode=_ROOT)
    unfinished.write_bytes(data)
    os.chown(unfinished, path.parent.stat().st_uid, -1)
    unfinished.chmod(mode)
    unfinished.replace(path)
