import socket
from pathlib import Path

import pytest

from stack import preflight
from stack.ports import Ports, free_ports

GIB = 1 << 30


@pytest.fixture
def listener():
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield server.getsockname()[1]


@pytest.mark.parametrize(
    ("platform", "user_id", "says"),
    [("darwin", 0, "use a Docker engine"), ("linux", 1000, "sudo")],
    ids=["not Linux", "not root"],
)
def test_a_machine_that_cannot_run_the_stack_gets_one_line_with_a_remedy(platform, user_id, says):
    lines = preflight.machine_problems(platform, user_id)
    assert len(lines) == 1
    assert says in lines[0]


def test_a_port_in_use_is_named_with_its_holder_and_its_setting(listener):
    [line] = preflight.port_problems({"WINDHOVER_MQTT_PORT": listener})
    assert f"port {listener} " in line
    assert f"(pid {Path('/proc/self').readlink()})" in line
    assert "WINDHOVER_MQTT_PORT" in line


def test_a_port_asked_for_twice_is_a_problem():
    port = free_ports().mqtt
    [line] = preflight.port_problems({"WINDHOVER_MQTT_PORT": port, "WINDHOVER_KAFKA_PORT": port})
    assert "WINDHOVER_MQTT_PORT and WINDHOVER_KAFKA_PORT" in line


def test_free_ports_are_no_problem():
    ports = free_ports()
    assert preflight.port_problems({"WINDHOVER_MQTT_PORT": ports.mqtt, "WINDHOVER_KAFKA_PORT": ports.kafka}) == []


def test_the_port_of_a_server_that_runs_already_is_its_own(listener, tmp_path):
    ports = Ports(*[getattr(free_ports(), field) for field in ("kafka", "kafka_controller", "database")], mqtt=listener)
    held = [line for line in preflight.problems(tmp_path, ports, ()) if str(listener) in line]
    assert len(held) == 1
    assert [line for line in preflight.problems(tmp_path, ports, ("mosquitto",)) if str(listener) in line] == []


def test_nobody_is_named_for_a_port_on_which_nobody_listens():
    assert preflight.who_listens(free_ports().mqtt) is None


def test_a_listener_on_ipv6_is_found(tmp_path):
    (tmp_path / "net").mkdir()
    row = "   0: 00000000000000000000000000000000:075B 00000000000000000000000000000000:0000 0A 0:0 0:0 0 0 0 4711 1 0"
    (tmp_path / "net" / "tcp6").write_text(f"  sl  local_address\n{row}\n")
    descriptors = tmp_path / "99" / "fd"
    descriptors.mkdir(parents=True)
    (descriptors / "3").symlink_to("socket:[4711]")
    (tmp_path / "99" / "comm").write_text("mosquitto\n")
    assert preflight.who_listens(0x75B, tmp_path) == "mosquitto (pid 99)"
    assert preflight.who_listens(0x75C, tmp_path) is None


@pytest.mark.parametrize(
    ("free", "cached", "lines"),
    [(10 * GIB, False, 0), (2 * GIB, False, 1), (GIB // 2, False, 2), (2 * GIB, True, 0), (GIB // 2, True, 1)],
    ids=["room", "no room for the programs", "no room at all", "programs are there", "no room for the data"],
)
def test_disk_space_is_asked_for_what_is_still_to_come(tmp_path, free, cached, lines):
    cache = tmp_path / "cache"
    if cached:
        (cache / "kafka-4.1.1").mkdir(parents=True)
    found = preflight.disk_problems(tmp_path / "not" / "there" / "yet", cache, lambda _: free)
    assert len(found) == lines
    assert all("GiB" in line for line in found)
