"""SQL as files: migrations and named queries. Python reads them from here and never builds SQL from strings."""

from functools import cache
from pathlib import Path

FOLDER = Path(__file__).parent


@cache
def query(name: str) -> str:
    """The text of `sql/queries/{name}.sql`."""
    return (FOLDER / "queries" / f"{name}.sql").read_text()
