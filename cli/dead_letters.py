"""`windhover dead-letters list|show|requeue`: messages that were set aside, and why."""

import asyncio
import re
from datetime import UTC, datetime
from typing import Annotated

import typer

from pipeline import dead_letters
from pipeline.errors import RequestError
from pipeline.settings import load_settings

application = typer.Typer(no_args_is_help=True)

Where = Annotated[str, typer.Argument(metavar="PARTITION:OFFSET", help="One letter, or a range PARTITION:FIRST-LAST.")]


@application.command("list")
def list_letters(count: Annotated[int, typer.Option("--count", "-n", min=1, help="How many.")] = 20) -> None:
    """The newest dead letters, newest first."""
    letters = asyncio.run(dead_letters.newest(load_settings(), count))
    if not letters:
        print("no dead letters")
        return
    print(f"{'where':<12} {'set aside (UTC)':<20} {'reason':<24} {'bytes':>8}  {'device':<20} topic")
    for letter in letters:
        where, when = f"{letter.partition}:{letter.offset}", _time(letter.set_aside_at_ms)
        size = len(letter.payload)
        print(f"{where:<12} {when:<20} {letter.reason:<24} {size:>8}  {letter.device:<20} {_safe(letter.mqtt_topic)}")


@application.command()
def show(where: Where) -> None:
    """All of a dead letter: why, its headers, its bytes with what cannot be printed as escapes."""
    for letter in asyncio.run(dead_letters.read(load_settings(), *span(where))):
        print(f"where      {letter.partition}:{letter.offset}")
        print(f"set aside  {_time(letter.set_aside_at_ms)}")
        print(f"reason     {letter.reason}" + (f" ({_safe(letter.detail)})" if letter.detail else ""))
        print(f"system     {letter.system}")
        print(f"origin     {letter.origin}")
        print(f"device     {_safe(letter.device)}")
        for name, value in letter.headers:
            print(f"header     {_safe(name)}: {printable(value)}")
        print(f"payload    {len(letter.payload)} bytes")
        print(printable(letter.payload))


@application.command()
def requeue(where: Where) -> None:
    """Put dead letters back onto raw: after a decoder was mended or a device registered."""
    print(f"{asyncio.run(_requeue(*span(where)))} requeued")


async def _requeue(partition: int, first: int, last: int) -> int:
    settings = load_settings()
    letters = await dead_letters.read(settings, partition, first, last)
    return await dead_letters.requeue(settings, letters)


def span(where: str) -> tuple[int, int, int]:
    """Partition, first and last offset of `3:17` or `3:17-40`.

    Raises:
        RequestError: it is neither.
    """
    match = re.fullmatch(r"(\d+):(\d+)(?:-(\d+))?", where)
    if match is None:
        raise RequestError(f"{where!r} is not PARTITION:OFFSET or PARTITION:FIRST-LAST, as `list` shows them")
    partition, first, last = match.groups()
    return int(partition), int(first), int(last or first)


def printable(data: bytes) -> str:
    """Text as it is, everything a terminal could take for a command as an escape."""
    return _safe(data.decode("utf-8", "backslashreplace"))


def _safe(text: str) -> str:
    return "".join(
        each if each.isprintable() or each == "\n" else each.encode("unicode_escape").decode() for each in text
    )


def _time(milliseconds: int) -> str:
    return datetime.fromtimestamp(milliseconds / 1000, UTC).strftime("%Y-%m-%d %H:%M:%S")
