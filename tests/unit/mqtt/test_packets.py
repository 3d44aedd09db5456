"""Packets: bytes from the specification, round trips, and input that a broken broker could send."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.mqtt import packets
from pipeline.mqtt.errors import ProtocolError, reason_text
from pipeline.mqtt.stream import PacketStream

topics = st.text(min_size=1, max_size=60).filter(lambda text: "\0" not in text)


def read(*pieces: bytes, maximum: int = 1 << 20) -> tuple[PacketStream, list[tuple[int, bytes]]]:
    others: list[tuple[int, bytes]] = []
    stream = PacketStream(maximum, lambda first, body: others.append((first, body)))
    for piece in pieces:
        stream.feed(piece)
    return stream, others


@pytest.mark.parametrize(
    ("number", "encoded"),
    [(0, "00"), (127, "7f"), (128, "8001"), (16_383, "ff7f"), (16_384, "808001"), (268_435_455, "ffffff7f")],
)
def test_a_length_is_written_as_the_specification_shows(number, encoded):
    assert packets.encode_length(number).hex() == encoded


@given(st.integers(0, packets.MAX_LENGTH))
def test_a_length_comes_back(number):
    encoded = packets.encode_length(number)
    assert packets.decode_length(encoded, 0) == (number, len(encoded))
    assert packets.decode_length(encoded[:-1], 0) is None


def test_a_length_that_does_not_fit_is_refused():
    with pytest.raises(ValueError, match="does not fit"):
        packets.encode_length(packets.MAX_LENGTH + 1)
    with pytest.raises(ProtocolError):
        packets.decode_length(b"\xff\xff\xff\xff\x01", 0)


def test_connect_says_what_was_asked_for():
    sent = packets.connect(
        client_id="c",
        username="u",
        password="p",
        clean_start=False,
        keep_alive_seconds=30,
        session_expiry_seconds=packets.NEVER_EXPIRES,
        receive_maximum=4000,
        maximum_packet_bytes=2_000_000,
    )
    properties = "11ffffffff210fa027001e8480220000"
    assert sent.hex() == "1024" + "00044d51545405c0001e" + "10" + properties + "000163000175000170"


def test_subscribe_asks_for_qos_1_cleared_retain_flags_and_nothing_retained():
    assert packets.subscribe(1, ["a/+", "b"]).hex() == "820d0001000003612f2b2100016221"


def test_unsubscribe_names_the_filters():
    assert packets.unsubscribe(2, ["a"]).hex() == "a206000200000161"


def test_many_acknowledgements_are_one_run_of_bytes():
    assert packets.pubacks([b"\0\1", b"\1\2"]).hex() == "4002000140020102"


def test_disconnect_can_end_the_session():
    assert packets.disconnect().hex() == "e000"
    assert packets.disconnect(0).hex() == "e00700051100000000"


def test_a_string_longer_than_its_length_can_say_is_refused():
    with pytest.raises(ValueError, match="do not fit"):
        packets.encode_text("x" * 65_536)


@given(topics, st.binary(max_size=300), st.integers(1, 0xFFFF) | st.none(), st.booleans(), st.booleans())
def test_a_published_message_comes_back(topic, payload, packet_id, retain, duplicate):
    sent = packets.publish(topic, payload, packet_id=packet_id, retain=retain, duplicate=duplicate)
    stream, others = read(sent)
    ((got_topic, got_id, got_payload, first),) = stream.publishes
    assert (got_topic, got_payload) == (topic.encode(), payload)
    assert got_id == (None if packet_id is None else packet_id.to_bytes(2, "big"))
    assert bool(first & packets.RETAIN_FLAG) == retain
    assert bool(first & packets.DUPLICATE_FLAG) == duplicate
    assert not others


@given(st.lists(st.binary(max_size=400), max_size=8), st.lists(st.integers(1, 200), max_size=40))
def test_however_the_reads_are_cut_the_same_messages_arrive(payloads, cuts):
    whole = b"".join(packets.publish("t", each, packet_id=place + 1) for place, each in enumerate(payloads))
    whole += b"\xd0\x00"
    pieces, at = [], 0
    for cut in cuts:
        pieces.append(whole[at : at + cut])
        at += cut
    stream, others = read(*pieces, whole[at:])
    assert [payload for _, _, payload, _ in stream.publishes] == payloads
    assert others == [(0xD0, b"")]


def test_properties_of_a_message_are_skipped():
    properties = "0101" + "0200000001" + "0b8001" + "26000161000162" + "03000178"
    body = bytes.fromhex("0001740007" + f"{len(bytes.fromhex(properties)):02x}" + properties) + b"payload"
    stream, _ = read(packets.packet(0x32, body))
    assert stream.publishes == [(b"t", b"\0\7", b"payload", 0x32)]


@given(st.binary(max_size=80))
def test_arbitrary_bytes_are_packets_or_a_protocol_error(data):
    stream = PacketStream(1 << 20, _decode_other)
    try:
        stream.feed(data)
        stream.feed(data)
    except ProtocolError as error:
        assert str(error)  # noqa: PT017 - either outcome is right; only another exception is not


def _decode_other(first: int, body: bytes) -> None:
    decoders = {
        packets.CONNACK: packets.decode_connack,
        packets.SUBACK: packets.decode_suback,
        packets.DISCONNECT: packets.decode_disconnect,
    }
    decoders.get(first & 0xF0, lambda _: None)(body)


@pytest.mark.parametrize(
    "data",
    ["3000", "30020005", "3003000561", "3203000161", "32050001610001", "400100", "3006000161050101"],
)
def test_a_packet_that_ends_too_early_is_a_protocol_error(data):
    with pytest.raises(ProtocolError):
        read(bytes.fromhex(data))


def test_a_packet_above_the_announced_maximum_is_a_protocol_error():
    with pytest.raises(ProtocolError, match="above the maximum"):
        read(packets.packet(0x30, bytes(300)), maximum=200)


def test_acknowledgements_are_told_from_refusals():
    stream, _ = read(bytes.fromhex("4002000140030002104003000387400400040000"))
    assert stream.acknowledged == [1, 4]
    assert stream.unheard == [2]
    assert stream.refused == [(3, 0x87)]


@given(st.lists(st.integers(1, 0xFFFF), min_size=1, max_size=50))
def test_a_read_of_nothing_but_acknowledgements_gives_all_of_them(identifiers):
    stream, _ = read(packets.pubacks(each.to_bytes(2, "big") for each in identifiers))
    assert stream.acknowledged == identifiers


def test_the_brokers_terms_are_read():
    connack = packets.decode_connack(bytes.fromhex("01000d21001413003c27000004002a01"))
    assert connack == packets.Connack(
        session_present=True, reason=0, receive_maximum=20, keep_alive_seconds=60, maximum_packet_bytes=1024
    )


def test_a_refusal_of_an_older_protocol_has_no_properties():
    assert packets.decode_connack(b"\0\1").reason == 1


def test_a_suback_has_one_reason_a_filter():
    assert packets.decode_suback(bytes.fromhex("0003000187")) == (3, b"\x01\x87")


def test_a_reason_is_said_in_words():
    assert reason_text(0x87) == "not authorised (0x87)"
    assert reason_text(0x7F) == "unknown reason (0x7F)"
