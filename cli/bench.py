"""`windhover bench ...`: each command prints figures; with `--json` the last line is JSON for programs."""

from typing import Annotated

import typer

from bench.report import show

application = typer.Typer(no_args_is_help=True)

Json = Annotated[bool, typer.Option("--json", help="End with one line of JSON.")]
Seconds = Annotated[float, typer.Option(min=5, help="Length of each part of the run.")]
Devices = Annotated[int, typer.Option(min=1, help="How many aircraft report.")]


@application.command()
def e2e(
    *,
    seconds: Seconds = 15,
    devices: Devices = 1000,
    connections: Annotated[int, typer.Option(min=1, help="MQTT connections of the generator.")] = 4,
    rate: Annotated[
        float, typer.Option(min=0, help="Messages/s of the latency part; 0: half of what was sustained.")
    ] = 0,
    as_json: Json = False,
) -> None:
    """Device to row: sustained rate, latency at half of it, CPU per message of each process. Starts its own servers."""
    from bench.e2e import measure  # noqa: PLC0415 - a bench loads much that no other command needs

    figures = measure(seconds, devices, connections, rate or None)
    show("device to row, MQTT QoS 1, aircraft OSD of 1.9 kB, all on this machine", figures, as_json=as_json)
    if figures["missing"] or figures["duplicates"]:
        raise typer.Exit(1)


@application.command()
def faults(
    *,
    rate: Annotated[float, typer.Option(min=1, help="Messages/s of the simulated fleet.")] = 2000,
    devices: Devices = 400,
    rounds: Annotated[int, typer.Option(min=1, help="How often each is killed.")] = 1,
    down: Annotated[float, typer.Option(min=0, max=10, help="Seconds a killed server stays away.")] = 3,
    only: Annotated[list[str] | None, typer.Option(help="Kill only this; may be given several times.")] = None,
    as_json: Json = False,
) -> None:
    """Kill -9 of every role and server in turn under load; exit code 1 when anything is missing or landed twice."""
    from bench.faults import measure  # noqa: PLC0415 - as above

    figures = measure(rate, devices, rounds, down, only or ())
    show("kill -9 under load, then every acknowledged message is looked up", figures, as_json=as_json)
    if figures["missing"] or figures["duplicates"]:
        raise typer.Exit(1)


@application.command()
def decode(*, as_json: Json = False) -> None:
    """Microseconds to decode one message of each kind, beside a bare typed decode of the same bytes."""
    from bench.decode import measure  # noqa: PLC0415 - as above

    show("decode, microseconds per message on one core", measure(), as_json=as_json)
