"""The Faust schema of a chunk: nothing is decoded on the way to the agent."""

from typing import Any

import faust


class ChunkSchema(faust.Schema):  # type: ignore[misc]  # Faust is untyped here
    """Hands the chunk through as the event's value, without a key."""

    def loads_key(self, app: Any, message: Any, **options: Any) -> None:
        """No key: the records have theirs."""

    def loads_value(self, app: Any, message: Any, **options: Any) -> Any:  # noqa: ARG002
        """The chunk."""
        return message.value
