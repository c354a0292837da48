import csv
import io
import re

import pytest

from haresreid.evaluation.table_formats import FORMATS
from haresreid.evaluation.tables import make_table
from haresreid.files.csv_files import read_csv


def test_markdown(save_result):
    text = FORMATS['markdown'](make_table([save_result('a', 'sysu/all', 'sysu/indoor')], ['A|B'], metrics=['R1']))
    head, rule, line, _, caption = text.splitlines()
    assert head == '| name | sysu/all R1 | sysu/indoor R1 |' and rule == '| :-- | --: | --: |'
    assert line == r'| A\|B | 34.00 ± 5.74 | 34.00 ± 5.74 |'
    assert 'mean ± standard deviation over 10 trials' in caption and 'Feature: post_bn.' in caption
    assert 'sysu/all: rule_of sysu/all & 100 %.' in caption and 'sysu/indoor: rule_of sysu/indoor' in caption
    assert re.search('Test data: X, fingerprint [0-9a-f]{12}', caption)


def test_csv(save_result):
    files = [
        save_result('a', 'regdb/v2i', 'regdb/i2v', trials=1),
        save_result('b', 'regdb/v2i', trials=1, feature='pre_bn', flip=True),
    ]
    rows = list(csv.DictReader(io.StringIO(FORMATS['csv'](make_table(files, ['A, "1"', 'B'])))))
    assert [(row['name'], row['feature']) for row in rows] == [('A, "1"', 'post_bn'), ('B', 'pre_bn + flip')]
    assert float(rows[0]['regdb/v2i mINP']) == pytest.approx(30, abs=1e-4) and rows[0]['regdb/v2i mINP std'] == ''
    assert rows[1]['regdb/i2v R1'] == ''


def test_names_are_no_formulas_and_come_back(save_result, tmp_path):
    names = ['=cmd|"/c calc"!A0', '-lr 0.1', "'quoted'", '-1']
    table = FORMATS['csv'](
        make_table([save_result(str(number), 'sysu/all') for number in range(4)], names, metrics=['R1'])
    )
    assert [line.split(',')[0] for line in table.splitlines()] == [
        'name',
        '"\'=cmd|""/c calc""!A0"',
        "'-lr 0.1",
        "'quoted'",
        '-1',
    ]
    (tmp_path / 'table.csv').write_text(table, encoding='utf-8')
    rows = read_csv(tmp_path / 'table.csv', ('name', 'sysu/all R1', 'sysu/all R1 std'))
    assert [row['name'] for _, row in rows] == names


@pytest.mark.parametrize('form', FORMATS)
def test_no_name_commands_the_terminal(save_result, form):
    table = FORMATS[form](make_table([save_result('a', 'sysu/all')], ['a\x1b[2J\nb']))
    assert 'x1b[2J' in table and all(map(str.isprintable, table.split('\n')))


def test_latex(save_result):
    files = [save_result('a_1', 'sysu/all', 'sysu/indoor', feature='pre_bn'), save_result('b', 'sysu/all')]
    text = FORMATS['latex'](make_table(files, ['A_1 & 5% #{~^\\}', 'B']))
    lines = text.splitlines()
    for command in (r'\toprule', r'\midrule', r'\bottomrule', r'\begin{table}', r'\end{table}', r'\end{tabular}'):
        assert lines.count(command) == 1
    columns = re.search(r'\\begin\{tabular\}\{(l+)(r+)\}', text)
    assert (len(columns[1]), len(columns[2])) == (2, 10)
    assert r'\cmidrule(lr){3-7} \cmidrule(lr){8-12}' in lines
    for line in (line for line in lines if line.endswith(r'\\')):
        # each \multicolumn{5} stands for five cells
        cells = len(re.findall(r'(?<!\\)&', line)) + 1 + 4 * line.count(r'\multicolumn{5}')
        assert cells == 12, line
    assert r'A\_1 \& 5\% \#\{\textasciitilde{}\textasciicircum{}\textbackslash{}\}' in text
    assert r'rule\_of sysu/all \& 100 \%' in text and r'34.00 $\pm$ 5.74' in text and r'pre\_bn' in text
    assert text.isascii()
    unescaped = re.sub(r'\\.', '', text.split('\n', 1)[1])
    assert unescaped.count('{') == unescaped.count('}') and not re.search('[%#_~^]', unescaped)
