"""Device to row: MQTT QoS 1, aircraft OSD of 1.9 kB, committed rows; everything on this machine.

First as fast as it goes for `seconds`, which gives the sustained rate; then at half that rate (or the given one), which
gives the latency from the device's time stamp to the end of the row's transaction.
"""

from typing import Any

from bench.cpu import machine_busy_seconds, memory_bytes, microseconds_per_message, reading
from bench.landing import wait_landed
from bench.load_process import fleet_load, run_load
from bench.private_system import private_system, processes_of, say
from bench.rows import ask
from system.running import RunningSystem


def measure(seconds: float, devices: int, connections: int, rate: float | None) -> dict[str, Any]:
    """The figures of one run; `rate` in messages a second for the latency part, half the sustained one when None."""
    with private_system() as system:
        dsn = system.home.settings().database
        say(f"full speed for {seconds:.0f} s, {devices} devices")
        full, first_rows = _part(system, seconds, 0.0, devices, connections)
        half = rate or full["messages_per_second"] / 2
        say(f"{half:.0f} messages/s for {seconds:.0f} s")
        steady, rows = _part(system, seconds, half, devices, connections, already=first_rows)
        count, p50, p90, p99 = ask(dsn, "bench_latency", from_ms=steady["from_ms"], to_ms=steady["to_ms"])
        (_, distinct) = ask(dsn, "bench_landed")
        sent = full["sent"] + steady["sent"]
        acknowledged = full["acknowledged"] + steady["acknowledged"]
        memory = {
            name: round(sum(memory_bytes(pid) for pid in pids()) / 1e6) for name, pids in processes_of(system).items()
        }
    return {
        "messages_per_second": round(full["messages_per_second"]),
        "latency_p50_ms": round(p50, 1),
        "latency_p90_ms": round(p90, 1),
        "latency_p99_ms": round(p99, 1),
        "latency_at_messages_per_second": round(half),
        "latency_rows": count,
        "cpu_us_per_message": full["cpu"],
        "cpu_us_per_message_at_half_rate": steady["cpu"],
        "memory_mb": memory,
        "sent": sent,
        "acknowledged": acknowledged,
        "landed": rows,
        "missing": acknowledged - distinct,
        "duplicates": rows - distinct,
    }


def _part(
    system: RunningSystem, seconds: float, rate: float, devices: int, connections: int, *, already: int = 0
) -> tuple[dict[str, Any], int]:
    """One load from its first message to its last row; gives its figures and all rows so far."""
    dsn = system.home.settings().database
    processes = processes_of(system)
    before, busy = reading(processes), machine_busy_seconds()
    wanted = fleet_load(system.home, seconds=seconds, rate=rate, devices=devices, connections=connections)
    load = run_load(wanted, system.supervisor.tick)
    rows = wait_landed(dsn, already + load.acknowledged, system.supervisor.tick)
    (last,) = ask(dsn, "bench_last_stored")
    cpu = microseconds_per_message(before, reading(processes), load.acknowledged)
    cpu["generator"] = round(load.cpu_seconds / max(load.acknowledged, 1) * 1e6, 1)
    cpu["machine"] = round((machine_busy_seconds() - busy) / max(load.acknowledged, 1) * 1e6, 1)
    margin_ms = 2000  # the latency is taken from the middle: not while the load starts or ends
    figures = {
        "messages_per_second": load.acknowledged / max(last - load.began_at, 1e-3),
        "cpu": cpu,
        "sent": load.sent,
        "acknowledged": load.acknowledged,
        "from_ms": int(load.began_at * 1000) + margin_ms,
        "to_ms": int((load.began_at + load.seconds) * 1000),
    }
    return figures, rows
