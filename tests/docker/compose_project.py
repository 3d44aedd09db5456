"""The project of `docker-compose.yml`, under a name and on ports of its own."""

import json
import os
import secrets
import socket
import subprocess
import urllib.request
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[2]
PORTS = tuple(f"WINDHOVER_{name}_PORT" for name in ("HTTP", "MQTT", "KAFKA", "DATABASE"))
UP_SECONDS = 900  # the first time, images are fetched and built


class Project:
    """A compose project. `up` may be called again; `down` removes all of it, data included."""

    def __init__(self) -> None:
        self.name = f"windhover-test-{secrets.token_hex(4)}"
        self.ports = free_ports()

    def compose(self, *arguments: str, seconds: float = 60, project: str | None = None) -> str:
        done = subprocess.run(
            ["docker", "compose", "--project-name", project or self.name, *arguments],
            cwd=ROOT, env={**os.environ, **self.ports}, capture_output=True, text=True, timeout=seconds, check=False,
        )  # fmt: skip
        assert done.returncode == 0, f"docker compose {' '.join(arguments)}:\n{done.stderr[-3000:]}"
        return done.stdout

    def up(self) -> None:
        self.compose("up", "--build", "--wait", "--wait-timeout", "300", seconds=UP_SECONDS)

    def down(self) -> None:
        self.compose("down", "--volumes", "--timeout", "30", seconds=180)

    def states(self) -> dict[str, dict[str, Any]]:
        """service -> what compose says of its container, ended ones too."""
        lines = self.compose("ps", "--all", "--format", "json").splitlines()
        return {state["Service"]: state for state in map(json.loads, lines)}

    def run_file(self) -> dict[str, Any]:
        return json.loads(self.compose("exec", "-T", "api", "cat", "/run/windhover/run.json"))

    def get(self, path: str) -> Any:
        """What our API answers to the token of `run.json`."""
        said = self.run_file()
        request = urllib.request.Request(said["url"] + path, headers={"Authorization": f"Bearer {said['token']}"})
        with urllib.request.urlopen(request, timeout=10) as answer:
            return json.load(answer)


def free_ports() -> dict[str, str]:
    sockets = [socket.socket() for _ in PORTS]
    try:
        for each in sockets:
            each.bind(("127.0.0.1", 0))
        return {name: str(each.getsockname()[1]) for name, each in zip(PORTS, sockets, strict=True)}
    finally:
        for each in sockets:
            each.close()


def docker(*arguments: str, seconds: float = 60) -> str:
    return subprocess.run(
        ["docker", *arguments], capture_output=True, text=True, timeout=seconds, check=True
    ).stdout.strip()
