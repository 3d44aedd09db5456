"""`windhover`: the commands and what they share - the running system's settings, and errors as one line each."""

import os
from typing import Annotated

import typer

from cli import bench, dead_letters, stack
from cli.container import prepare, secrets
from cli.data import migrate, topics
from cli.decode import decode
from cli.doctor import doctor
from cli.endings import ended
from cli.run import run
from cli.simulate import simulate
from cli.tail import tail
from cli.up import down, status, up
from pipeline.settings import to_environment
from system.home import home_folder, open_home

application = typer.Typer(
    help="What drones, docks and things say over MQTT, turned into answers.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)
for command in (up, down, status, doctor, migrate, topics, run, simulate, decode, tail, secrets, prepare):
    application.command()(command)
application.add_typer(stack.application, name="stack", help="Kafka, TimescaleDB and Mosquitto without Docker.")
application.add_typer(dead_letters.application, name="dead-letters", help="Messages that were set aside, and why.")
application.add_typer(bench.application, name="bench", help="Measurements that anyone can run again.")


@application.callback()
def shared(
    home: Annotated[str, typer.Option(help="Home folder of the system.", envvar="WINDHOVER_HOME")] = ".windhover",
) -> None:
    """Settings come from the environment, else from the system in the home folder."""
    os.environ["WINDHOVER_HOME"] = home
    folder = home_folder()
    if (folder / "home.json").exists():
        for name, value in to_environment(open_home(folder).settings()).items():
            os.environ.setdefault(name, value)


def main() -> None:
    """Run the command line."""
    ended(application)


if __name__ == "__main__":
    main()
