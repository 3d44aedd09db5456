"""Findings about one system, in the order in which a person would look."""

import shutil
import socket
from collections.abc import Callable, Iterator
from pathlib import Path

import msgspec

from pipeline.errors import WindhoverError
from pipeline.settings import Settings
from pipeline.store.migrate import pending
from stack import preflight
from system.home import Home, SystemPorts, open_home
from system.status import role_status

LATE_SECONDS = 10.0
LITTLE_DISK_BYTES = 2 << 30
MANY_RESTARTS = 3


class Finding(msgspec.Struct, frozen=True):
    """One thing that was looked at; `remedy` None means that it is fine."""

    subject: str
    state: str
    remedy: str | None = None


def diagnose(folder: Path) -> Iterator[Finding]:
    """Every finding, the first cause first; later ones may follow from earlier ones."""
    if not (folder / "home.json").exists():
        yield from (
            Finding("machine", problem, "mend this, then `make run`")
            for problem in preflight.problems(folder, SystemPorts(), ())
        )
        yield Finding("home", f"{folder} is not there", "start the system with `make run` or `windhover up`")
        return
    home = open_home(folder)
    settings = home.settings()
    yield _disk(folder)
    yield from _servers(home, settings)
    yield _attempt("migrations", lambda: _migrations(settings))
    yield from _roles(folder)


def _disk(folder: Path) -> Finding:
    free = shutil.disk_usage(folder).free
    remedy = "free some space: Kafka and TimescaleDB stop when the disk is full" if free < LITTLE_DISK_BYTES else None
    return Finding("disk", f"{free / (1 << 30):.1f} GiB free", remedy)


def _servers(home: Home, settings: Settings) -> Iterator[Finding]:
    addresses = {"kafka": home.ports.kafka, "timescaledb": home.ports.database, "mosquitto": settings.mqtt_port}
    for name, port in addresses.items():
        try:
            socket.create_connection(("127.0.0.1", port), 2).close()
            yield Finding(name, f"answers on port {port}")
        except OSError as error:
            remedy = f"start it with `windhover stack start`; its log: {home.logs / name}.log"
            yield Finding(name, f"does not answer on port {port} ({error})", remedy)


def _migrations(settings: Settings) -> Finding:
    missing = pending(settings.database)
    return Finding(
        "migrations",
        f"missing: {', '.join(missing)}" if missing else "all applied",
        "run `windhover migrate`" if missing else None,
    )


def _roles(folder: Path) -> Iterator[Finding]:
    roles = role_status(folder)
    if not roles:
        yield Finding("roles", "none is running", "start them with `windhover up`")
    for role in roles:
        log = folder / "logs" / f"{role.name}.log"
        if not role.ready:
            yield Finding(role.name, f"not ready: {role.reason}", f"read the end of {log}")
        elif (role.lag_seconds or 0) > LATE_SECONDS and role.lag_records:
            late = f"{role.lag_seconds:.0f} s and {role.lag_records:.0f} records late"
            yield Finding(
                role.name, late, "it catches up if the rate falls; else start more of it (`windhover up --help`)"
            )
        elif role.restarts > MANY_RESTARTS:
            yield Finding(role.name, f"restarted {role.restarts} times", f"read {log} for the reason")
        else:
            yield Finding(role.name, f"ready, {role.rate:.0f} messages/s")


def _attempt(subject: str, look: Callable[[], Finding]) -> Finding:
    try:
        return look()
    except WindhoverError as error:
        return Finding(subject, str(error), "start the servers with `windhover stack start`")
