import json
import re
import runpy
import sys
from pathlib import Path

import numpy as np
import pytest

from haresreid.evaluation.table_formats import FORMATS
from haresreid.evaluation.tables import make_table

TOOL = str(Path(__file__).parents[2] / 'tools' / 'analysis' / 'make_table.py')


def refusal(*files, **options):
    with pytest.raises(ValueError) as error:
        make_table(files, **options)
    return str(error.value)


def test_one_line_per_file_one_group_per_protocol(save_result):
    files = [save_result('a', 'sysu/all', 'sysu/indoor'), save_result('b', 'sysu/all', base=0.5)]
    table = make_table(files, names=['A', 'B'], metrics=['R1', 'mAP'])
    assert table.columns == [('sysu/all', 'R1'), ('sysu/all', 'mAP'), ('sysu/indoor', 'R1'), ('sysu/indoor', 'mAP')]
    assert [labels for labels, _ in table.lines] == [['A'], ['B']]
    # mean of base + 0.02 * (0..9) and its standard deviation
    mean, std = table.lines[1][1]['sysu/all', 'mAP']
    assert mean == pytest.approx(100 * (0.5 + 0.04 + 0.09), abs=1e-9)
    assert std == pytest.approx(2 * np.std(range(10)), abs=1e-9)
    assert ('sysu/indoor', 'R1') not in table.lines[1][1]


def test_reranked_rows_are_labelled_and_references_stand_once(save_result):
    files = [save_result('a', 'sysu/all', more_rows=['ours + k-reciprocal']), save_result('b', 'sysu/all')]
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
def test_different_protocols_are_refused(save_result, ours, theirs):
    message = refusal(save_result('a', ours), save_result('b', theirs))
    assert f'a.json has figures of {ours}, and' in message and f'b.json of {theirs}: different protocols' in message


def test_a_file_of_two_protocols_is_refused_until_one_is_chosen(save_result):
    file = save_result('a', 'llcm/v2i-legacy', 'llcm/i2v')
    assert 'a.json has figures of llcm/v2i-legacy, and' in refusal(file)
    assert make_table([file], protocols=['llcm/i2v']).protocols == ['llcm/i2v']
    assert 'b.json has no figures of llcm/i2v' in refusal(file, save_result('b', 'llcm/v2i'), protocols=['llcm/i2v'])


def test_one_split_and_the_mean_over_splits_are_refused(save_result):
    one = save_result('one', 'regdb/v2i', trials=1, dataset=dict(dataset='RegDB', split=3))
    other = save_result('other', 'regdb/v2i', trials=1, dataset=dict(dataset='RegDB', split=4))
    ten = save_result('ten', 'regdb/v2i', first_trial=1, dataset=dict(dataset='RegDB', splits=[*range(1, 11)]))
    assert 'one.json has figures of regdb/v2i, split 3 alone, and' in refusal(one, ten)
    assert 'ten.json of regdb/v2i, mean over the splits 1 to 10:' in refusal(one, ten)
    assert 'other.json of regdb/v2i, split 4 alone:' in refusal(one, other)
    assert 'over the splits 1 to 10, one model each' in make_table([ten]).caption


def test_other_test_data_is_refused(save_result):
    message = refusal(save_result('a', 'sysu/all'), save_result('b', 'sysu/all', image='b'))
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
def test_what_is_not_there_is_refused(save_result, options, sentence):
    assert sentence in refusal(save_result('a', 'sysu/all'), save_result('b', 'sysu/all'), **options)


def test_llcm_figures_of_the_swapped_rule_bring_a_warning_with_every_format(save_result, monkeypatch, capsys):
    files = [save_result('right', 'llcm/v2i'), save_result('swapped', 'llcm/v2i')]
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


def test_tool(save_result, monkeypatch, capsys):
    files = [str(save_result('a', 'sysu/all')), str(save_result('b', 'sysu/all-official'))]
    monkeypatch.setattr(sys, 'argv', ['make_table.py', files[0], '--names', 'A', '--metrics', 'mAP', '--format', 'csv'])
    runpy.run_path(TOOL, run_name='__main__')
    assert capsys.readouterr().out == 'name,sysu/all mAP,sysu/all mAP std\nA,38.0000,5.7446\n'
    monkeypatch.setattr(sys, 'argv', ['make_table.py', *files])
    with pytest.raises(SystemExit, match='error: .*different protocols do not stand in one table'):
        runpy.run_path(TOOL, run_name='__main__')
