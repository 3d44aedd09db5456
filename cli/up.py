"""`windhover up`, `down` and `status`: one command runs everything on this machine."""

import os
import shutil
import signal
import subprocess
import sys
import time
from typing import Annotated

import typer

from system.home import home_folder, open_home, ports_from, read_run_file
from system.roles import ROLES, Fleet
from system.running import RunningSystem, supervisor_pid
from system.status import role_status

DOWN_SECONDS = 90.0


def up(
    *,
    detach: Annotated[
        bool, typer.Option("--detach", help="Return when everything is ready; end it with `down`.")
    ] = False,
    aircraft: Annotated[int, typer.Option(min=0, help="Simulated aircraft; 0 simulates nothing.")] = 12,
    docks: Annotated[int, typer.Option(min=0, help="How many of the aircraft live in a dock.")] = 3,
    things: Annotated[int, typer.Option(min=0, help="Simulated Cayenne things.")] = 6,
    seed: Annotated[int, typer.Option(help="The same seed flies the same flights.")] = 1,
    ingress: Annotated[int, typer.Option(min=1, max=8, help="Ingress processes.")] = 1,
    normalize: Annotated[int, typer.Option(min=1, max=8, help="Normalize processes.")] = 1,
    land: Annotated[int, typer.Option(min=1, max=8, help="Land processes.")] = 1,
) -> None:
    """Start Kafka, TimescaleDB, Mosquitto, every role and a small simulated fleet; Ctrl-C stops all of it."""
    if detach:
        _up_detached()
        return
    started = time.monotonic()
    folder = home_folder()
    home = open_home(folder, ports_from(os.environ, open_home(folder).ports))
    stopping = _on_signals()

    def say(line: str) -> None:
        print(f"{time.monotonic() - started:6.1f} s  {line}", flush=True)

    counts = {"ingress": ingress, "normalize": normalize, "land": land}
    fleet = Fleet(aircraft=aircraft, docks=docks, things=things, seed=seed)
    with RunningSystem(home, say, counts=counts, fleet=fleet) as system:
        system.start(lambda: bool(stopping))
        if not stopping:
            say("everything is running")
            print(_summary(), flush=True)
        while not stopping:
            system.supervisor.tick()
            time.sleep(0.2)
    say("stopped")


def down() -> None:
    """Stop what `up` started in this home: the roles, then the servers."""
    folder = home_folder()
    pid = supervisor_pid(folder)
    if pid:
        os.kill(pid, signal.SIGTERM)
        until = time.monotonic() + DOWN_SECONDS
        while supervisor_pid(folder) and time.monotonic() < until:
            time.sleep(0.2)
        if supervisor_pid(folder):
            print(
                f"process {pid} did not end within {DOWN_SECONDS:.0f} s: end it with `kill -9 {pid}`", file=sys.stderr
            )
            raise typer.Exit(1)
    else:
        open_home(folder).stack(print).stop()
    print("everything is stopped")


def status() -> None:
    """Each role: up, ready, lag, rate; and the three servers. Exit code 1 when something is not as it should be."""
    folder = home_folder()
    roles = role_status(folder)
    fine = bool(roles)
    print(f"{'process':<14}{'pid':>8}  {'state':<10}{'msg/s':>9}{'lag':>9}{'late s':>9}{'restarts':>10}")
    for server in open_home(folder).stack(lambda _: None).status():
        name, running, pid, *_ = server
        fine = fine and running
        print(f"{name:<14}{pid or '-':>8}  {'up' if running else 'down':<10}")
    for role in roles:
        fine = fine and role.ready
        state = "ready" if role.ready else "up" if role.up else "down"
        lag = "-" if role.lag_records is None else f"{role.lag_records:.0f}"
        late = "-" if role.lag_seconds is None else f"{role.lag_seconds:.1f}"
        print(f"{role.name:<14}{role.pid:>8}  {state:<10}{role.rate:>9.0f}{lag:>9}{late:>9}{role.restarts:>10}")
        if not role.ready:
            print(f"{'':<14}{'':>8}  {role.reason}")
    if not roles:
        print(f"no role is running in {folder}: start with `windhover up`")
    raise typer.Exit(0 if fine else 1)


def _up_detached() -> None:
    """Start the same command in the background and wait until it says that everything is running."""
    folder = home_folder()
    (folder / "logs").mkdir(parents=True, exist_ok=True)
    log = folder / "logs" / "supervisor.log"
    arguments = [argument for argument in sys.argv[1:] if argument != "--detach"]
    with log.open("wb") as file:
        process = subprocess.Popen(  # noqa: S603 - our own command line again
            [sys.executable, "-m", "cli.main", *arguments],
            stdout=file,
            stderr=file,
            stdin=subprocess.DEVNULL,
            start_new_session=True,
        )
    shown = 0
    while process.poll() is None:
        for line in log.read_text().splitlines()[shown:]:
            print(line, flush=True)
            shown += 1
            if line.endswith("everything is running"):
                print(_summary(), flush=True)
                return
        time.sleep(0.2)
    print("\n".join(log.read_text().splitlines()[shown:]), file=sys.stderr)
    raise typer.Exit(process.returncode or 1)


def _on_signals() -> list[int]:
    """Filled by SIGINT, SIGTERM and SIGHUP: a list, so that it is true once one came."""
    received: list[int] = []
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, lambda caught, _: received.append(caught))
    return received


def _summary() -> str:
    """What a new user needs next."""
    run = read_run_file()
    mqtt = run["mqtt"]
    windhover = "windhover" if shutil.which("windhover") else ".venv/bin/windhover"
    return f"""
  Map      {run["url"]}/
  Login    {run["user"]} / {run["password"]}
  API      {run["url"]}/v1/docs   token {run["token"]}
  MQTT     {mqtt["host"]}:{mqtt["port"]}   user {mqtt["username"]}   password {mqtt["password"]}

  Try      {windhover} status
           {windhover} tail
           curl -H "Authorization: Bearer {run["token"]}" {run["url"]}/v1/latest

  These addresses are also in {home_folder() / "run.json"}. Roles: {", ".join(ROLES)}. Ctrl-C stops everything.
"""
