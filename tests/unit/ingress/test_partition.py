"""Keys and partitions: Kafka's own, so that foreign producers agree."""

import pytest
from aiokafka.partitioner import murmur2 as theirs
from hypothesis import given
from hypothesis import strategies as st

from pipeline.ingress import routes
from pipeline.ingress.partition import murmur2, partition_of
from pipeline.ingress.routes import Routes


@pytest.mark.parametrize(
    ("key", "number"),
    # Apache Kafka, UtilsTest.testMurmur2; negative numbers there are these minus 2**32.
    [(b"21", 2**32 - 973932308), (b"foobar", 2**32 - 790332482), (b"abc", 479470107), (b"", 275646681)],
)
def test_the_hash_is_that_of_kafkas_own_tests(key, number):
    assert murmur2(key) == number


@given(st.binary(max_size=40))
def test_the_hash_agrees_with_another_producers(key):
    assert murmur2(key) == theirs(key)


@given(st.binary(max_size=40), st.integers(1, 64))
def test_every_key_has_a_partition(key, partitions):
    assert 0 <= partition_of(key, partitions) < partitions


def test_all_topics_of_a_device_share_its_key_and_partition():
    found = Routes(8)
    topics = [b"thing/product/SN1/osd", b"thing/product/SN1/state", b"sys/product/SN1/status"]
    assert {(found.find(topic).key, found.find(topic).partition) for topic in topics} == {
        (b"SN1", partition_of(b"SN1", 8))
    }


def test_what_goes_down_has_no_partition():
    assert Routes(8).find(b"thing/product/SN1/services").partition is None


@pytest.mark.parametrize("topic", [b"", b"/", b"random/topic", b"thing/product//osd", "v1/ü/things/é/data".encode()])
def test_an_odd_topic_gets_a_route_too(topic):
    route = Routes(4).find(topic)
    assert route.partition is not None
    assert route.header == ("mqtt-topic", topic)


def test_forgetting_topics_changes_no_route(monkeypatch):
    monkeypatch.setattr(routes, "MAX_TOPICS", 10)
    found = Routes(4)
    before = [found.find(b"thing/product/%d/osd" % number) for number in range(25)]
    assert [found.find(b"thing/product/%d/osd" % number) for number in range(25)] == before
