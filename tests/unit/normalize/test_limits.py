"""Size, text, depth and JSON: what is refused before anybody reads it, in time that grows with the size alone."""

import time

import pytest
from decoder_checks import decode

from pipeline.errors import MessageError
from pipeline.normalize.limits import MAX_BYTES, decode_text, parse_json

OSD = "thing/product/1581SYNG4JJ7U280LFXW/osd"


@pytest.mark.parametrize(
    ("payload", "reason"),
    [
        (b"", "empty"),
        (b" " * (MAX_BYTES + 1), "too-large"),
        (b" \n", "not-json"),
        (b"\xff", "not-utf8"),
        (b"\xed\xa0\x80", "not-utf8"),
        (b'{"a":1}{', "not-json"),
        (b'{"a":-Infinity}', "not-json"),
        (b'{"a":01}', "not-json"),
        (b'{"a":"\x01"}', "not-json"),
        (b'{"a":1,}', "not-json"),
        (b"[" * 65, "too-deep"),
        (b'{"a":' * 65 + b"1" + b"}" * 65, "too-deep"),
        (b'{"k":1,"k":2}', "duplicate-key:k"),
        (b'{"k":1,"k":true}', "duplicate-key:k"),
        (b'{"d":{"k":[1],"k":[2]}}', "duplicate-key:k"),
        (b'{"\\ud800":1,"\\ud800":2}', "duplicate-key:\ufffd"),
    ],
)
def test_a_payload_beyond_the_limits_is_refused(payload, reason):
    with pytest.raises(MessageError) as caught:
        parse_json(decode_text(payload))
    assert caught.value.reason == reason


@pytest.mark.parametrize(
    "payload",
    [
        b'\xef\xbb\xbf{"a":1}',
        b" \r\n\t{} ",
        b'{"k":1,"k":1.0}',
        b"[" * 64 + b"]" * 64,
        b'{"a":"' + b"[" * 100 + b'"}',
        b'{"a":"\\"' + b"[" * 100 + b'"}',
        b'{"a":' + b"9" * 5000 + b"}",
    ],
    ids=range(7),
)
def test_a_payload_within_the_limits_is_read(payload):
    assert parse_json(decode_text(payload)) is not None


@pytest.mark.parametrize("unit", ['"', '\\"', "[", '["', "{", '{"a":', '"\\', "\\", "}", '"a",'])
def test_a_hostile_mebibyte_costs_less_than_two_seconds(unit):
    payload = ("[" * 65 + '"' + unit * (MAX_BYTES // len(unit)))[:MAX_BYTES].encode()
    started = time.process_time()
    with pytest.raises(MessageError):
        decode(OSD, payload)
    with pytest.raises(MessageError):
        decode(OSD, ('"' + unit * (MAX_BYTES // len(unit)))[:MAX_BYTES].encode())
    assert time.process_time() - started < 2


def test_text_no_database_takes_is_replaced():
    assert parse_json('{"a\\u0000":["\\ud800x","\\ud83d\\ude00"]}').value == {"a\ufffd": ["\ufffdx", "😀"]}


def test_an_event_with_a_number_beyond_a_floats_range_is_refused():
    with pytest.raises(MessageError, match="out-of-range:speed"):
        decode("thing/product/7SYN/events", '{"timestamp":1772964030000,"data":{"a":[{"speed":1e999}]}}')
