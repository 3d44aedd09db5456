"""`docker compose up --build --wait` ends with a moving map, survives what dies, keeps its data, leaves no trace."""

import json
import time
import urllib.request
from collections.abc import Callable
from typing import Any

import psycopg
import pytest
from compose_project import Project, docker

pytestmark = [pytest.mark.docker, pytest.mark.timeout(1200)]

SERVERS = {"kafka", "timescaledb", "mosquitto"}
ROLES = {"ingress", "normalize", "land", "egress", "api"}
ENDING = {"secrets", "prepare"}


def until(look: Callable[[], Any], seconds: float) -> Any:
    deadline = time.monotonic() + seconds
    while not (seen := look()):
        assert time.monotonic() < deadline, f"still not so after {seconds} s"
        time.sleep(0.5)
    return seen


def positions(project: Project) -> dict[str, tuple[float, float]]:
    return {
        item["device"]: (item["position"]["longitude_deg"], item["position"]["latitude_deg"])
        for item in project.get("/v1/latest")["items"]
        if item.get("position")
    }


def moved(project: Project, before: dict[str, tuple[float, float]]) -> dict[str, tuple[float, float]]:
    now = positions(project)
    return {device: now[device] for device in before if device in now and now[device] != before[device]}


def test_every_server_and_role_is_healthy_and_the_preparations_have_ended(project):
    states = project.states()
    assert set(states) == SERVERS | ROLES | ENDING | {"simulate"}
    assert {name for name, state in states.items() if state["Health"] == "healthy"} == SERVERS | ROLES | {"simulate"}
    assert {name: state["ExitCode"] for name, state in states.items() if name in ENDING} == dict.fromkeys(ENDING, 0)


def test_the_page_is_served(project):
    with urllib.request.urlopen(project.run_file()["url"] + "/", timeout=10) as answer:
        text = answer.read().decode()
    assert "<title>Windhover" in text
    assert "/assets/" in text


def test_the_simulated_fleet_comes_through_the_api_and_moves(project):
    fleet = until(lambda: len(seen := positions(project)) >= 12 and seen, 60)
    assert until(lambda: moved(project, fleet), 60)


def test_the_addresses_in_the_run_file_work_from_outside(project):
    said = project.run_file()
    assert said["mqtt"]["port"] == int(project.ports["WINDHOVER_MQTT_PORT"])
    assert said["kafka"] == f"127.0.0.1:{project.ports['WINDHOVER_KAFKA_PORT']}"
    with psycopg.connect(said["database"]) as connection:
        assert connection.execute("select count(*) from devices").fetchone() > (0,)


def test_no_role_runs_as_root_or_shows_a_secret_in_its_environment(project):
    said = project.run_file()
    for role in ROLES:
        assert project.compose("exec", "-T", role, "id", "-un").strip() == "windhover"
        inspected = docker("inspect", project.states()[role]["ID"])
        assert json.loads(inspected)
        assert all(secret not in inspected for secret in (said["token"], said["password"], said["mqtt"]["password"]))


@pytest.mark.parametrize("role", ["normalize", "land"])
def test_a_killed_role_comes_back_and_rows_flow_again(project, role):
    container = project.states()[role]["ID"]
    began = docker("inspect", "--format", "{{.State.StartedAt}}", container)
    # From inside, for `docker kill` counts as the user's wish. -1: every process but the init, which then ends too.
    docker("exec", container, "sh", "-c", "kill -9 -1 || true")
    until(lambda: docker("inspect", "--format", "{{.State.StartedAt}}", container) != began, 30)
    until(lambda: project.states()[role]["Health"] == "healthy", 60)
    before = positions(project)
    assert until(lambda: moved(project, before), 60)


def test_a_second_start_finds_the_same_login_and_the_data(project):
    before = project.run_file()
    devices = {item["device"] for item in project.get("/v1/devices")["items"]}
    project.compose("down", "--timeout", "60", seconds=180)
    assert project.states() == {}
    project.up()
    assert project.run_file() == before
    assert devices <= {item["device"] for item in project.get("/v1/devices")["items"]}
    assert until(lambda: moved(project, positions(project)), 60)


def test_nothing_outside_the_profile_needs_grafana(project):
    services = json.loads(project.compose("--profile", "dashboards", "config", "--format", "json"))["services"]
    assert services["grafana"]["profiles"] == ["dashboards"]
    assert all("grafana" not in service.get("depends_on", {}) for service in services.values())
    assert all(service.get("restart") for service in services.values())


def test_down_leaves_nothing_behind():
    project = Project()
    label = f"label=com.docker.compose.project={project.name}"
    try:
        project.compose("create", "--build", seconds=600)
        assert docker("ps", "--all", "--quiet", "--filter", label)
    finally:
        project.down()
    for listed in (("ps", "--all"), ("volume", "ls"), ("network", "ls")):
        assert docker(*listed, "--quiet", "--filter", label) == ""
