"""Several results against one, and the table that marks them."""

import csv
import io
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from haresreid.evaluation import FeatureSet, by_protocol, evaluate_rows, protocol_by_name, write_results
from haresreid.evaluation.functional import l2_normalize
from haresreid.evaluation.significance import adjusted_p_values, compare
from haresreid.evaluation.table_formats import FORMATS
from haresreid.evaluation.tables import make_table


def test_p_is_corrected_for_the_number_of_comparisons(make_run):
    """Holm: the smallest p times their number, the next one times one less, and never below an earlier one."""
    runs = {name: make_run(seed, level) for name, seed, level in (('a', 0, 0.5), ('b', 1, 0.6), ('c', 2, 0.52))}
    found = adjusted_p_values({name: {'sysu/all': run} for name, run in runs.items()}, 'a', ('mAP', 'mINP', 'R10'))
    plain = {
        (name, each.metric): each.p_value
        for name in 'bc'
        for each in compare([runs['a']], [runs[name]])
        if each.metric != 'R1'
    }
    largest = 0.0
    for number, key in enumerate(sorted(plain, key=plain.get)):
        largest = max(largest, min(1, plain[key] * (4 - number)))
        assert found[key[0]]['sysu/all', key[1]] == pytest.approx(largest)
    assert found['a'] == {} and len(found['b']) == len(found['c']) == 2


def test_other_queries_have_no_p(make_run):
    runs = dict(a=make_run(0), b=replace(make_run(1), camids=np.full(40, 6)))
    with pytest.raises(ValueError, match='differ in their cameras of the queries'):
        adjusted_p_values({name: {'sysu/all': run} for name, run in runs.items()}, 'a')


@pytest.fixture
def files(tmp_path, monkeypatch):
    """A noisy method, another seed of it, and a far better one, on 20 people."""
    monkeypatch.chdir(tmp_path)
    pids, modalities, _ = (part.ravel() for part in np.meshgrid(range(20), range(2), range(2), indexing='ij'))
    looks = np.random.default_rng(0).standard_normal((20, 8))
    for name, noise in (('noisy', 1.5), ('again', 1.5), ('better', 0.3)):
        rng = np.random.default_rng(len(name))
        features = l2_normalize(looks[pids] + noise * rng.standard_normal((len(pids), 8)))
        images = FeatureSet(features, pids, modalities, modalities, [f'{row:02d}.png' for row in range(len(pids))])
        Path(name).mkdir()
        rows = by_protocol(evaluate_rows(images, [protocol_by_name('own/v2i')]))
        write_results(f'{name}/metrics.json', rows, images)
    return [f'{name}/metrics.json' for name in ('noisy', 'again', 'better')]


def test_a_table_marks_what_is_no_more_than_chance(files):
    table = make_table(files, ['noisy', 'again', 'better'], metrics=['R1', 'R10', 'mAP'], against='noisy')
    noisy, again, better = (line.split(' | ') for line in FORMATS['markdown'](table).splitlines()[2:5])
    assert [cell.rstrip(' |')[-1] == '≈' for cell in again[1:]] == [True, False, True]
    assert not any('≈' in cell for cell in noisy + better)
    assert '≈: R1, mAP or mINP of noisy differs by no more than chance' in table.caption
    assert FORMATS['latex'](table).count(r' $\approx$') == 2 + 1  # and in the caption
    rows = list(csv.DictReader(io.StringIO(FORMATS['csv'](table))))
    assert rows[0]['own/v2i mAP p'] == '' and float(rows[1]['own/v2i mAP p']) > 0.05 > float(rows[2]['own/v2i mAP p'])


def test_what_cannot_be_compared_is_said(files):
    with pytest.raises(ValueError, match="no line 'mine' to compare with; the lines are noisy, again, better"):
        make_table(files, ['noisy', 'again', 'better'], against='mine')
    Path('again/metrics.npz').unlink()
    with pytest.raises(FileNotFoundError, match='again/metrics.json has no metrics.npz beside it'):
        make_table(files, against=files[0])
