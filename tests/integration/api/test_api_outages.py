"""What the api does while a server is away, and how it starts and ends as a process."""

import json
import os
import signal
import subprocess
import sys
import time
from contextlib import contextmanager
from urllib.parse import urlsplit

import httpx
import msgspec
import psycopg
import pytest
from running_api import serving, wait_until

from pipeline.settings import to_environment
from stack.ports import free_ports


@pytest.fixture
def administrator(stack):
    with psycopg.connect(stack.database, autocommit=True) as connection:
        yield connection


def cut(administrator, database):
    """The server drops the api's connections and takes no new ones to this database."""
    name = urlsplit(database).path.removeprefix("/")
    administrator.execute(f'alter database "{name}" with allow_connections false')
    administrator.execute(
        "select pg_terminate_backend(pid) from pg_stat_activity where datname = %s and application_name = %s",
        (name, "windhover-api"),
    )


def mend(administrator, database):
    name = urlsplit(database).path.removeprefix("/")
    administrator.execute(f'alter database "{name}" with allow_connections true')


def test_a_database_that_is_away_is_a_503_and_its_return_needs_nobody(api, administrator, ours):
    with api.client(ours.token) as client:
        assert client.get("/v1/devices").status_code == 200
        cut(administrator, api.settings.database)
        try:
            began = time.monotonic()
            answer = client.get("/v1/devices")
            assert time.monotonic() - began < 8
            assert answer.status_code == 503
            assert answer.headers["content-type"] == "application/problem+json"
            assert int(answer.headers["retry-after"]) >= 1
            assert "database" in answer.json()["detail"]
            assert "windhover@" not in answer.text
            assert client.get("/healthz").status_code == 200
            assert client.get("/v1/config").status_code == 200
        finally:
            mend(administrator, api.settings.database)
        wait_until(lambda: client.get("/v1/devices").status_code == 200, "the database counts again", seconds=15)


def test_connections_that_died_meanwhile_cost_no_request(api, administrator, ours):
    with api.client(ours.token) as client:
        assert client.get("/v1/devices").status_code == 200
        cut(administrator, api.settings.database)
        mend(administrator, api.settings.database)
        assert [client.get("/v1/devices").status_code for _ in range(5)] == [200] * 5


def test_the_api_starts_while_every_server_is_away(settings):
    away = msgspec.structs.replace(
        settings, kafka="127.0.0.1:1", mqtt_port=1, database="postgresql://windhover@127.0.0.1:1/windhover"
    )
    with serving(away) as api, api.client("wht_any") as client:
        assert client.get("/healthz").json()["ready"] is False
        assert client.get("/v1/config").status_code == 200
        assert client.get("/v1/me").status_code == 503


@contextmanager
def started(settings, log):
    """The role as a process of its own; its standard error goes to the file `log`."""
    code = "import sys; from api.server import main; from pipeline.settings import load_settings; "
    with log.open("w") as said:
        process = subprocess.Popen(
            [sys.executable, "-c", code + "sys.exit(main(load_settings()))"],
            env={**os.environ, **to_environment(settings)},
            stderr=said,
        )
    try:
        yield process
    finally:
        process.kill()
        process.wait()


def answers(url):
    try:
        return httpx.get(url, timeout=2).status_code == 200
    except httpx.TransportError:
        return False


def test_a_process_serves_and_ends_well_on_sigterm(api, tmp_path):
    ports = free_ports()
    settings = msgspec.structs.replace(api.settings, http_port=ports.kafka, ops_port=ports.mqtt)
    log = tmp_path / "log"
    with started(settings, log) as process:
        wait_until(lambda: answers(f"http://127.0.0.1:{ports.kafka}/healthz"), "the process serves", seconds=60)
        wait_until(lambda: answers(f"http://127.0.0.1:{ports.mqtt}/readyz"), "the process is ready")
        metrics = httpx.get(f"http://127.0.0.1:{ports.mqtt}/metrics").text
        process.send_signal(signal.SIGTERM)
        assert process.wait(20) == 0
    assert "windhover_messages_received_total" in metrics
    assert all(json.loads(line)["role"] == "api" for line in log.read_text().splitlines())


def test_a_port_in_use_is_one_line_that_names_the_setting(api, tmp_path):
    log = tmp_path / "log"
    port = urlsplit(api.url).port
    with started(msgspec.structs.replace(api.settings, http_port=port), log) as process:
        assert process.wait(60) == 2
    (line,) = log.read_text().splitlines()
    assert "WINDHOVER_HTTP_PORT" in line
