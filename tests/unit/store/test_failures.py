import psycopg
import pytest
from psycopg.errors import lookup

from pipeline.store.failures import Failure, classify, first_line

ALL = [each for each in vars(psycopg.errors).values() if isinstance(each, type) and issubclass(each, psycopg.Error)]


@pytest.mark.parametrize("error", ALL, ids=lambda each: each.__name__)
def test_every_error_of_psycopg_has_a_meaning(error):
    assert classify(error("words")) in Failure


@pytest.mark.parametrize(
    ("sqlstate", "meaning"),
    [
        pytest.param("57P01", Failure.AWAY, id="backend terminated"),
        pytest.param("57P03", Failure.AWAY, id="starting up"),
        pytest.param("53100", Failure.AWAY, id="disk full"),
        pytest.param("40P01", Failure.AWAY, id="deadlock"),
        pytest.param("08006", Failure.AWAY, id="connection lost"),
        pytest.param("22021", Failure.DATA, id="NUL in a text"),
        pytest.param("22P05", Failure.DATA, id="NUL in jsonb"),
        pytest.param("23503", Failure.DATA, id="no such account"),
        pytest.param("54000", Failure.DATA, id="too long for an index"),
        pytest.param("22P04", Failure.BROKEN, id="our COPY file is wrong"),
        pytest.param("42P01", Failure.BROKEN, id="table missing"),
        pytest.param("28P01", Failure.BROKEN, id="wrong password"),
    ],
)
def test_what_to_do_follows_from_the_code(sqlstate, meaning):
    assert classify(lookup(sqlstate)("words")) is meaning


@pytest.mark.parametrize(
    "error", [psycopg.OperationalError("server closed the connection"), psycopg.InterfaceError("closed")]
)
def test_an_error_of_the_connection_itself_means_away(error):
    assert classify(error) is Failure.AWAY


def test_messages_are_one_line():
    assert first_line(psycopg.OperationalError("one\ntwo\n")) == "one"
    assert first_line(psycopg.OperationalError()) == "OperationalError"
