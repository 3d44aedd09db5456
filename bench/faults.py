"""Kill -9 of every role and every server under load, then count: nothing acknowledged may be missing or land twice.

The fleet is `windhover simulate`'s; it keeps every (device, timestamp) whose PUBACK it received. After the last fault
everything is given time to arrive, and each is looked up: none may be missing. No (device, timestamp) may be in the
table more than once; messages that MQTT delivered twice are dropped by normalize, which counts them
(`mqtt_duplicates_dropped`).
"""

import time
import urllib.request
from collections.abc import Callable, Collection, Iterable
from typing import Any

import msgspec
from prometheus_client.parser import text_string_to_metric_families

from bench.fleet_process import FleetProcess
from bench.landing import wait_landed
from bench.private_system import private_system, say
from bench.rows import ask, missing_messages
from pipeline.errors import UnavailableError
from system.running import RunningSystem

SERVERS = ("kafka", "mosquitto", "timescaledb")
STEADY_SECONDS = 4.0
RECOVERY_SECONDS = 60.0


class Fault(msgspec.Struct, frozen=True):
    """One kill, and how soon messages that were sent after it had rows.

    `rows_again_seconds` counts from the kill of a role and from the return of a server; None: not in RECOVERY_SECONDS.
    """

    name: str
    down_seconds: float
    rows_again_seconds: float | None


def measure(rate: float, aircraft: int, rounds: int, down_seconds: float, only: Collection[str] = ()) -> dict[str, Any]:
    """Kill each in turn, `rounds` times over, under `rate` messages a second; the figures of the whole run."""
    with private_system() as system:
        names = [plan.name for plan in system.supervisor.plans] + list(SERVERS)
        names = [name for name in names if not only or name in only]
        fleet = FleetProcess(system.home, aircraft, rate)
        faults: list[Fault] = []
        _steady(system, STEADY_SECONDS)
        for _ in range(rounds):
            for name in names:
                faults.append(_kill(system, name, down_seconds))
                say(_sentence(faults[-1]))
                _steady(system, STEADY_SECONDS)
        figures = fleet.finish(system.supervisor.tick)
        acknowledged = len(figures.acknowledged)
        say(f"{acknowledged} messages acknowledged; waiting for the last rows")
        dsn = system.home.settings().database
        wait_landed(dsn, acknowledged, system.supervisor.tick)
        (landed, duplicates) = ask(dsn, "bench_landed_messages")
        missing = missing_messages(dsn, figures.acknowledged)
        dropped = _dropped_duplicates(system)
        dead = _dead_letters(system)
    return {
        "sent": figures.sent,
        "acknowledged": acknowledged,
        "landed": landed,
        "missing": len(missing),
        "duplicates": duplicates,
        "resent_by_devices": figures.resent,
        "skipped_by_devices": figures.skipped,
        "mqtt_duplicates_dropped": dropped,
        "dead_letters": dead,
        "faults": len(faults),
        "rows_again_seconds": {name: _slowest(faults, name) for name in names},
        "missing_examples": missing[:5],
    }


def _kill(system: RunningSystem, name: str, down_seconds: float) -> Fault:
    """Kill -9; a server starts again after `down_seconds`, a role at once by its supervisor; wait for newer rows."""
    if name in SERVERS:
        system.stack.kill_server(name)
        _steady(system, down_seconds)
        system.stack.start_server(name)
    else:
        system.supervisor.kill_one(name)
        down_seconds = 0.0
    back, back_at = time.monotonic(), time.time()
    dsn = system.home.settings().database
    while time.monotonic() - back < RECOVERY_SECONDS:
        _steady(system, 0.1)
        if _newest(dsn) > back_at:
            return Fault(name, down_seconds, round(time.monotonic() - back, 1))
    return Fault(name, down_seconds, None)


def _newest(dsn: str) -> float:
    """Device time of what landed last, epoch seconds; 0 while the database is away."""
    try:
        return float(ask(dsn, "bench_newest")[0])
    except UnavailableError:
        return 0.0


def _steady(system: RunningSystem, seconds: float) -> None:
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        system.supervisor.tick()
        time.sleep(0.05)


def _sentence(fault: Fault) -> str:
    if fault.rows_again_seconds is None:
        return f"{fault.name} killed: no new rows within {RECOVERY_SECONDS:.0f} s"
    if fault.down_seconds:
        return f"{fault.name} killed, away for {fault.down_seconds:.0f} s: new rows {fault.rows_again_seconds} s later"
    return f"{fault.name} killed: new rows {fault.rows_again_seconds} s later"


def _slowest(faults: Iterable[Fault], name: str) -> float | None:
    times = [fault.rows_again_seconds for fault in faults if fault.name == name]
    return None if None in times else max(time for time in times if time is not None)


def _dropped_duplicates(system: RunningSystem) -> int:
    """What the running normalize processes have dropped as seen before (a killed one's count went with it)."""
    return int(_discarded(system, "normalize", lambda reason: reason == "duplicate"))


def _dead_letters(system: RunningSystem) -> int:
    return int(_discarded(system, "normalize", lambda reason: reason not in {"duplicate", "replay"}))


def _discarded(system: RunningSystem, role: str, wanted: Callable[[str], bool]) -> float:
    total = 0.0
    for plan in system.supervisor.plans:
        if plan.name.startswith(role):
            with urllib.request.urlopen(f"http://127.0.0.1:{plan.ops_port}/metrics", timeout=5) as answer:
                text = answer.read().decode()
            total += sum(
                sample.value
                for family in text_string_to_metric_families(text)
                for sample in family.samples
                if sample.name == "windhover_messages_discarded_total" and wanted(sample.labels.get("reason", ""))
            )
    return total
