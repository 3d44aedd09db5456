"""`windhover decode`: a line in, a line out."""

import base64
import io
import json

import pytest
import typer
from decoder_checks import RECEIVED_AT_MS, THING, USER, load, payload_of

from cli.decode import decode
from pipeline.errors import ConfigurationError

TEXT = f"v1/{USER}/things/{THING}/data/3"


def run(monkeypatch, capsys, *lines, **options):
    text = "".join((line if isinstance(line, str) else json.dumps(line)) + "\n" for line in lines)
    monkeypatch.setattr("sys.stdin", io.StringIO(text))
    code = 0
    try:
        decode(**options)
    except typer.Exit as stopped:
        code = stopped.exit_code
    shown = capsys.readouterr()
    return [json.loads(line) for line in shown.out.splitlines()], shown.err, code


def test_a_reading_is_told(monkeypatch, capsys):
    [line], errors, code = run(
        monkeypatch, capsys, {"topic": TEXT, "payload": "temp,k=293.15", "received_at_ms": RECEIVED_AT_MS}
    )
    assert (line["outcome"], line["reason"], line["flags"], line["events"], line["replies"]) == (
        "accept",
        None,
        [],
        [],
        [],
    )
    assert line["telemetry"][0]["readings"] == [{"channel": "3", "value": 20.0, "type": "temp", "unit": "c"}]
    assert (errors, code) == ("", 0)


def test_a_payload_may_be_json_or_base64(monkeypatch, capsys):
    osd = load("dji_flights.jsonl")[5]
    bytes_of_it = base64.b64encode(payload_of(osd)).decode()
    lines, _, _ = run(
        monkeypatch,
        capsys,
        {"topic": osd["topic"], "payload": osd["payload"]},
        {"topic": osd["topic"], "payload_base64": bytes_of_it},
        {"topic": osd["topic"], "payload": json.dumps(osd["payload"])},
    )
    assert len({line["telemetry"][0]["latitude_deg"] for line in lines}) == 1
    assert [line["outcome"] for line in lines] == ["accept"] * 3


def test_a_dead_letter_says_why(monkeypatch, capsys):
    [line], _, code = run(monkeypatch, capsys, {"topic": "random/topic", "payload": ""})
    assert (line["outcome"], line["reason"], line["telemetry"], code) == ("dead-letter", "unknown-topic", [], 0)


def test_retained_is_a_replay(monkeypatch, capsys):
    [line], _, _ = run(monkeypatch, capsys, {"topic": TEXT, "payload": "1", "retain": True})
    assert (line["outcome"], line["flags"], line["telemetry"]) == ("accept", ["replay"], [])


@pytest.mark.parametrize(
    "wrong",
    [
        "{",
        "[]",
        "{}",
        '{"topic":"a"}',
        '{"topic":"a","payload_base64":"%"}',
        '{"topic":"a","payload":"","received_at_ms":"x"}',
    ],
)
def test_a_wrong_line_is_named_and_the_others_are_still_decoded(monkeypatch, capsys, wrong):
    lines, errors, code = run(
        monkeypatch, capsys, {"topic": TEXT, "payload": "1"}, wrong, {"topic": TEXT, "payload": "2"}
    )
    assert len(lines) == 2
    assert errors.startswith("standard input line 2: ")
    assert len(errors.splitlines()) == 1
    assert code == 2


def test_offline_a_thing_belongs_to_the_user_of_its_topic_and_to_nobody_else(monkeypatch, capsys):
    foreign = TEXT.replace(USER, "somebody-else")
    lines, _, _ = run(monkeypatch, capsys, {"topic": TEXT, "payload": "1"}, {"topic": foreign, "payload": "1"})
    assert [line["reason"] for line in lines] == [None, "not-authorised"]


def test_with_devices_given_only_these_are_known(monkeypatch, capsys, tmp_path):
    known = tmp_path / "devices.jsonl"
    known.write_text(
        json.dumps({"device": THING, "account": 5, "family": "cayenne", "kind": "thing", "mqtt_user": USER})
    )
    other = TEXT.replace(THING, "another")
    lines, _, _ = run(
        monkeypatch, capsys, {"topic": TEXT, "payload": "1"}, {"topic": other, "payload": "1"}, devices=known
    )
    assert [line["reason"] for line in lines] == [None, "unknown-device"]
    assert lines[0]["telemetry"][0]["account"] == 5


def test_files_are_read_one_after_another(monkeypatch, capsys, tmp_path):
    paths = [tmp_path / "a.jsonl", tmp_path / "b.jsonl"]
    for number, path in enumerate(paths):
        path.write_text(json.dumps({"topic": TEXT, "payload": str(number)}) + "\n\n")
    lines, _, _ = run(monkeypatch, capsys, files=paths)
    assert [line["telemetry"][0]["readings"][0]["value"] for line in lines] == [0, 1]


def test_a_file_that_is_not_there_is_named(tmp_path):
    with pytest.raises(ConfigurationError, match=r"missing\.jsonl"):
        decode(files=[tmp_path / "missing.jsonl"])


def test_messages_are_not_taken_for_duplicates_of_each_other(monkeypatch, capsys):
    osd = load("dji_flights.jsonl")[5]
    lines, _, _ = run(monkeypatch, capsys, *[{"topic": osd["topic"], "payload": osd["payload"]}] * 2)
    assert all(line["telemetry"] for line in lines)
