"""Installs packages of the host's own distribution with apt, when a program is missing."""

import os
import shutil
from collections.abc import Callable, Mapping, Sequence

from stack.cache import cache_folder, locked
from stack.commands import run

_APT = ("apt-get", "--quiet", "--option", "DPkg::Lock::Timeout=300")


def install_missing(packages: Mapping[str, Sequence[str]], say: Callable[[str], None]) -> None:
    """Install a package for every program that is not on the PATH.

    `packages` gives for each program the packages that bring it, the preferred one first: the first that apt knows
    is taken.

    Raises:
        UnavailableError: apt failed; the message has its reason.
    """
    if not _missing(packages):
        return
    with locked(cache_folder() / "apt.lock"):
        wanted = _missing(packages)
        if not wanted:
            return
        say(f"packages: installing {', '.join(choices[0] for choices in wanted)} with apt ...")
        environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
        run([*_APT, "update"], "apt-get update", environment=environment)
        chosen = [_first_known(choices) for choices in wanted]
        run(
            [*_APT, "install", "--yes", "--no-install-recommends", *chosen],
            f"installing {' '.join(chosen)}",
            environment=environment,
        )


def _missing(packages: Mapping[str, Sequence[str]]) -> list[Sequence[str]]:
    return [choices for program, choices in packages.items() if shutil.which(program) is None]


def _first_known(choices: Sequence[str]) -> str:
    for name in choices:
        policy = run(["apt-cache", "policy", name], f"looking for {name}")
        if policy and "Candidate: (none)" not in policy:
            return name
    return choices[-1]
