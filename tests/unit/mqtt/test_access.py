"""Which topics a credential may use, and which the ingress takes for its own."""

import msgspec
import pytest

from pipeline.errors import RequestError
from pipeline.mqtt import access, dynamic_security
from pipeline.mqtt.topics import FILTERS, SHARED_FILTERS, is_downward


def matches(name: str, topic: str) -> bool:
    """MQTT's own rule (section 4.7), for the tests."""
    wanted, levels = name.split("/"), topic.split("/")
    for place, part in enumerate(wanted):
        if part == "#":
            return True
        if place >= len(levels) or part not in {"+", levels[place]}:
            return False
    return len(wanted) == len(levels)


def allowed(filters: tuple[str, ...], topic: str) -> bool:
    return any(matches(each, topic) for each in filters)


def test_a_gateway_publishes_its_own_topics_and_those_of_granted_aircraft():
    filters = access.dji_gateway_access("7SYNGATEWAY001", ["1581SYNAIRCRAFT00001"]).publish
    for topic in (
        "thing/product/7SYNGATEWAY001/osd",
        "thing/product/7SYNGATEWAY001/drc/up",
        "sys/product/7SYNGATEWAY001/status",
        "thing/product/1581SYNAIRCRAFT00001/osd",
        "thing/product/1581SYNAIRCRAFT00001/state",
        "thing/product/1581SYNAIRCRAFT00001/events",
    ):
        assert allowed(filters, topic), topic
    for topic in (
        "thing/product/7SYNGATEWAY002/osd",
        "thing/product/1581SYNAIRCRAFT00002/osd",
        "thing/product/1581SYNAIRCRAFT00001/services",
        "sys/product/7SYNGATEWAY002/status",
        "v1/user/things/t/data/1",
    ):
        assert not allowed(filters, topic), topic


def test_a_gateway_hears_only_itself():
    filters = access.dji_gateway_access("7SYNGATEWAY001").subscribe
    assert allowed(filters, "thing/product/7SYNGATEWAY001/services")
    assert allowed(filters, "sys/product/7SYNGATEWAY001/status_reply")
    assert not allowed(filters, "thing/product/7SYNGATEWAY002/services")


def test_a_cayenne_user_stays_under_its_own_name():
    own = access.cayenne_access("user-a", ["thing-1"])
    assert allowed(own.publish, "v1/user-a/things/t/data/1")
    assert allowed(own.publish, "v2/things/thing-1/data.json")
    assert allowed(own.subscribe, "v1/user-a/things/t/cmd/3")
    assert not allowed(own.publish, "v1/user-b/things/t/data/1")
    assert not allowed(own.publish, "v2/things/thing-2/data.json")


def test_a_fleet_credential_covers_every_gateway_but_sends_nothing_down():
    fleet = access.fleet_access("dev").publish
    for topic in (
        "thing/product/X/osd",
        "thing/product/X/property/set_reply",
        "sys/product/X/status",
        "v1/dev/things/t/data/1",
    ):
        assert allowed(fleet, topic), topic
    assert not allowed(fleet, "thing/product/X/services")
    assert not allowed(fleet, "v1/other/things/t/data/1")


@pytest.mark.parametrize("name", ["", "+", "#", "a/b", "a b", "x" * 65, "$share"])
def test_a_name_that_would_open_other_topics_is_refused(name):
    for kind in (access.dji_gateway_access, access.cayenne_access, access.fleet_access):
        with pytest.raises(RequestError):
            kind(name)
    with pytest.raises(RequestError):
        access.dji_gateway_access("7SYNGATEWAY001", [name])


@pytest.mark.parametrize(
    "topic",
    [
        "thing/product/SN/services",
        "thing/product/SN/events_reply",
        "thing/product/SN/requests_reply",
        "thing/product/SN/property/set",
        "thing/product/SN/drc/down",
        "sys/product/SN/status_reply",
        "v1/user/things/id/cmd/3",
        "v1/user/things/id/cmd.json",
    ],
)
def test_what_goes_down_is_known_and_published_by_nobody_but_us(topic):
    assert is_downward(topic.encode())
    assert allowed(access.service_access().publish, topic)


@pytest.mark.parametrize(
    "topic",
    [
        "thing/product/SN/osd",
        "thing/product/SN/OSD",
        "thing/product/SN/services_reply",
        "thing/product/SN/property/set_reply",
        "thing/product/SN/drc/up",
        "sys/product/SN/status",
        "thing/services",
        "v1/user/things/id/data/cmd",
        "v1/user/things/id/response",
        "v2/things/id/data.json",
        "job-1/JOB/STATUS",
        "",
    ],
)
def test_what_comes_up_is_never_taken_for_a_command(topic):
    assert not is_downward(topic.encode())


@pytest.mark.parametrize(
    "topic",
    [
        "thing/product/SN/osd",
        "thing/product/SN/osd/extra",
        "thing/product/osd",
        "sys/product/SN/status",
        "v1/user/things/id/data/1",
        "v2/things/id/data.bin",
        "job-1/JOB/STATUS",
        "group-1/DEVICE/STATUS",
        "share-1/SHARE/STATUS",
    ],
)
def test_each_topic_is_taken_by_exactly_one_subscription(topic):
    assert sum(matches(each, topic) for each in FILTERS) == 1


def test_the_first_configuration_denies_what_it_does_not_grant():
    configuration = msgspec.json.decode(dynamic_security.initial_configuration("admin", "a", "ingress", "i"))
    assert configuration["defaultACLAccess"] == {
        "publishClientSend": False,
        "publishClientReceive": True,
        "subscribe": False,
        "unsubscribe": True,
    }
    assert [client["username"] for client in configuration["clients"]] == ["admin", "ingress"]
    granted = {acl["topic"] for acl in configuration["roles"][1]["acls"] if acl["acltype"] == "subscribePattern"}
    assert granted == {*SHARED_FILTERS, *FILTERS}


def test_passwords_are_salted_and_never_stored_as_they_are():
    first = dynamic_security.initial_configuration("admin", "the-secret", "ingress", "the-secret")
    second = dynamic_security.initial_configuration("admin", "the-secret", "ingress", "the-secret")
    assert b"the-secret" not in first
    assert len({client["password"] for text in (first, second) for client in msgspec.json.decode(text)["clients"]}) == 4
