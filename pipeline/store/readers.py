"""The login of dashboards: reads the views, sees no table, changes nothing."""

import sql
from pipeline.store.connection import connect, translated

READER = "windhover_reader"


def ensure_reader(dsn: str, password: str) -> None:
    """Make the login `READER` or give it this password, and the right to read every view there is now.

    Raises:
        UnavailableError: the database is away.
    """
    with connect(dsn, "ensure-reader") as connection, translated():
        connection.execute(sql.query("remember_reader_password"), (password,))
        connection.execute(sql.query("ensure_reader"))
