"""What the shell does with what the pure part gives."""

# ruff: noqa: SLF001  # the door of the pure part is a private method

from types import SimpleNamespace

import pytest

from agents.normalize import Normalize
from agents.outbox import Outbox
from pipeline.dead_letters import decode_record
from pipeline.errors import MalformedMessageError
from pipeline.normalize.duplicates import RecentMessages
from pipeline.normalize.normalizer import Normalized
from pipeline.settings import Settings
from schemas import raw
from schemas.command import Command
from schemas.device import Device
from schemas.topics import COMMANDS, DEAD_LETTERS, DEVICES, EVENTS, TELEMETRY

MESSAGE = raw.Message("thing/product/AIR1/osd", b"{}", 1000)


class Says:
    """Stands for the normalizer."""

    def __init__(self, answer) -> None:
        self.answer = answer

    def normalize(self, _message, _source_offset, _recent):
        if isinstance(self.answer, Exception):
            raise self.answer
        return self.answer


def read(answer):
    work, outbox = Normalize(Settings()), Outbox(ordered=(TELEMETRY, EVENTS))
    work._normalizer = Says(answer)
    record = SimpleNamespace(
        topic="windhover.raw", partition=2, offset=9, timestamp=1000, key=b"AIR1",
        value=MESSAGE.payload, headers=raw.encode_headers(MESSAGE),
    )  # fmt: skip
    work._read(record, RecentMessages(), outbox)
    return work, outbox


@pytest.mark.parametrize(
    ("error", "reason"),
    [
        pytest.param(MalformedMessageError("not-json", "at 1"), "not-json", id="a bad message"),
        pytest.param(ZeroDivisionError("oops"), "internal-error", id="a mistake in a decoder"),
        pytest.param(RecursionError(), "internal-error", id="too much for a decoder"),
    ],
)
def test_a_record_that_cannot_be_read_becomes_a_dead_letter_and_nothing_else(error, reason):
    _, outbox = read(error)
    [(topic, (key, value, timestamp, headers))] = outbox._by_key
    found = decode_record(
        SimpleNamespace(partition=0, offset=0, timestamp=timestamp, key=key, value=value, headers=headers)
    )
    assert topic is DEAD_LETTERS
    assert (found.reason, found.origin, found.device) == (reason, "windhover.raw:2:9", "AIR1")
    assert raw.decode_record(found.payload, found.headers, 0) == MESSAGE


def test_replies_and_first_seen_devices_go_by_key_and_the_registry_knows_at_once():
    device = Device("AIR1", 1, "dji", kind="aircraft")
    reply = Command("sys/product/GATE1/status_reply", "{}", 5000)
    work, outbox = read(Normalized(replies=[reply], devices=[device]))
    assert [(topic, entry[0]) for topic, entry in outbox._by_key] == [(COMMANDS, b"GATE1"), (DEVICES, b"AIR1")]
    assert work._registry.get("AIR1") == device


def test_a_message_that_was_dropped_leaves_nothing():
    _, outbox = read(Normalized(dropped="duplicate"))
    assert outbox._by_key == []
    assert not any(outbox._ordered.values())
