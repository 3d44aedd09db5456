"""No call crosses accounts: every operation of the OpenAPI document has a row here."""

import pytest
from running_api import make_device, make_latest, make_positions, make_readings

AT = "2026-05-04T10:00:00Z"
RANGE = {"from": "2026-05-04T09:00:00Z", "to": "2026-05-04T11:00:00Z"}

#: Operations about one named thing: path with a thing of the other account, parameters. All answer 404.
FOREIGN_THINGS = {
    ("get", "/devices/{device}"): ("/devices/THEIRS", {}),
    ("get", "/devices/{device}/latest"): ("/devices/THEIRS/latest", {}),
    ("get", "/devices/{device}/readings"): ("/devices/THEIRS/readings", RANGE),
    ("get", "/devices/{device}/positions"): ("/devices/THEIRS/positions", RANGE),
    ("get", "/devices/{device}/track"): ("/devices/THEIRS/track", RANGE),
    ("delete", "/tokens/{token}"): ("/tokens/THEIR_TOKEN", {}),
    ("delete", "/mqtt-credentials/{username}"): ("/mqtt-credentials/their-user", {}),
}
#: Lists: nothing of the other account stands in the answer.
LISTS = {
    ("get", "/devices"): "/devices",
    ("get", "/latest"): "/latest",
    ("get", "/tokens"): "/tokens",
    ("get", "/mqtt-credentials"): "/mqtt-credentials",
    ("get", "/me"): "/me",
}
#: Claiming what the other account owns: 409.
CLAIMS = {
    ("post", "/devices"): [
        {"device": "THEIRS", "family": "dji"},
        {"device": "new-thing", "family": "cayenne", "mqtt_user": "their-user"},
    ],
    ("post", "/mqtt-credentials"): [
        {"family": "dji", "gateway": "THEIRS"},
        {"family": "cayenne", "user": "their-user"},
        {"family": "cayenne", "user": "their-things-user"},
    ],
}
#: Operations that name nothing of anybody's.
NAMES_NOTHING = {("post", "/logout"), ("post", "/tokens")}
PUBLIC = {("get", "/config"), ("post", "/login")}


@pytest.fixture
def furnished(rows, ours, theirs):
    for account, device in ((ours, "OURS"), (theirs, "THEIRS")):
        make_device(rows, account, device)
        make_latest(rows, account, device)
        make_positions(rows, account, device, [AT])
        make_readings(rows, account, device, [(AT, AT, "temperature", 21.5)])
    make_device(rows, theirs, "their-thing", family="cayenne", kind="thing", mqtt_user="their-things-user")
    rows.execute(
        "insert into store.mqtt_credential (user_name, account_id, family, topics)"
        " values ('their-user', %s, 'cayenne', '{v1/their-user/#}')",
        (theirs.account,),
    )
    return rows


def operations(client):
    document = client.get("/v1/openapi.json").json()
    return {(method, path) for path, methods in document["paths"].items() for method in methods}


def test_every_operation_has_a_row_in_this_table(api):
    with api.client() as client:
        known = set(FOREIGN_THINGS) | set(LISTS) | set(CLAIMS) | NAMES_NOTHING | PUBLIC
        assert operations(client) == known


def test_every_operation_but_the_public_ones_needs_a_token(api):
    with api.client() as nobody, api.client("wht_wrong") as wrong:
        for method, path in operations(nobody) - PUBLIC:
            address = "/v1" + path.replace("{token}", "1").replace("{device}", "x").replace("{username}", "x")
            for client in (nobody, wrong):
                answer = client.request(method, address)
                assert answer.status_code == 401, (method, path)
                assert answer.headers["www-authenticate"] == "Bearer"
                assert answer.headers["content-type"] == "application/problem+json"


def test_a_thing_of_another_account_is_not_there(api, furnished, ours, theirs):
    token = furnished.execute("select token_id from store.token where account_id = %s", (theirs.account,)).fetchone()[0]
    with api.client(ours.token) as client, api.client(theirs.token) as owner:
        for (method, pattern), (path, parameters) in FOREIGN_THINGS.items():
            address = "/v1" + path.replace("THEIR_TOKEN", str(token))
            foreign = client.request(method, address, params=parameters)
            assert foreign.status_code == 404, (method, pattern)
            nowhere = address.replace("THEIRS", "nowhere").replace(str(token), "999").replace("their-user", "nobody")
            assert client.request(method, nowhere, params=parameters).json() == foreign.json(), (method, pattern)
            if method == "get":
                assert owner.get(address, params=parameters).status_code == 200, (method, pattern)
        assert owner.get("/v1/me").json()["account"] == "theirs"
    assert furnished.execute("select count(*) from store.mqtt_credential").fetchone()[0] == 1


@pytest.mark.usefixtures("furnished")
def test_a_list_holds_nothing_of_another_account(api, ours):
    with api.client(ours.token) as client:
        for path in LISTS.values():
            answer = client.get("/v1" + path)
            assert answer.status_code == 200
            assert "THEIR" not in answer.text.upper(), path
        assert [item["device"] for item in client.get("/v1/devices").json()["items"]] == ["OURS"]
        assert [item["device"] for item in client.get("/v1/latest").json()["items"]] == ["OURS"]


def test_what_another_account_owns_cannot_be_claimed(api, furnished, ours, theirs):
    with api.client(ours.token) as client:
        for (method, path), bodies in CLAIMS.items():
            for body in bodies:
                answer = client.request(method, "/v1" + path, json=body)
                assert answer.status_code == 409, body
                assert answer.json()["errors"][0]["field"] in body
    owners = dict(furnished.execute("select device_id, account_id from store.device").fetchall())
    assert owners == {"OURS": ours.account, "THEIRS": theirs.account, "their-thing": theirs.account}


def test_rows_that_a_device_left_with_its_former_account_stay_there(api, furnished, ours):
    furnished.execute("update store.device set account_id = %s where device_id = 'THEIRS'", (ours.account,))
    with api.client(ours.token) as client:
        assert client.get("/v1/devices/THEIRS").status_code == 200
        assert client.get("/v1/devices/THEIRS/readings", params=RANGE).json()["items"] == []
        assert client.get("/v1/devices/THEIRS/positions", params=RANGE).json()["items"] == []
        assert client.get("/v1/devices/THEIRS/track", params=RANGE).json()["geometry"] is None
        latest = client.get("/v1/devices/THEIRS/latest").json()
        assert latest == {"device": "THEIRS", "family": "dji", "kind": "aircraft", "fields": {}}
