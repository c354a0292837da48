import json
import os

import pytest
from hypothesis import given
from hypothesis import strategies as st

from haresreid.files.text_files import read_json, read_records, read_text

TEXT = 'Jürgen\n\n中文,1\n'


@pytest.mark.parametrize('encoding', ['utf-8', 'utf-8-sig', 'utf-16'])
def test_utf8_and_what_says_that_it_is_utf16_are_read(tmp_path, encoding):
    (tmp_path / 'list.txt').write_bytes(TEXT.encode(encoding))
    assert read_text(tmp_path / 'list.txt') == TEXT


@pytest.mark.parametrize(
    'content, line, found',
    [
        ('1\n2\nJürgen\n'.encode('cp1252'), 3, 'no text in UTF-8 .byte 0xfc'),
        ('a\nb'.encode('utf-16-le'), 1, 'NUL'),
        ('a\nb'.encode('utf-32'), 1, 'NUL'),
        ('a\nb'.encode('utf-16') + b'\n', 2, 'no text in UTF-16'),
        (b'path\n1\n\0', 3, 'NUL'),
        (b'\xef\xbb\xbfpath\n\xe9', 2, 'byte 0xe9'),
    ],
)
def test_another_encoding_is_named_with_its_line_and_the_remedy(tmp_path, content, line, found):
    (tmp_path / 'list.txt').write_bytes(content)
    with pytest.raises(ValueError, match=rf'list\.txt, line {line}: .*{found}.*save the file as UTF-8'):
        read_text(tmp_path / 'list.txt')


def test_json(tmp_path):
    file = tmp_path / 'metrics.json'
    file.write_text('{"R1": 0.5}', encoding='utf-16')
    assert read_json(file) == {'R1': 0.5}
    for content, message in (
        ('{\n"R1": 0.5,\n', 'line 3: this is no JSON'),
        ('', 'line 1: this is no JSON'),
        ('[' * 100_000, 'is JSON that nobody wrote'),
        ('9' * 5000, 'is JSON that nobody wrote'),
    ):
        file.write_text(content)
        with pytest.raises(ValueError, match=rf'metrics\.json.*{message}'):
            read_json(file)


@given(st.binary() | st.text().map(json.dumps).map(str.encode))
def test_any_bytes_are_json_or_one_sentence_that_names_the_file(tmp_path_factory, content):
    file = tmp_path_factory.getbasetemp() / 'any.json'
    file.write_bytes(content)
    try:
        read_json(file)
    except ValueError as error:
        assert str(error).startswith(str(file)) and '\n' not in str(error)


def test_records_are_the_whole_lines_of_a_log(tmp_path):
    file = tmp_path / 'scalars.json'
    file.write_text('{"loss": 1}\n\n{"loss"\n[1]\n' + '[' * 100_000 + '\n{"loss": 2}\n{"lo')
    assert read_records(file) == [dict(loss=1), dict(loss=2)]
    file.write_bytes(b'{"loss": 1}\n\xff\n')
    with pytest.raises(ValueError, match=r'scalars\.json, line 2: this is no text in UTF-8'):
        read_records(file)


@pytest.mark.skipif(not hasattr(os, 'mkfifo'), reason='no pipes in a folder')
@pytest.mark.parametrize('read', [read_text, read_json, read_records])
def test_a_pipe_or_a_device_in_the_place_of_a_file_is_refused_unopened(tmp_path, read):
    os.mkfifo(tmp_path / 'pipe.json')
    (tmp_path / 'device.json').symlink_to('/dev/zero')
    for name in ('pipe.json', 'device.json'):
        with pytest.raises(ValueError, match=f'{name} is a pipe or a device'):
            read(tmp_path / name)
