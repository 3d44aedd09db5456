"""JSON answers by orjson: times in UTC with `Z`, nothing that is null."""

from collections.abc import Mapping
from typing import Any

import orjson
from starlette.responses import Response


def present(row: Mapping[str, Any]) -> dict[str, Any]:
    """The members of a row that are known: what is unknown is absent, never null."""
    return {name: value for name, value in row.items() if value is not None}


class JsonAnswer(Response):
    """A value as JSON. Not for caches: it is one account's."""

    media_type = "application/json"

    def render(self, content: object) -> bytes:
        """The bytes."""
        return orjson.dumps(content, option=orjson.OPT_UTC_Z)

    def init_headers(self, headers: Mapping[str, str] | None = None) -> None:
        """Every answer says that it must not be kept."""
        super().init_headers({"Cache-Control": "no-store", **(headers or {})})
