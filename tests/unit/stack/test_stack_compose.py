"""The stack in containers: when it is chosen, and that its Kafka is the native one."""

import re
from pathlib import Path

import pytest

from pipeline.errors import ConfigurationError
from pipeline.mqtt.dynamic_security import initial_configuration
from stack.compose import ComposeStack, stack_kind
from stack.container_files import MOSQUITTO_CONF
from stack.kafka import server_properties
from stack.native import Stack
from stack.ports import Ports

COMPOSE_FILE = (Path(__file__).parents[3] / "docker-compose.yml").read_text()
#: Where the two must differ: listeners and places.
ITS_OWN = ("listener", "advertised.", "controller.", "inter.broker.", "log.dirs", "process.roles", "node.id")


@pytest.fixture
def docker(tmp_path):
    """Makes a `docker` that ends with the given exit code; gives the environment that finds it."""

    def make(code: int) -> dict[str, str]:
        program = tmp_path / "docker"
        program.write_text(f"#!/bin/sh\nexit {code}\n")
        program.chmod(0o755)
        return {"PATH": str(tmp_path)}

    return make


def test_containers_are_chosen_where_an_engine_answers(docker):
    assert stack_kind(docker(0)) == "docker"


def test_the_native_stack_is_chosen_where_the_engine_is_silent(docker):
    assert stack_kind(docker(1)) == "native"


def test_the_native_stack_is_chosen_where_there_is_no_docker(tmp_path):
    assert stack_kind({"PATH": str(tmp_path)}) == "native"


@pytest.mark.parametrize(("said", "code"), [("docker", 1), ("native", 0)])
def test_the_setting_is_stronger_than_the_machine(docker, said, code):
    assert stack_kind(docker(code) | {"WINDHOVER_STACK": said}) == said


def test_another_word_is_refused_with_the_two_that_count():
    with pytest.raises(ConfigurationError, match="WINDHOVER_STACK=podman: choose docker or native"):
        stack_kind({"WINDHOVER_STACK": "podman"})


def test_both_stacks_have_the_same_public_names():
    def public(kind: type) -> set[str]:
        return {name for name in vars(kind) if not name.startswith("_")}

    assert public(ComposeStack) == public(Stack)


def test_two_homes_have_two_projects(tmp_path):
    security = initial_configuration("a", "b", "c", "d")
    stacks = [ComposeStack(tmp_path / name, Ports(), "p", security, print) for name in ("one", "two")]
    assert len({stack.project for stack in stacks}) == 2
    assert all(re.fullmatch(r"[a-z0-9][a-z0-9_-]*", stack.project) for stack in stacks)


def test_kafka_in_the_compose_file_has_the_values_of_the_native_one():
    native = dict(line.split("=", 1) for line in server_properties(1, 2).splitlines() if "=" in line and line[0] != "#")
    wanted = {name: value for name, value in native.items() if not name.startswith(ITS_OWN)}
    written = re.findall(r'^ +KAFKA_(\w+): "?([^"\n]*)"?$', COMPOSE_FILE, re.MULTILINE)
    here = {name.lower().replace("_", "."): value for name, value in written}
    assert {name: here.get(name) for name in wanted} == wanted
    assert set(here) - set(native) == {"heap.opts", "opts"}


def test_mosquitto_in_its_container_listens_for_the_published_port():
    assert "\nlistener 1883 0.0.0.0\n" in MOSQUITTO_CONF
    assert "\nallow_anonymous false\n" in MOSQUITTO_CONF
    assert "\nplugin_opt_config_file /mosquitto/data/dynamic-security.json\n" in MOSQUITTO_CONF
    assert "\npersistence_location /mosquitto/data/\n" in MOSQUITTO_CONF
