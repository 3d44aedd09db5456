"""`windhover up` as a user starts it: moving devices, clean stop, the next start with the same data."""

import json
import os
import socket
import subprocess
import sys
import time
import urllib.request
from pathlib import Path

import pytest

from tests.conftest import start_system, stop_system, system_environment


def ask(system, path: str) -> dict:
    request = urllib.request.Request(system.url + path, headers={"Authorization": f"Bearer {system.token}"})
    with urllib.request.urlopen(request, timeout=10) as answer:
        return json.load(answer)


def wait_for(condition, seconds: float = 60.0):
    until = time.monotonic() + seconds
    while not (found := condition()):
        assert time.monotonic() < until, "it did not come true in time"
        time.sleep(0.3)
    return found


def processes_of(home: Path) -> list[str]:
    """Command lines of processes whose environment or arguments name this home."""
    found = []
    for process in Path("/proc").iterdir():
        if process.name.isdecimal() and int(process.name) != os.getpid():
            try:
                about = (process / "cmdline").read_bytes() + b"\0" + (process / "environ").read_bytes()
            except OSError:
                continue
            if str(home).encode() in about:
                found.append((process / "cmdline").read_bytes().replace(b"\0", b" ").decode())
    return found


def test_the_simulated_fleet_comes_through_the_api_and_moves(running_system):
    def aircraft():
        items = ask(running_system, "/v1/latest?limit=1000")["items"]
        return [item for item in items if item["kind"] == "aircraft" and item.get("position")]

    first = {item["device"]: item["position"] for item in wait_for(aircraft)}
    assert wait_for(
        lambda: any(item["device"] in first and item["position"] != first[item["device"]] for item in aircraft())
    )


def test_every_kind_of_the_fleet_is_there(running_system):
    wait_for(
        lambda: (
            {item["kind"] for item in ask(running_system, "/v1/devices?limit=1000")["items"]}
            >= {"aircraft", "dock", "remote-controller", "thing"}
        )
    )


def test_status_shows_every_role_ready(running_system):
    status = wait_for(lambda: (result := running_system.windhover("status")).returncode == 0 and result)
    for name in ("kafka", "timescaledb", "mosquitto", "ingress", "normalize", "land", "egress", "api", "simulate"):
        assert name in status.stdout


def test_doctor_finds_nothing_wrong(running_system):
    doctor = running_system.windhover("doctor")
    assert doctor.returncode == 0, doctor.stdout
    assert "nothing is wrong" in doctor.stdout


def test_a_second_start_in_the_same_home_is_refused_with_what_to_do(running_system):
    second = running_system.windhover("up")
    assert second.returncode == 2
    assert "windhover down" in second.stderr


def test_tail_follows_telemetry(running_system):
    with subprocess.Popen(
        [sys.executable, "-m", "cli.main", "tail", "--json"],
        env=running_system.environment, stdout=subprocess.PIPE, text=True,
    ) as tail:  # fmt: skip
        line = json.loads(tail.stdout.readline())
        tail.terminate()
    assert line["device"]


def test_a_broken_message_ends_as_a_dead_letter_that_can_be_listed_and_shown(running_system):
    from paho.mqtt import publish  # noqa: PLC0415

    publish.single(
        "thing/product/1581SYNBROKEN00000001/osd", b"{broken", qos=1,
        hostname=running_system.mqtt["host"], port=running_system.mqtt["port"],
        auth={"username": running_system.mqtt["username"], "password": running_system.mqtt["password"]},
    )  # fmt: skip
    listed = wait_for(
        lambda: "1581SYNBROKEN00000001" in (text := running_system.windhover("dead-letters", "list").stdout) and text
    )
    assert "not-json" in listed


@pytest.mark.timeout(600)
def test_ctrl_c_leaves_nothing_behind_and_the_next_start_continues_with_the_data(tmp_path):
    home = tmp_path / "home"
    environment = system_environment(home)
    process = start_system(home, environment, "--aircraft", "2", "--docks", "0", "--things", "0")
    run = json.loads((home / "run.json").read_text())

    def rows() -> int:
        request = urllib.request.Request(run["url"] + "/v1/latest", headers={"Authorization": f"Bearer {run['token']}"})
        with urllib.request.urlopen(request, timeout=10) as answer:
            return len(json.load(answer)["items"])

    wait_for(lambda: rows() >= 2)
    assert stop_system(process) == 0
    assert processes_of(home) == []
    began = time.monotonic()
    process = start_system(home, environment, "--aircraft", "0")
    took = time.monotonic() - began
    try:
        assert rows() >= 2
        assert took < 60, "a second start is quick (under 15 s on a quiet machine)"
    finally:
        assert stop_system(process) == 0
    assert processes_of(home) == []


def test_a_port_in_use_is_one_clear_line_before_anything_starts(tmp_path):
    environment = system_environment(tmp_path)
    with socket.socket() as holder:
        holder.bind(("127.0.0.1", int(environment["WINDHOVER_HTTP_PORT"])))
        holder.listen()
        refused = subprocess.run(
            [sys.executable, "-m", "cli.main", "up"],
            env=environment, capture_output=True, text=True, timeout=60, check=False,
        )  # fmt: skip
    assert refused.returncode == 2
    (line,) = [line for line in refused.stderr.splitlines() if "port" in line]
    assert "WINDHOVER_HTTP_PORT" in line
    assert not (tmp_path / "logs" / "kafka.log").exists()
