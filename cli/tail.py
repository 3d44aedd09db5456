"""`windhover tail`: follow normalized telemetry in the terminal."""

import asyncio
from datetime import UTC, datetime
from typing import Annotated, Any

import msgspec
import orjson
import typer

from pipeline import kafka
from pipeline.settings import Settings, load_settings
from schemas.telemetry import DECODER, to_json
from schemas.topics import TELEMETRY

_NOT_VALUES = frozenset(
    {
        "type", "device", "account", "source_offset", "observed_at_ms", "received_at_ms", "family", "kind", "gateway",
        "flags", "readings",
    }
)  # fmt: skip


def tail(
    device: Annotated[str | None, typer.Argument(help="Only this device.")] = None,
    *,
    from_beginning: Annotated[bool, typer.Option(help="All that is kept, then what comes.")] = False,
    json: Annotated[bool, typer.Option("--json", help="One JSON object a line.")] = False,
) -> None:
    """Follow normalized telemetry as it comes, until Ctrl-C."""
    try:
        asyncio.run(_follow(load_settings(), device, from_beginning=from_beginning, as_json=json))
    except KeyboardInterrupt:
        raise typer.Exit(0) from None


async def _follow(settings: Settings, device: str | None, *, from_beginning: bool, as_json: bool) -> None:
    key = None if device is None else device.encode()
    async for records in kafka.follow(settings, TELEMETRY, from_beginning=from_beginning):
        for record in records:
            if key is None or record.key == key:
                print(_line(record, as_json=as_json), flush=True)


def _line(record: kafka.Record, *, as_json: bool) -> str:
    where = f"{record.partition}:{record.offset}"
    try:
        named = to_json(DECODER.decode(record.value or b""))
    except msgspec.MsgspecError as error:
        return orjson.dumps({"error": str(error), "record": where}).decode() if as_json else f"{where} {error}"
    return orjson.dumps(named).decode() if as_json else readable(named)


def readable(named: dict[str, Any]) -> str:
    """One line for people: when, which device, then each value with its name; flags last."""
    when = datetime.fromtimestamp(named["observed_at_ms"] / 1000, UTC).strftime("%H:%M:%S.%f")[:-3]
    values = [f"{name}={_short(value)}" for name, value in named.items() if name not in _NOT_VALUES]
    for reading in named.get("readings", ()):
        unit = f" {reading['unit']}" if "unit" in reading else ""
        values.append(f"{reading['channel']}={_short(reading.get('value', reading.get('text')))}{unit}")
    flags = f"  [{', '.join(named['flags'])}]" if "flags" in named else ""
    return f"{when} {named['device']:<20} {' '.join(values)}{flags}"


def _short(value: Any) -> str:
    return f"{value:.7g}" if isinstance(value, float) else str(value)
