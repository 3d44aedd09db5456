"""`windhover run ROLE`: one process of one role, settings from the environment.

Also `python -m cli.run ROLE`, which the supervisor starts: it loads nothing that only other commands need.
"""

import importlib
from typing import Annotated

import typer

from cli.endings import ended
from pipeline.errors import ConfigurationError
from pipeline.logs import configure_logs
from pipeline.settings import load_settings
from system.roles import ROLES


def run(role: Annotated[str, typer.Argument(help=f"One of: {', '.join(ROLES)}.")]) -> None:
    """Run one process of a role until SIGTERM; what a supervisor, systemd or a container starts."""
    if role not in ROLES:
        raise ConfigurationError(f"no role {role!r}: choose one of {', '.join(ROLES)}")
    settings = load_settings()
    configure_logs(role, settings.log_level)
    raise typer.Exit(importlib.import_module(ROLES[role]).main(settings))


if __name__ == "__main__":
    application = typer.Typer(add_completion=False, pretty_exceptions_enable=False)
    application.command()(run)
    ended(application)
