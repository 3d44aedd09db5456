"""Where an engine answers, the integration tests use the official images by testcontainers."""

import os
import subprocess
import sys
import time

import pytest
from compose_project import ROOT, docker

pytestmark = [pytest.mark.docker, pytest.mark.timeout(600)]


def test_integration_tests_pass_on_containers_of_the_official_images():
    began = int(time.time())
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "tests/integration/grafana"],
        cwd=ROOT, env=os.environ, capture_output=True, text=True, timeout=500, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout[-3000:] + done.stderr[-2000:]
    window = ("--since", str(began), "--until", str(int(time.time()) + 1))
    started = docker("events", *window, "--filter", "event=start", "--format", "{{.From}}").splitlines()
    assert {"apache/kafka:4.1.1", "timescale/timescaledb-ha:pg17", "eclipse-mosquitto:2"} <= set(started)
