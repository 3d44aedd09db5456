"""What the stack needs to know of each of its three servers."""

import signal
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Protocol

#: Takes one line for people.
Say = Callable[[str], None]


class Server(Protocol):
    """One server: how to get, lay out, run and ask it. Implemented by `stack.kafka`, `.timescaledb`, `.mosquitto`."""

    @property
    def name(self) -> str:
        """The name people use, also of its log and pid files."""
        ...

    @property
    def folder(self) -> Path:
        """The data folder in the home."""
        ...

    @property
    def working_folder(self) -> Path:
        """The folder in which all its processes work, seen from the host."""
        ...

    @property
    def program(self) -> str:
        """The file name of the program that all its processes run."""
        ...

    @property
    def port(self) -> int:
        """The port that clients use."""
        ...

    @property
    def listens(self) -> Mapping[str, int]:
        """All ports that it needs, by the setting that changes each."""
        ...

    @property
    def stop_signal(self) -> signal.Signals:
        """Asks for a graceful end."""
        ...

    @property
    def start_seconds(self) -> float:
        """How long a start may take, recovery included."""
        ...

    def prepare(self, say: Say) -> None:
        """Install and fetch what is missing; quick when all is there."""
        ...

    def lay_out(self) -> None:
        """Write the configuration, and make the empty data when there is none."""
        ...

    def command(self) -> list[str]:
        """The command line that becomes the server."""
        ...

    def unready(self) -> str | None:
        """None when it answers as its clients need it, else why not, in a few words."""
        ...
