"""An engine must answer; the project of `docker-compose.yml` is brought up once for each module that asks."""

import os
from collections.abc import Iterator

import pytest
from compose_project import Project

from stack.compose import engine_answers


@pytest.fixture(scope="session", autouse=True)
def engine(request) -> None:
    if not engine_answers(os.environ):
        reason = "no Docker engine with compose answers: install Docker and start it, or point DOCKER_HOST to an engine"
        if request.config.option.markexpr == "docker":  # make test-docker: one line, not one for each test
            pytest.exit(reason, returncode=1)
        pytest.fail(reason, pytrace=False)


@pytest.fixture(scope="module")
def project() -> Iterator[Project]:
    project = Project()
    try:
        project.up()
        yield project
    finally:
        project.down()
