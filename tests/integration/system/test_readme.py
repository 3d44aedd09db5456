"""What the README shows is run here, against the running system: every command of the tour must succeed."""

import json
import re
import subprocess
import sys
import time
import urllib.request
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[3]
#: Shown for people at a terminal of their own, or run by another test.
ELSEWHERE = ("make ", "source ", "docker ")
ENDLESS = ("windhover tail",)


def commands() -> list[str]:
    """The indented blocks of the tour, continued lines joined."""
    text = (ROOT / "README.md").read_text()
    tour = text[text.index("## Five minutes") : text.index("## More")]
    lines = re.sub(r"\\\n\s+", "", tour).splitlines()
    shown = [line[4:].split("   #")[0].strip() for line in lines if line.startswith("    ") and line.strip()]
    return [line for line in shown if not line.startswith(ELSEWHERE)]


def a_device(system) -> str:
    request = urllib.request.Request(
        system.url + "/v1/latest?limit=1000", headers={"Authorization": f"Bearer {system.token}"}
    )
    until = time.monotonic() + 60
    while time.monotonic() < until:
        with urllib.request.urlopen(request, timeout=10) as answer:
            aircraft = [item["device"] for item in json.load(answer)["items"] if item["kind"] == "aircraft"]
        if aircraft:
            return aircraft[0]
        time.sleep(0.5)
    pytest.fail("no aircraft came")


def test_the_readme_shows_commands():
    assert len(commands()) >= 8


@pytest.mark.timeout(180)
def test_every_command_of_the_tour_succeeds(running_system, tmp_path):
    settings = f"TOKEN={running_system.token} DEVICE={a_device(running_system)}"
    for command in commands():
        here = command.replace("http://127.0.0.1:8080", running_system.url)
        here = here.replace(".windhover/run.json", str(running_system.home / "run.json"))
        here = re.sub(r"(^|\| )windhover ", rf"\1{sys.executable} -m cli.main ", here)
        here = here.replace("curl -s", "curl -s --fail-with-body")
        if command.startswith(ENDLESS):
            here = f"timeout 10 {here} | head -n 1 | grep ."
        done = subprocess.run(
            ["bash", "-c", f"{settings}\n{here}"],
            cwd=tmp_path, capture_output=True, text=True, timeout=60, check=False,
            env={**running_system.environment, "PYTHONPATH": str(ROOT)},
        )  # fmt: skip
        assert done.returncode == 0, f"{command}\n{done.stdout}{done.stderr}"
