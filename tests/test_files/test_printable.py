import pytest
from hypothesis import given
from hypothesis import strategies as st

from haresreid.files.printable import printable, shortened


@pytest.mark.parametrize(
    'name, shown',
    [
        ('cam 1/Jürgen 中文 🙂.jpg', 'cam 1/Jürgen 中文 🙂.jpg'),
        ('C:\\crops\\a.jpg', 'C:\\crops\\a.jpg'),
        ('\x1b[2J\x1b]0;owned\x07', '\\x1b[2J\\x1b]0;owned\\x07'),
        ('a\nerror: b\r', 'a\\nerror: b\\r'),
        ('\x9b31m', '\\x9b31m'),  # the one-byte form of ESC [
        ('\u202egpj.exe', '\\u202egpj.exe'),  # right to left: shown as exe.jpg
        ('\udcff.jpg', '\\udcff.jpg'),  # a byte of another encoding, as Python holds it
    ],
)
def test_only_plain_characters_reach_a_terminal(name, shown):
    assert printable(name) == shown


@given(st.text())
def test_whatever_it_is_it_stays_on_its_line(name):
    assert printable(name).isprintable() and len(printable(name).encode().splitlines()) <= 1


def test_any_object(tmp_path):
    assert printable(tmp_path / '\t') == f'{tmp_path}/\\t'
    assert printable(ValueError('\x07')) == '\\x07'


def test_what_is_found_is_quoted_and_cut():
    assert shortened('do\x1bor') == "'do\\x1bor'" and shortened(3) == "'3'"
    assert len(shortened('9' * 5000)) < 70
