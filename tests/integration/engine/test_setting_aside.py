"""Messages that cannot be read or stored cost themselves alone, and can be put back."""

import asyncio

import msgspec
import psycopg
from engine_processes import (
    counted,
    dji_message,
    raw_entries,
    raw_name,
    running,
    sample,
    send,
    telemetry_entries,
    telemetry_name,
    until,
)
from typer.testing import CliRunner

from cli.dead_letters import application
from pipeline import dead_letters, kafka
from pipeline.settings import to_environment
from schemas import raw, telemetry
from schemas.topics import RAW, TELEMETRY


def windhover(settings, *arguments):
    result = CliRunner().invoke(application, arguments, env=to_environment(settings))
    assert result.exit_code == 0, result.output
    return result.output


def test_a_broken_message_is_set_aside_whole_and_can_be_shown_and_requeued(settings, tmp_path):
    good = [(number % 4, dji_message(f"AIR{number % 4}", number)) for number in range(40)]
    broken = raw.Message("thing/product/AIR1/osd", b'{"data": \x1b[31m', 1_763_600_000_000)
    with running("normalize", settings, tmp_path), running("land", settings, tmp_path):
        asyncio.run(send(settings, raw_name(settings), raw_entries([*good[:21], (1, broken), *good[21:]])))
        until(lambda: counted(settings.database)[0] == 40, 90, "rows of all good messages")
        [letter] = until_letters(settings, 1)
        assert (letter.payload, letter.reason, letter.mqtt_topic) == (broken.payload, "not-json", broken.topic)
        assert letter.origin.startswith(f"{raw_name(settings)}:1:")

        where = f"{letter.partition}:{letter.offset}"
        assert "not-json" in windhover(settings, "list")
        shown = windhover(settings, "show", where)
        assert "\\x1b[31m" in shown
        assert "\x1b" not in shown

        assert "1 requeued" in windhover(settings, "requeue", where)
        newest = until_letters(settings, 2)[0]
        assert newest.payload == broken.payload
        assert (raw.REQUEUED_FROM, where.encode()) in list(newest.headers)


def until_letters(settings, count):
    found = []

    def there():
        found[:] = asyncio.run(dead_letters.newest(settings, 10))
        return len(found) == count

    until(there, 60, f"{count} dead letters")
    return found


def test_telemetry_that_the_database_refuses_is_set_aside_as_the_raw_message_it_was(settings, tmp_path):
    messages = [dji_message("AIR0", number) for number in range(10)]
    samples = [sample("AIR0", number) for number in range(10)]
    samples[4] = msgspec.structs.replace(samples[4], flags="bad\0text")
    asyncio.run(send(settings, raw_name(settings), raw_entries((0, message) for message in messages)))
    with running("land", settings, tmp_path):
        asyncio.run(send(settings, telemetry_name(settings), telemetry_entries((0, each) for each in samples)))
        until(lambda: counted(settings.database)[0] == 9, 90, "rows of the others")
        [letter] = until_letters(settings, 1)
    assert letter.reason == "not-storable"
    assert letter.payload == messages[4].payload
    assert letter.origin == f"{raw_name(settings)}:0:4"
    with psycopg.connect(settings.database) as connection:
        where = "topic = %s and partition = 0"
        moved = connection.execute(
            f"select next_offset from store.landed_offset where {where}", (telemetry_name(settings),)
        )
        assert moved.fetchone() == (10,)


def test_a_restarted_normalizer_still_knows_what_it_has_seen(settings, tmp_path):
    first = dji_message("AIR0", 1)
    again = msgspec.structs.replace(first, duplicate=True)
    with running("normalize", settings, tmp_path) as normalize, running("land", settings, tmp_path):
        asyncio.run(send(settings, raw_name(settings), raw_entries([(0, first)])))
        until(lambda: counted(settings.database)[0] == 1, 90, "the row")
        assert normalize.stop() == 0
        normalize.start()
        asyncio.run(send(settings, raw_name(settings), raw_entries([(0, again), (0, dji_message("AIR0", 2))])))
        until(lambda: counted(settings.database)[0] >= 2, 90, "the row of the other message")
    assert counted(settings.database) == (2, 2)


def test_every_record_keeps_its_partition_and_its_order(settings, tmp_path):
    messages = [(number % 4, dji_message(f"AIR{number % 4}", number)) for number in range(2000)]
    with running("normalize", settings, tmp_path), running("land", settings, tmp_path):
        asyncio.run(send(settings, raw_name(settings), raw_entries(messages)))
        until(lambda: counted(settings.database)[0] == 2000, 90, "all rows")

    async def told():
        return [await kafka.read_records(settings, TELEMETRY, number, 0, 10**9) for number in range(4)]

    for number, records in enumerate(asyncio.run(told())):
        said = [telemetry.DECODER.decode(record.value) for record in records]
        assert {each.device for each in said} == {f"AIR{number}"}
        assert [each.source_offset for each in said] == list(range(500))
    assert asyncio.run(kafka.partition_counts(settings, [RAW])) == {RAW: 4}
