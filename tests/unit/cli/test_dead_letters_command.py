import pytest

from cli.dead_letters import printable, span
from pipeline.errors import RequestError


@pytest.mark.parametrize(("where", "found"), [("3:17", (3, 17, 17)), ("0:5-9", (0, 5, 9))])
def test_a_place_is_one_letter_or_a_range(where, found):
    assert span(where) == found


@pytest.mark.parametrize("where", ["", "3", "3:", "3:x", "3:5-", "-1:5", "3:5:6"])
def test_what_is_no_place_is_refused_with_its_form(where):
    with pytest.raises(RequestError, match="PARTITION:OFFSET"):
        span(where)


@pytest.mark.parametrize(
    ("data", "text"),
    [
        (b'{"a": 1}\n', '{"a": 1}\n'),
        ("Höhe".encode(), "Höhe"),
        (b"\x1b[31mred", "\\x1b[31mred"),
        (b"\xff\x00", "\\xff\\x00"),
        ("\u202e".encode(), "\\u202e"),
    ],
)
def test_bytes_are_shown_without_doing_anything_to_a_terminal(data, text):
    assert printable(data) == text
