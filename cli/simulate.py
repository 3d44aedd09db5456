"""`windhover simulate`: a fleet that is not there, over real MQTT."""

import asyncio
import signal
import sys
from pathlib import Path
from typing import Annotated, Any

import msgspec
import typer
import uvloop

from pipeline.errors import ConfigurationError
from simulate.fleet import OSD_HZ, Fleet, SimulatedFleet
from simulate.run import Address, Figures, FleetRun
from system.home import read_run_file

JSON_FIELDS = ("sent", "acknowledged", "seconds", "messages_per_second")


def simulate(
    *,
    count: Annotated[int, typer.Option(min=0, help="Aircraft, each on a survey of its own.")] = 6,
    docks: Annotated[
        int, typer.Option(min=0, help="Docks; they house the first aircraft, others hang on controllers.")
    ] = 2,
    things: Annotated[int, typer.Option(min=0, help="Cayenne things.")] = 4,
    seconds: Annotated[float, typer.Option(min=0, help="How long; 0 until Ctrl-C.")] = 0,
    speed: Annotated[float, typer.Option(min=0.1, max=1000, help="Model time runs so much faster.")] = 1,
    rate: Annotated[
        float, typer.Option(min=0, help="Messages/s in all, by repeating aircraft OSD; 0: as documented.")
    ] = 0,
    osd_hz: Annotated[float, typer.Option(min=0.01, max=100, help="Aircraft OSD per second of model time.")] = OSD_HZ,
    seed: Annotated[int, typer.Option(help="Same seed, same fleet.")] = 1,
    host: Annotated[str | None, typer.Option(help="MQTT broker; default: the running system's.")] = None,
    port: Annotated[int | None, typer.Option(help="Its port.")] = None,
    user: Annotated[str | None, typer.Option(help="MQTT user that may publish for the whole fleet.")] = None,
    password: Annotated[str | None, typer.Option(help="Its password.", envvar="WINDHOVER_FLEET_PASSWORD")] = None,
    run_file: Annotated[Path | None, typer.Option(help="Where the running system says what it is (run.json).")] = None,
    json: Annotated[bool, typer.Option("--json", help="The figures as one JSON line at the end.")] = False,
) -> None:
    """Fly a simulated fleet: aircraft on surveys, docks, remote controllers, things; real MQTT clients, real QoS 1."""
    address = _address(host, port, user, password, run_file)
    fleet = Fleet(aircraft=count, docks=docks, things=things, seed=seed, user=address.user, osd_hz=osd_hz)
    run = FleetRun(SimulatedFleet(fleet), address, speed=speed, rate=rate)
    figures = uvloop.run(_until_told(run, seconds))
    if sys.stderr.isatty():
        print(file=sys.stderr)
    if json:
        print(msgspec.json.encode({name: getattr(figures, name) for name in JSON_FIELDS}).decode(), flush=True)
    else:
        print(_line(figures))


async def _until_told(run: FleetRun, seconds: float) -> Figures:
    stop = asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    return await run.run(seconds, stop, _progress)


def _progress(figures: Figures) -> None:
    if sys.stderr.isatty():
        print(f"\r{_line(figures)} ", end="", file=sys.stderr, flush=True)


def _line(figures: Figures) -> str:
    words = f"{figures.seconds:.0f} s: {figures.sent} sent, {figures.acknowledged} acknowledged, "
    words += f"{figures.messages_per_second:.0f} messages/s, {figures.connected} connected"
    return words + (f", {figures.skipped} dropped by devices whose broker was away" if figures.skipped else "")


def _address(
    host: str | None, port: int | None, user: str | None, password: str | None, run_file: Path | None
) -> Address:
    """What was given, and for the rest what the running system says."""
    said: dict[str, Any] = {}
    if host is None or port is None or user is None or password is None:
        try:
            said = read_run_file(run_file.parent if run_file is not None else None)["mqtt"]
        except ConfigurationError as error:
            raise ConfigurationError(f"{error}, or give --host, --port, --user and --password") from error
    return Address(
        host=host or said["host"],
        port=port or said["port"],
        user=user or said["username"],
        password=password if password is not None else said["password"],
    )
