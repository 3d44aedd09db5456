"""Runs a command to its end; a failure becomes one line with the command's own last words."""

import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path

from pipeline.errors import UnavailableError

_REASON_LENGTH = 300


def run(
    argv: Sequence[str],
    purpose: str,
    *,
    text: str = "",
    environment: Mapping[str, str] | None = None,
    folder: Path | None = None,
) -> str:
    """Run `argv` with `text` on its standard input and return what it printed.

    Raises:
        UnavailableError: it cannot be run or ended with an error; the message names `purpose` and the reason.
    """
    try:
        done = subprocess.run(
            argv, input=text, capture_output=True, text=True, errors="replace", env=environment, cwd=folder, check=False
        )
    except OSError as error:
        raise UnavailableError(f"{purpose}: {argv[0]}: {error.strerror}") from error
    if done.returncode:
        raise UnavailableError(f"{purpose}: {reason(done.stderr + done.stdout)} ({argv[0]}: {done.returncode})")
    return done.stdout


def reason(output: str) -> str:
    """The line of `output` that most likely says why: the first one of the most telling kind, else the last one."""
    lines = [line.strip() for line in output.splitlines() if line.strip() and _TOO_EARLY not in line]
    for sign in _SIGNS:
        for line in lines:
            if sign in line:
                return line[:_REASON_LENGTH]
    return (lines or ["no output"])[-1][:_REASON_LENGTH]


#: What reasons look like, the most telling first: PostgreSQL, Java and Mosquitto, apt, anybody.
_SIGNS = ("PANIC: ", "FATAL: ", "Exception: ", "Error: ", "E: ", "ERROR", "error: ")
#: What PostgreSQL answers, and logs, while it is asked too early.
_TOO_EARLY = "the database system is starting up"
