"""What a failed transaction means, by PostgreSQL's error class: wait, set a record aside, or stop."""

from enum import Enum

import psycopg

# https://www.postgresql.org/docs/17/errcodes-appendix.html, first two characters.
_AWAY = frozenset({"08", "25", "40", "53", "55", "57", "58"})  # connection, rollback, resources, locks, shutdown, disk
_OURS = frozenset({"22P04"})  # a COPY file that does not fit its columns is a mistake of this program
_DATA = frozenset({"21", "22", "23", "54"})  # values, constraints, limits such as the size of an index entry


class Failure(Enum):
    """What to do."""

    AWAY = "away"
    DATA = "data"
    BROKEN = "broken"  # a missing table or permission: neither waiting nor setting aside helps


def classify(error: psycopg.Error) -> Failure:
    """What a psycopg error means. One without a code comes from the connection itself."""
    if error.sqlstate is None:
        lost = (psycopg.OperationalError, psycopg.InterfaceError)
        return Failure.AWAY if isinstance(error, lost) else Failure.DATA
    if error.sqlstate in _OURS:
        return Failure.BROKEN
    if error.sqlstate[:2] in _AWAY:
        return Failure.AWAY
    return Failure.DATA if error.sqlstate[:2] in _DATA else Failure.BROKEN


def first_line(error: BaseException) -> str:
    """The first line of an error's text, for one-line messages."""
    lines = str(error).strip().splitlines()
    return lines[0] if lines else type(error).__name__
