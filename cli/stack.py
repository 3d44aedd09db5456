"""`windhover stack start|stop|status|wipe`: Kafka, TimescaleDB and Mosquitto of this home, without Docker."""

import os
from typing import Annotated

import typer

from pipeline.errors import ConfigurationError
from system.home import home_folder, open_home, ports_from

application = typer.Typer(no_args_is_help=True)


@application.command()
def start() -> None:
    """Install what is missing, start what does not run, wait until everything answers."""
    home = open_home(home_folder(), ports_from(os.environ, open_home(home_folder()).ports))
    stack = home.stack(print)
    problems = stack.problems()
    if problems:
        raise ConfigurationError("\n".join(problems))
    stack.start()
    print(f"kafka {stack.kafka}, database 127.0.0.1:{home.ports.database}, mqtt {stack.mqtt_host}:{stack.mqtt_port}")


@application.command()
def stop() -> None:
    """Stop the three servers; their data stays."""
    open_home(home_folder()).stack(print).stop()
    print("kafka, timescaledb and mosquitto are stopped")


@application.command()
def status() -> None:
    """How each server is; exit code 1 when one does not answer."""
    servers = open_home(home_folder()).stack(print).status()
    print(f"{'server':<14}{'state':<7}{'pid':>8}{'port':>7}  detail")
    for server in servers:
        state = "up" if server.up else "down"
        print(f"{server.name:<14}{state:<7}{server.pid or '-':>8}{server.port:>7}  {server.detail}")
    raise typer.Exit(0 if all(server.up for server in servers) else 1)


@application.command()
def wipe(*, yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False) -> None:
    """Stop the three servers and delete their data: messages, rows, MQTT users. The installed programs stay."""
    folder = home_folder()
    if not yes:
        typer.confirm(f"Delete all data in {folder}?", abort=True)
    open_home(folder).stack(print).wipe()
    print(f"the data in {folder} is deleted")
