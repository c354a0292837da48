import csv
import io

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from haresreid.files.csv_files import csv_text, read_csv

COLUMNS = dict(required=('path', 'camera'), optional=('mAP',))


def write(folder, text, encoding='utf-8'):
    (folder / 'list.csv').write_bytes(text.encode(encoding))
    return folder / 'list.csv'


def read(folder, text):
    return list(read_csv(write(folder, text), **COLUMNS))


def test_lines_and_their_numbers(tmp_path):
    assert read(tmp_path, 'path,camera\na.jpg,3\n\n , \nb.jpg,\n') == [
        (2, dict(path='a.jpg', camera='3')),
        (5, dict(path='b.jpg', camera='')),
    ]


@pytest.mark.parametrize(
    'text',
    [
        'camera , PATH\n3,a.jpg\n',
        '\ufeffPath,Camera\r\na.jpg,3\r\n',
        'path,camera\ra.jpg,3',
        '\n"path", "camera"\n "a.jpg", 3 \n',
        'path,camera,,\na.jpg,3,,\n,,,\n',
    ],
)
def test_blanks_case_order_and_what_spreadsheets_leave(tmp_path, text):
    ((_, cells),) = read(tmp_path, text)
    assert cells == dict(path='a.jpg', camera='3')


def test_utf16_of_a_spreadsheet(tmp_path):
    file = write(tmp_path, 'path,camera\nJürgen.jpg,3\n', 'utf-16')
    assert [cells['path'] for _, cells in read_csv(file, **COLUMNS)] == ['Jürgen.jpg']


@pytest.mark.parametrize(
    'text, message',
    [
        ('', 'list.csv is empty; its first line names the columns path,camera,mAP'),
        ('path\na.jpg\n', 'its first line lacks camera; the columns are path,camera,mAP'),
        ('path,cam\n', "unknown column 'cam': did you mean 'camera'[?] the columns are path,camera,mAP"),
        ('path,camera,map@1\n', "unknown column 'map@1': did you mean 'mAP'"),
        ('path,camera,note\n', "unknown column 'note': correct its name or leave it out"),
        ('path;camera\n', "here by ';': save it with commas"),
        ('path\tcamera\n', r"here by '\\t': save it with commas"),
        ('path,camera,\x1b\n', r"unknown column '\\x1b'"),
        ('path,,camera\n', "unknown column ''"),
        ('path,camera, Camera\n', 'the column camera twice'),
        ('path,camera\na.jpg\n', 'line 2: it has 1 cell for the 2 columns path,camera'),
        ('path,camera\na.jpg,3\na,b.jpg,3\n', 'line 3: it has 3 cells'),
        ('path,camera\n\n"a.jpg,3\nb.jpg,4\n', 'line 3: a cell cannot be read .*quotation mark'),
        ('path,camera\n"a"b.jpg,3\n', 'line 2: a cell cannot be read'),
        ('path,camera\n"a.jpg,3\n' + 'b.jpg,4\n' * 20_000, 'line 2: a cell cannot be read'),
    ],
)
def test_the_line_and_the_remedy_are_named(tmp_path, text, message):
    with pytest.raises(ValueError, match=message) as refusal:
        read(tmp_path, text)
    assert str(tmp_path / 'list.csv') in str(refusal.value) and len(str(refusal.value)) < 300 + len(str(tmp_path))


PIECES = st.sampled_from(
    ['path', 'camera', 'a.jpg', '3', ',', ',', '\n', '\n', '"', "'", ';', '\r', ' ', '\0', '\ufeff', 'é']
)
TEXTS = st.lists(PIECES).map(''.join)


@given(
    st.binary()
    | TEXTS.map(str.encode)
    | TEXTS.map(lambda text: f'path,camera\n{text}'.encode('utf-16'))
    | TEXTS.map(lambda text: f'path,camera\n{text}'.encode('cp1252', 'ignore'))
)
def test_any_bytes_are_lines_or_one_sentence_that_names_the_file(tmp_path_factory, content):
    file = tmp_path_factory.getbasetemp() / 'any.csv'
    file.write_bytes(content)
    try:
        assert all(cells.keys() >= {'path', 'camera'} for _, cells in read_csv(file, **COLUMNS))
    except ValueError as error:
        assert str(error).startswith(str(file)) and '\n' not in str(error)


@pytest.mark.parametrize(
    'cell, written',
    [
        ('=cmd|"/c calc"!A0', '"\'=cmd|""/c calc""!A0"'),
        ('+1+1', "'+1+1"),
        ('-x', "'-x"),
        ('@SUM(A1)', "'@SUM(A1)"),
        ('\t=1', "'\t=1"),
        ('＝1', "'＝1"),
        (' =1', "' =1"),
        ("'=1", "''=1"),
        ('-1', '-1'),
        ('-0.3500', '-0.3500'),
        ('+1e-05', '+1e-05'),
        (-0.35, '-0.35'),
        (np.float64(-0.5), '-0.5'),
        (None, ''),
        ('a, b', '"a, b"'),
        ("'tis", "'tis"),
        ('–', '–'),
    ],
)
def test_what_a_spreadsheet_would_compute_is_marked_as_text(cell, written):
    assert csv_text([['a', cell]]) == f'a,{written}\n'


CELLS = st.text(st.characters(exclude_characters='\0', exclude_categories=['Cs'])) | st.text('\'=-1 \t\r\n",')


@given(CELLS, CELLS)
def test_a_written_file_gives_its_cells_back(tmp_path_factory, first, second):
    file = tmp_path_factory.getbasetemp() / 'written.csv'
    file.write_bytes(csv_text([['path', 'camera'], ['kept', ''], [first, second]]).encode())
    cells = [list(cells.values()) for _, cells in read_csv(file, **COLUMNS)]
    assert cells == [['kept', ''], *([[first, second]] if first or second else [])]


@given(CELLS)
def test_no_cell_is_a_formula(cell):
    ((_, shown),) = csv.reader(io.StringIO(csv_text([['a', cell]]), newline=''))
    assert not shown.lstrip().startswith(('=', '+', '-', '@', '＝')) or float(shown) is not None


def test_names_of_another_encoding_can_be_written():
    assert csv_text([['\udcff.jpg']]).encode() == b'\\udcff.jpg\n'
