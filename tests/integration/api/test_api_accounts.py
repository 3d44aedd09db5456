"""Logging in, tokens, provisioning, MQTT credentials: against the real servers."""

import asyncio

import msgspec
import pytest
from running_api import serving, wait_until

from pipeline.kafka import create_topics, read_newest
from pipeline.mqtt.dynamic_security import dynamic_security
from pipeline.secrets import Passwords
from pipeline.store.accounts import ensure_person
from schemas.device import DECODER, Device
from schemas.topics import DEVICES


@pytest.fixture(scope="module")
def password_hash():
    return Passwords().hash("correct horse")


@pytest.fixture
def person(rows, database, password_hash):
    assert rows.closed is False  # what this adds goes with the rows of the test
    return ensure_person(database, "people", "pat", password_hash)


def log_in(client, user="pat", password="correct horse"):
    return client.post("/v1/login", json={"user": user, "password": password})


def usernames(settings):
    async def ask():
        login = settings.mqtt_host, settings.mqtt_port, settings.mqtt_admin_username, settings.mqtt_admin_password
        async with dynamic_security(*login) as security:
            return await security.usernames()

    return asyncio.run(ask())


@pytest.mark.usefixtures("person")
def test_a_login_gives_a_token_that_counts_until_logout(api):
    with api.client() as client:
        session = log_in(client).json()
        assert session["account"] == "people"
        with api.client(session["token"]) as known:
            assert known.get("/v1/me").json()["user"] == "pat"
            assert known.post("/v1/logout").status_code == 204
            assert known.get("/v1/me").status_code == 401


@pytest.mark.usefixtures("person")
def test_a_wrong_password_and_an_unknown_user_get_the_same_answer(api):
    with api.client() as client:
        wrong, unknown = log_in(client, password="guess"), log_in(client, user="nobody")
    assert wrong.status_code == 401
    assert wrong.json() == unknown.json()


@pytest.mark.usefixtures("person")
def test_guessing_is_stopped_and_told_when_to_come_again(api):
    with api.client() as client:
        answers = [log_in(client, password=f"guess {n}") for n in range(11)]
        assert [answer.status_code for answer in answers] == [401] * 10 + [429]
        assert 1 <= int(answers[-1].headers["retry-after"]) <= 60
        assert log_in(client).status_code == 429


def test_only_the_hash_of_a_token_is_kept(api, rows, person):
    with api.client() as client:
        token = log_in(client).json()["token"]
    dump = str(rows.execute("select * from store.token where account_id = %s", (person,)).fetchall())
    assert token not in dump


def test_an_api_key_is_shown_once_and_can_be_revoked(api, ours):
    with api.client(ours.token) as client:
        made = client.post("/v1/tokens", json={"label": "export", "lifetime_seconds": 3600}).json()
        with api.client(made["token"]) as key:
            assert key.get("/v1/me").status_code == 200
            listed = client.get("/v1/tokens")
            assert made["token"] not in listed.text
            assert "export" in [item["label"] for item in listed.json()["items"]]
            assert client.delete(f"/v1/tokens/{made['token_id']}").status_code == 204
            assert key.get("/v1/me").status_code == 401


def test_a_revocation_by_another_process_counts_within_seconds(api, rows, ours):
    with api.client(ours.token) as client:
        assert client.get("/v1/me").status_code == 200
        rows.execute("update store.token set revoked_at = now() where account_id = %s", (ours.account,))
        wait_until(lambda: client.get("/v1/me").status_code == 401, "the token ends", seconds=8)


def test_a_provisioned_thing_is_a_row_and_a_record_for_the_workers(api, ours):
    thing = {"device": "thing-1", "family": "cayenne", "name": "Mast", "mqtt_user": "field"}
    with api.client(ours.token) as client:
        answer = client.post("/v1/devices", json=thing)
        assert answer.status_code == 201
        assert answer.json()["kind"] == "thing"
        assert client.get("/v1/devices/thing-1").json() == answer.json()
        assert client.post("/v1/devices", json=thing).status_code == 409
    (record,) = asyncio.run(read_newest(api.settings, DEVICES, 10))
    assert record.key == b"thing-1"
    assert DECODER.decode(record.value) == Device("thing-1", ours.account, "cayenne", "thing", None, "Mast", "field")


def test_with_kafka_away_nothing_is_provisioned(settings, ours):
    asyncio.run(create_topics(settings))
    away = msgspec.structs.replace(settings, kafka="127.0.0.1:1")
    with serving(away) as api, api.client(ours.token) as client:
        answer = client.post("/v1/devices", json={"device": "NEW", "family": "dji"})
        assert answer.status_code == 503
        assert answer.headers["retry-after"]
        assert client.get("/v1/devices").json()["items"] == []


def test_a_thing_without_its_user_is_refused_by_field(api, ours):
    with api.client(ours.token) as client:
        answer = client.post("/v1/devices", json={"device": "thing-1", "family": "cayenne"})
        assert (answer.status_code, answer.json()["errors"][0]["field"]) == (422, "mqtt_user")
        answer = client.post("/v1/devices", json={"device": "a/b", "family": "dji"})
        assert (answer.status_code, answer.json()["errors"][0]["field"]) == (422, "device")


def test_devices_are_listed_page_by_page(api, rows, ours):
    rows.execute(
        "insert into store.device (device_id, account_id, family)"
        " select 'D' || n, %s, 'dji' from generate_series(1, 25) n",
        (ours.account,),
    )
    found, cursor = [], None
    with api.client(ours.token) as client:
        while True:
            page = client.get("/v1/devices", params={"limit": 10, **({"cursor": cursor} if cursor else {})}).json()
            found += [item["device"] for item in page["items"]]
            cursor = page["next_cursor"]
            if cursor is None:
                break
    assert sorted(found) == sorted(f"D{n}" for n in range(1, 26))


def test_a_credential_lives_at_the_broker_until_it_is_deleted(api, ours):
    with api.client(ours.token) as client:
        made = client.post("/v1/mqtt-credentials", json={"family": "dji", "gateway": "DOCK1"})
        assert made.status_code == 201
        secret = made.json()
        assert secret["port"] == api.settings.mqtt_port
        assert "thing/product/DOCK1/#" in secret["topics"]
        assert secret["username"] in usernames(api.settings)
        listed = client.get("/v1/mqtt-credentials")
        assert [item["username"] for item in listed.json()["items"]] == [secret["username"]]
        assert secret["password"] not in listed.text
        assert client.delete(f"/v1/mqtt-credentials/{secret['username']}").status_code == 204
        assert secret["username"] not in usernames(api.settings)


@pytest.mark.parametrize(
    ("body", "status"),
    [
        pytest.param({"family": "dji"}, 422, id="gateway missing"),
        pytest.param({"family": "cayenne", "gateway": "DOCK1"}, 422, id="user missing"),
        pytest.param({"family": "cayenne", "user": "a/#"}, 422, id="a wildcard"),
        pytest.param({"family": "cayenne", "user": "windhover-admin"}, 409, id="the broker's own user"),
        pytest.param({"family": "cayenne", "user": "dji-DOCK1"}, 409, id="a gateway's user"),
    ],
)
def test_a_credential_that_opens_what_it_should_not_is_refused(api, ours, body, status):
    with api.client(ours.token) as client:
        assert client.post("/v1/mqtt-credentials", json=body).status_code == status
        assert client.get("/v1/mqtt-credentials").json()["items"] == []


def test_a_fleet_credential_is_for_the_account_of_unknown_devices_alone(api, ours, theirs):
    assert ours.account == api.settings.first_sight_account
    with api.client(ours.token) as client, api.client(theirs.token) as other:
        assert client.post("/v1/mqtt-credentials", json={"family": "fleet"}).status_code == 201
        assert other.post("/v1/mqtt-credentials", json={"family": "fleet"}).status_code == 403


def test_with_the_broker_away_no_credential_is_kept(settings, ours):
    away = msgspec.structs.replace(settings, mqtt_port=1)
    asyncio.run(create_topics(settings))
    with serving(away) as api, api.client(ours.token) as client:
        answer = client.post("/v1/mqtt-credentials", json={"family": "cayenne", "user": "field"})
        assert answer.status_code == 503
        assert client.get("/v1/mqtt-credentials").json()["items"] == []
