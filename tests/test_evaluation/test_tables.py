import csv
import io
import json
import re
import runpy
import sys
from pathlib import Path

import numpy as np
import pytest

from haresreid.evaluation import METRIC_NAMES, FeatureSet, ProtocolResult, write_results
from haresreid.evaluation.tables import FORMATS, make_table
from haresreid.files.csv_files import read_csv

TOOL = str(Path(__file__).parents[2] / 'tools' / 'analysis' / 'make_table.py')


def result(protocol, base, trials=10, first_trial=0):
    """R1 = base, R5 = base + 0.01, ...; trials differ by 0.02."""
    values = [base + 0.01 * number + 0.02 * np.arange(trials) for number in range(len(METRIC_NAMES))]
    return ProtocolResult(
        name=protocol,
        description=f'rule_of {protocol} & 100 %',
        trials=tuple(range(first_trial, first_trial + trials)),
        figures=dict(zip(METRIC_NAMES, values)),
        cmc=np.zeros((trials, 20)),
        num_queries=1,
        num_valid=np.ones(trials, int),
        num_gallery=np.ones(trials, int),
    )


@pytest.fixture
def save(tmp_path):
    """Write a result file with the rows ours, hog (always the same) and what is asked for; its path."""

    def save(name, *protocols, base=0.25, trials=10, first_trial=0, image='a', more_rows=(), **info):
        rows = dict(ours=base, hog=0.1, **dict.fromkeys(more_rows, 0.5))
        results = {
            protocol: {row: result(protocol, value, trials, first_trial) for row, value in rows.items()}
            for protocol in protocols
        }
        feature_set = FeatureSet(
            np.eye(2),
            [1, 1],
            [1, 2],
            [0, 1],
            [f'{image}/v.jpg', f'{image}/i{image}.jpg'],
            dict(dict(feature='post_bn', flip=False, dataset=dict(dataset='X')), **info),
        )
        write_results(tmp_path / f'{name}.json', results, feature_set)
        return tmp_path / f'{name}.json'

    return save


def refusal(*files, **options):
    with pytest.raises(ValueError) as error:
        make_table(files, **options)
    return str(error.value)


def test_one_line_per_file_one_group_per_protocol(save):
    files = [save('a', 'sysu/all', 'sysu/indoor'), save('b', 'sysu/all', base=0.5)]
    table = make_table(files, names=['A', 'B'], metrics=['R1', 'mAP'])
    assert table.columns == [('sysu/all', 'R1'), ('sysu/all', 'mAP'), ('sysu/indoor', 'R1'), ('sysu/indoor', 'mAP')]
    assert [labels for labels, _ in table.lines] == [['A'], ['B']]
    # mean of base + 0.02 * (0..9) and its standard deviation
    mean, std = table.lines[1][1]['sysu/all', 'mAP']
    assert mean == pytest.approx(100 * (0.5 + 0.04 + 0.09), abs=1e-9)
    assert std == pytest.approx(2 * np.std(range(10)), abs=1e-9)
    assert ('sysu/indoor', 'R1') not in table.lines[1][1]


def test_markdown(save):
    text = FORMATS['markdown'](make_table([save('a', 'sysu/all', 'sysu/indoor')], ['A|B'], metrics=['R1']))
    head, rule, line, _, caption = text.splitlines()
    assert head == '| name | sysu/all R1 | sysu/indoor R1 |' and rule == '| :-- | --: | --: |'
    assert line == r'| A\|B | 34.00 ± 5.74 | 34.00 ± 5.74 |'
    assert 'mean ± standard deviation over 10 trials' in caption and 'Feature: post_bn.' in caption
    assert 'sysu/all: rule_of sysu/all & 100 %.' in caption and 'sysu/indoor: rule_of sysu/indoor' in caption
    assert re.search('Test data: X, fingerprint [0-9a-f]{12}', caption)


def test_csv(save):
    files = [
        save('a', 'regdb/v2i', 'regdb/i2v', trials=1),
        save('b', 'regdb/v2i', trials=1, feature='pre_bn', flip=True),
    ]
    rows = list(csv.DictReader(io.StringIO(FORMATS['csv'](make_table(files, ['A, "1"', 'B'])))))
    assert [(row['name'], row['feature']) for row in rows] == [('A, "1"', 'post_bn'), ('B', 'pre_bn + flip')]
    assert float(rows[0]['regdb/v2i mINP']) == pytest.approx(30, abs=1e-4) and rows[0]['regdb/v2i mINP std'] == ''
    assert rows[1]['regdb/i2v R1'] == ''


def test_names_are_no_formulas_and_come_back(save, tmp_path):
    names = ['=cmd|"/c calc"!A0', '-lr 0.1', "'quoted'", '-1']
    table = FORMATS['csv'](make_table([save(str(number), 'sysu/all') for number in range(4)], names, metrics=['R1']))
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
def test_no_name_commands_the_terminal(save, form):
    table = FORMATS[form](make_table([save('a', 'sysu/all')], ['a\x1b[2J\nb']))
    assert 'x1b[2J' in table and all(map(str.isprintable, table.split('\n')))


def test_latex(save):
    files = [save('a_1', 'sysu/all', 'sysu/indoor', feature='pre_bn'), save('b', 'sysu/all')]
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


def test_reranked_rows_are_labelled_and_references_stand_once(save):
    files = [save('a', 'sysu/all', more_rows=['ours + k-reciprocal']), save('b', 'sysu/all')]
    default, chosen = (make_table(files, ['A', 'B'], rows=rows).lines for rows in (None, ['hog', 'ours']))
    assert [labels for labels, _ in default] == [['A'], ['A + k-reciprocal'], ['B']]
    assert [labels for labels, _ in chosen] == [['hog'], ['A'], ['B']]


@pytest.mark.parametrize(
    'ours, theirs',
    [
        ('sysu/all', 'sysu/all-official'),
        ('sysu/indoor', 'sysu/all-10shot'),
        ('llcm/v2i', 'llcm/v2i-legacy'),
        ('llcm/i2v', 'llcm/v2i-legacy'),
        ('sysu/all-10shot', 'sysu/all-10shot-official'),
        ('regdb/v2i', 'own/v2i'),
        ('sysu/all', 'sysu/all (given gallery)'),
    ],
)
def test_different_protocols_are_refused(save, ours, theirs):
    message = refusal(save('a', ours), save('b', theirs))
    assert f'a.json has figures of {ours}, and' in message and f'b.json of {theirs}: different protocols' in message


def test_a_file_of_two_protocols_is_refused_until_one_is_chosen(save):
    file = save('a', 'llcm/v2i-legacy', 'llcm/i2v')
    assert 'a.json has figures of llcm/v2i-legacy, and' in refusal(file)
    assert make_table([file], protocols=['llcm/i2v']).protocols == ['llcm/i2v']
    assert 'b.json has no figures of llcm/i2v' in refusal(file, save('b', 'llcm/v2i'), protocols=['llcm/i2v'])


def test_one_split_and_the_mean_over_splits_are_refused(save):
    one = save('one', 'regdb/v2i', trials=1, dataset=dict(dataset='RegDB', split=3))
    other = save('other', 'regdb/v2i', trials=1, dataset=dict(dataset='RegDB', split=4))
    ten = save('ten', 'regdb/v2i', first_trial=1, dataset=dict(dataset='RegDB', splits=[*range(1, 11)]))
    assert 'one.json has figures of regdb/v2i, split 3 alone, and' in refusal(one, ten)
    assert 'ten.json of regdb/v2i, mean over the splits 1 to 10:' in refusal(one, ten)
    assert 'other.json of regdb/v2i, split 4 alone:' in refusal(one, other)
    assert 'over the splits 1 to 10, one model each' in make_table([ten]).caption


def test_other_test_data_is_refused(save):
    message = refusal(save('a', 'sysu/all'), save('b', 'sysu/all', image='b'))
    assert re.search(r'a\.json and .*b\.json are of different test data \(fingerprints \w{12} and \w{12}\)', message)


@pytest.mark.parametrize(
    'options, sentence',
    [
        (dict(names=['A', 'B', 'C']), '3 names are given for 2 result files: A, B, C'),
        (dict(names=['A', 'A']), 'each result once, under a name of its own; got A, A'),
        (dict(rows=['hsv']), "no row 'hsv' in these results; they hold ours, hog"),
        (dict(protocols=['sysu/indoor']), "no protocol 'sysu/indoor' in these results; they hold sysu/all"),
    ],
)
def test_what_is_not_there_is_refused(save, options, sentence):
    assert sentence in refusal(save('a', 'sysu/all'), save('b', 'sysu/all'), **options)


def test_llcm_figures_of_the_swapped_rule_bring_a_warning_with_every_format(save, monkeypatch, capsys):
    files = [save('right', 'llcm/v2i'), save('swapped', 'llcm/v2i')]
    assert make_table(files, ['A', 'B']).warning is None
    content = json.loads(files[1].read_text())
    content['protocols']['llcm/v2i']['ours']['mean'].update(R1=0.6372, mAP=0.4721)
    files[1].write_text(json.dumps(content))
    table = make_table(files, ['A', 'B'], metrics=['mINP'])  # also where Rank-1 is not shown
    assert 'B (Rank-1 63.72, mAP 47.21)' in table.warning and 'A (' not in table.warning
    assert all(table.warning in FORMATS[format](table) for format in ('markdown', 'latex'))
    monkeypatch.setattr(sys, 'argv', ['make_table.py', *map(str, files), '--names', 'A', 'B', '--format', 'csv'])
    runpy.run_path(TOOL, run_name='__main__')
    printed = capsys.readouterr()
    assert printed.err.startswith('warning: llcm/v2i: Rank-1 more than 5 points above mAP')
    assert 'warning' not in printed.out


def test_tool(save, monkeypatch, capsys):
    files = [str(save('a', 'sysu/all')), str(save('b', 'sysu/all-official'))]
    monkeypatch.setattr(sys, 'argv', ['make_table.py', files[0], '--names', 'A', '--metrics', 'mAP', '--format', 'csv'])
    runpy.run_path(TOOL, run_name='__main__')
    assert capsys.readouterr().out == 'name,sysu/all mAP,sysu/all mAP std\nA,38.0000,5.7446\n'
    monkeypatch.setattr(sys, 'argv', ['make_table.py', *files])
    with pytest.raises(SystemExit, match='error: .*different protocols do not stand in one table'):
        runpy.run_path(TOOL, run_name='__main__')
