import msgspec
import pytest

from pipeline.errors import ConfigurationError
from pipeline.settings import Settings, load_settings, to_environment
from system.home import SystemPorts, open_home, ports_from, read_run_file


def test_a_home_keeps_its_secrets_and_ports(tmp_path):
    first = open_home(tmp_path / "home", SystemPorts(http=18080))
    again = open_home(tmp_path / "home")
    assert again == first
    assert again.ports.http == 18080


def test_files_with_secrets_are_for_their_owner_alone(tmp_path):
    home = open_home(tmp_path / "home")
    run = home.write_run_file()
    assert {path.stat().st_mode & 0o777 for path in (run, tmp_path / "home" / "home.json")} == {0o600}


def test_the_run_file_says_what_scripts_need(tmp_path):
    home = open_home(tmp_path / "home")
    home.write_run_file()
    run = read_run_file(tmp_path / "home")
    assert set(run) == {"url", "token", "user", "password", "mqtt", "kafka", "database"}
    assert set(run["mqtt"]) == {"host", "port", "username", "password"}


def test_a_home_that_was_never_started_says_how_to_start_it(tmp_path):
    with pytest.raises(ConfigurationError, match="make run"):
        read_run_file(tmp_path)


def test_a_damaged_home_is_named(tmp_path):
    (tmp_path / "home.json").write_text("{")
    with pytest.raises(ConfigurationError, match=r"home\.json"):
        open_home(tmp_path)


def test_ports_come_from_the_environment():
    ports = ports_from({"WINDHOVER_HTTP_PORT": "9999", "WINDHOVER_MQTT_PORT": "2883"}, SystemPorts())
    assert (ports.http, ports.mqtt, ports.kafka) == (9999, 2883, 9092)


@pytest.mark.parametrize("value", ["0", "65536", "many", "-1"])
def test_a_port_that_is_none_is_refused_by_its_setting(value):
    with pytest.raises(ConfigurationError, match="WINDHOVER_HTTP_PORT"):
        ports_from({"WINDHOVER_HTTP_PORT": value}, SystemPorts())


def test_settings_go_through_an_environment_unchanged(tmp_path):
    settings = open_home(tmp_path / "home").settings(process_index=3, ops_port=9105)
    assert load_settings(to_environment(settings)) == settings


def test_a_setting_of_the_wrong_type_is_refused():
    with pytest.raises(ConfigurationError, match="partitions"):
        load_settings({"WINDHOVER_PARTITIONS": "four"})


def test_a_secret_may_stand_in_a_file(tmp_path):
    secret = tmp_path / "password"
    secret.write_text("quiet\n")
    assert load_settings({"WINDHOVER_MQTT_PASSWORD_FILE": str(secret)}).mqtt_password == "quiet"
    with pytest.raises(ConfigurationError, match="WINDHOVER_MQTT_PASSWORD_FILE"):
        load_settings({"WINDHOVER_MQTT_PASSWORD_FILE": str(tmp_path / "none")})


def test_settings_have_no_secret_as_default():
    defaults = msgspec.structs.asdict(Settings())
    assert [name for name in defaults if "password" in name and defaults[name]] == []
