"""Every panel's query runs, as the user that Grafana is, on a migrated database; and that user can do nothing else."""

import json
import re
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import psycopg
import pytest

from pipeline.store.readers import READER, ensure_reader

GRAFANA = Path(__file__).parents[3] / "grafana"
DASHBOARDS = sorted((GRAFANA / "dashboards").glob("*.json"))
PASSWORD = "a 'quoted' p@ssword"


def queries() -> list[tuple[str, str]]:
    return [
        (f"{path.stem}: {panel['title']} {target['refId']}", target["rawSql"])
        for path in DASHBOARDS
        for panel in json.loads(path.read_text())["panels"]
        for target in panel["targets"]
    ]


def as_grafana_sends_it(query: str) -> str:
    """Grafana's macros written out; one that is not known here stays, and fails."""
    return re.sub(r"\$__timeFilter\((\w+)\)", r"\1 between now() - interval '1 hour' and now()", query)


@pytest.fixture
def reader(database) -> Iterator[psycopg.Connection]:
    ensure_reader(database, "an older password")
    ensure_reader(database, PASSWORD)
    address = urlsplit(database)
    with psycopg.connect(
        host=address.hostname,
        port=address.port,
        dbname=address.path[1:],
        user=READER,
        password=PASSWORD,
        autocommit=True,
    ) as connection:
        yield connection


@pytest.mark.parametrize(("name", "query"), queries(), ids=[name for name, _ in queries()])
def test_every_panel_has_a_query_that_runs(reader, name, query):
    assert reader.execute(as_grafana_sends_it(query)).description, name


@pytest.mark.parametrize(
    "statement",
    [
        "select count(*) from store.aircraft_sample",
        "select password_hash from store.person",
        "create table public.mine (n integer)",
        "delete from devices",
    ],
)
def test_the_dashboards_user_reads_views_and_nothing_else(reader, statement):
    with pytest.raises((psycopg.errors.InsufficientPrivilege, psycopg.errors.ReadOnlySqlTransaction)):
        reader.execute(statement)


def test_the_data_source_of_every_panel_is_the_one_that_is_provisioned():
    provisioned = (GRAFANA / "provisioning/datasources/timescaledb.yaml").read_text()
    assert f"user: {READER}\n" in provisioned
    for path in DASHBOARDS:
        for panel in json.loads(path.read_text())["panels"]:
            assert f"uid: {panel['datasource']['uid']}\n" in provisioned
            assert f"type: {panel['datasource']['type']}\n" in provisioned
