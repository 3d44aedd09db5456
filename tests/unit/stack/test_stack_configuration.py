"""What the written configuration files promise."""

import re
from pathlib import Path

import pytest

from pipeline.errors import ConfigurationError
from stack import trixie
from stack.kafka import server_properties
from stack.mosquitto import mosquitto_conf
from stack.ports import Ports, free_ports, load_ports
from stack.sandbox import User, confined, find_user
from stack.timescaledb import TimescaleDB, postgresql_conf


def read(text: str, separator: str) -> dict[str, str]:
    lines = [line for line in text.splitlines() if line.strip() and not line.startswith("#")]
    return {name.strip(): value.strip() for name, _, value in (line.partition(separator) for line in lines)}


KAFKA = read(server_properties(4001, 4002), "=")
POSTGRESQL = read(postgresql_conf(4003), "=")
MOSQUITTO = read(mosquitto_conf(4004, "/plugin.so"), " ")


def test_every_server_listens_on_the_loopback_address_only():
    assert KAFKA["listeners"] == "PLAINTEXT://127.0.0.1:4001,CONTROLLER://127.0.0.1:4002"
    assert POSTGRESQL["listen_addresses"] == "'127.0.0.1'"
    assert POSTGRESQL["port"] == "4003"
    assert POSTGRESQL["unix_socket_directories"] == "''"
    assert MOSQUITTO["listener"] == "4004 127.0.0.1"


def test_what_mosquitto_takes_fits_into_kafka_with_its_headers():
    assert int(MOSQUITTO["max_packet_size"]) + 64_000 < int(KAFKA["message.max.bytes"])


def test_mosquitto_lets_nobody_in_without_a_password():
    assert MOSQUITTO["allow_anonymous"] == "false"
    assert MOSQUITTO["plugin"] == "/plugin.so"


def test_mosquitto_bounds_its_queues_by_messages_and_by_bytes():
    assert int(MOSQUITTO["max_queued_messages"]) > 0
    assert int(MOSQUITTO["max_queued_bytes"]) > 0
    assert int(MOSQUITTO["max_inflight_messages"]) >= 4000


def test_postgresql_keeps_what_it_has_committed():
    assert {POSTGRESQL[name] for name in ("fsync", "synchronous_commit", "full_page_writes")} == {"on"}
    assert POSTGRESQL["shared_preload_libraries"] == "'timescaledb'"


def test_kafka_never_makes_a_topic_by_itself():
    assert KAFKA["auto.create.topics.enable"] == "false"


def test_a_password_with_any_character_fits_into_the_address():
    dsn = TimescaleDB(Path("home"), 5432, "p w/:@?#é%").dsn
    assert dsn == "postgresql://windhover:p%20w%2F%3A%40%3F%23%C3%A9%25@127.0.0.1:5432/windhover"


@pytest.mark.parametrize(
    ("release", "expected"),
    [
        ('ID=debian\nVERSION_ID="13"\n', True),
        ("ID=debian\nVERSION_ID=14\n", True),
        ('ID=debian\nVERSION_ID="12"\n', False),
        ("ID=debian\n", False),
        ('ID=ubuntu\nVERSION_ID="24.04"\n', False),
        ("", False),
    ],
    ids=["trixie", "forky", "bookworm", "sid", "Ubuntu", "unknown"],
)
def test_a_host_is_told_by_its_os_release(release, expected):
    assert trixie.is_trixie(release) is expected


def make_root(root: Path) -> Path:
    for path in (
        "usr/lib/postgresql/17/bin/postgres",
        "usr/lib/postgresql/17/lib/timescaledb.so",
        "usr/share/postgresql/17/extension/postgis.control",
        "usr/sbin/mosquitto",
        "usr/lib/aarch64-linux-gnu/mosquitto_dynamic_security.so",
        "etc/os-release",
    ):
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).touch()
    (root / "etc/os-release").write_text("ID=debian\nVERSION_ID=13\n")
    return root


def test_a_debian_13_host_with_all_programs_is_its_own_root(tmp_path):
    assert trixie.root(make_root(tmp_path)) == tmp_path


def test_a_host_that_lacks_a_program_gets_a_root_of_its_own(tmp_path, monkeypatch):
    monkeypatch.setenv("WINDHOVER_CACHE", str(tmp_path / "cache"))
    (make_root(tmp_path) / "usr/sbin/mosquitto").unlink()
    assert trixie.root(tmp_path) == tmp_path / "cache" / "trixie-1"


def test_a_user_is_looked_up_in_its_root(tmp_path):
    (tmp_path / "etc").mkdir()
    (tmp_path / "etc/passwd").write_text("root:x:0:0::/:/bin/sh\npostgres:x:101:104::/:/bin/sh\n")
    assert find_user(tmp_path, "postgres") == User(101, 104)
    with pytest.raises(LookupError, match="mosquitto"):
        find_user(tmp_path, "mosquitto")


def test_a_confined_program_gets_its_folders_and_its_environment_only():
    command = confined(
        Path("/root-of-it"), User(7, 8), {Path("/a b"): "/run/windhover"}, ["/bin/x", "--", "y"], environment={"A": "1"}
    )
    assert command[:5] == ["unshare", "--mount", "--propagation", "private", "/bin/sh"]
    assert command[8:13] == ["/root-of-it", "7:8", "/a b", "/run/windhover", "--"]
    enter = ["/usr/bin/env", "--ignore-environment", "--chdir=/run/windhover", "A=1"]
    assert command[13:] == [*enter, "/bin/x", "--", "y"]


def test_ports_are_read_from_the_environment():
    assert load_ports({"WINDHOVER_MQTT_PORT": "1884", "PATH": "x"}, Ports()) == Ports(mqtt=1884)


@pytest.mark.parametrize("text", ["0", "65536", "x", "-1", "1e3"])
def test_what_is_no_port_is_refused_with_the_settings_name(text):
    with pytest.raises(ConfigurationError, match="WINDHOVER_KAFKA_PORT"):
        load_ports({"WINDHOVER_KAFKA_PORT": text}, Ports())


def test_free_ports_differ_from_each_other():
    ports = free_ports()
    assert len({ports.kafka, ports.kafka_controller, ports.database, ports.mqtt}) == 4


def test_no_comment_of_a_configuration_names_a_host_but_the_loopback():
    everything = server_properties(1, 2) + postgresql_conf(3) + mosquitto_conf(4, "/plugin.so")
    assert set(re.findall(r"\d+\.\d+\.\d+\.\d+", everything)) == {"127.0.0.1"}
