"""The stack in containers keeps the promises of the native one: starts once, survives kill -9, leaves nothing."""

from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest
from compose_project import docker

from pipeline.errors import ConfigurationError
from pipeline.mqtt.dynamic_security import initial_configuration
from stack.compose import NAMES, ComposeStack
from stack.ports import Ports, free_ports

pytestmark = [pytest.mark.docker, pytest.mark.timeout(600)]

PASSWORD = "a p/w'd $x"


def make_stack(home: Path, ports: Ports, password: str = PASSWORD) -> ComposeStack:
    return ComposeStack(home, ports, password, initial_configuration("admin", "s1", "ingress", "s2"), print)


@pytest.fixture(scope="module")
def stack(tmp_path_factory) -> Iterator[ComposeStack]:
    stack = make_stack(tmp_path_factory.mktemp("home"), free_ports())
    assert stack.problems() == []
    try:
        stack.start()
        yield stack
    finally:
        stack.wipe()


def write_row(stack: ComposeStack, number: int) -> None:
    with psycopg.connect(stack.database) as connection:
        connection.execute("create table if not exists kept (n integer)")
        connection.execute("insert into kept values (%s)", (number,))


def rows(stack: ComposeStack) -> list[int]:
    with psycopg.connect(stack.database) as connection:
        return [row[0] for row in connection.execute("select n from kept order by n")]


def test_all_three_answer_and_a_second_start_changes_nothing(stack):
    before = {name: stack.pids(name) for name in NAMES}
    assert all(before.values())
    assert [(server.name, server.up) for server in stack.status()] == [(name, True) for name in NAMES]
    stack.start()
    assert {name: stack.pids(name) for name in NAMES} == before
    assert stack.problems() == []


@pytest.mark.parametrize("name", NAMES)
def test_a_killed_server_is_down_and_starts_again_with_its_data(stack, name):
    write_row(stack, len(name))
    stack.kill_server(name)
    assert stack.pids(name) == []
    assert [server.name for server in stack.status() if not server.up] == [name]
    stack.start_server(name)
    assert len(name) in rows(stack)


def test_data_outlives_a_stop_and_the_logs_are_kept(stack):
    write_row(stack, 1000)
    stack.stop()
    assert [server.up for server in stack.status()] == [False] * 3
    assert all(stack.log(name).stat().st_size for name in ("kafka", "timescaledb"))  # Mosquitto has nothing to say
    stack.start()
    assert 1000 in rows(stack)


def test_another_password_is_refused_in_one_line(stack):
    other = make_stack(stack.home, stack.ports, "another")
    with pytest.raises(ConfigurationError, match="another database password"):
        other.start()


def test_a_taken_port_is_named_before_anything_starts(stack, tmp_path):
    problems = make_stack(tmp_path, stack.ports).problems()
    assert len(problems) == 3
    assert any("WINDHOVER_MQTT_PORT" in problem for problem in problems)


def test_wipe_leaves_no_container_and_no_volume(tmp_path):
    stack = make_stack(tmp_path, free_ports())
    label = f"label=com.docker.compose.project={stack.project}"
    try:
        stack.start_server("mosquitto")
        assert docker("volume", "ls", "--quiet", "--filter", label)
    finally:
        stack.wipe()
    for listed in (("ps", "--all"), ("volume", "ls"), ("network", "ls")):
        assert docker(*listed, "--quiet", "--filter", label) == ""
