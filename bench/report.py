"""How every bench reports: figures for people, and with `--json` one last line that programs read."""

from collections.abc import Mapping
from typing import Any

import orjson


def show(title: str, figures: Mapping[str, Any], *, as_json: bool) -> None:
    """Print the figures as a table, and as the last line as JSON when asked."""
    print(title)
    width = max(len(name) for name in figures)
    for name, value in figures.items():
        if isinstance(value, Mapping):
            value = "  ".join(f"{part} {figure}" for part, figure in value.items())  # noqa: PLW2901 - shown, not kept
        print(f"  {name:<{width}}  {value}")
    if as_json:
        print(orjson.dumps(dict(figures)).decode(), flush=True)
