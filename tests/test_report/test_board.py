"""The page about many results."""

import base64
import hashlib
import json
import re
import shutil

import numpy as np
import pytest

from haresreid.evaluation import FeatureSet, by_protocol, evaluate_rows, protocol_by_name, write_results
from haresreid.evaluation.functional import l2_normalize
from haresreid.report.board import _trials, board_page, read_cards


@pytest.fixture(scope='module')
def made(tmp_path_factory):
    """20 cards: ten models, each under two protocols, of two test sets; one re-ranked, one edited, one without seal."""
    folder = tmp_path_factory.mktemp('cards')
    pids, camids = (part.ravel() for part in np.meshgrid(range(8), range(1, 7), indexing='ij'))
    looks = np.random.default_rng(0).standard_normal((8, 6))
    for number in range(20):
        rng = np.random.default_rng(number)
        features = l2_normalize(looks[pids] + (0.4 + 0.1 * number) * rng.standard_normal((len(pids), 6)))
        paths = [f'set_{number % 2}/cam{camid}/{pid}.{number % 2}.jpg' for pid, camid in zip(pids, camids)]
        info = dict(feature='post_bn', flip=False, config=dict(name=f'<m{number}>', hash='0'), seed=number)
        images = FeatureSet(features, pids, camids, np.isin(camids, (3, 6)), paths, info)
        protocols = [protocol_by_name(name) for name in ('sysu/all', 'sysu/indoor')]
        (folder / f'run_{number:02d}').mkdir()
        rows = by_protocol(evaluate_rows(images, protocols, ['aqe'] if number == 4 else []))
        write_results(folder / f'run_{number:02d}/metrics.json', rows, images)
    (folder / 'other.json').write_text('{"a": 1}')
    return folder


@pytest.fixture
def folder(made, tmp_path):
    return shutil.copytree(made, tmp_path / 'cards')


def edit(file, change):
    content = json.loads(file.read_text())
    change(content)
    file.write_text(json.dumps(content))


def test_a_table_holds_one_protocol_and_one_test_set(folder):
    page = board_page(*read_cards(folder))
    tables = [
        re.findall(r'run_(\d\d)<', re.sub(r'<svg.*?</svg>', '', table, flags=re.DOTALL))
        for table in re.findall(r'<table.*?</table>', page, re.DOTALL)
    ]
    assert len(tables) == 4 and sorted(map(len, tables)) == [10, 10, 11, 11]  # one is there re-ranked, too
    assert all(len({int(number) % 2 for number in numbers}) == 1 for numbers in tables)
    assert '&lt;m7&gt;' in page and '<m7>' not in page and 'other.json' not in page


def test_trials_are_named_in_few_words(folder):
    page = board_page(*read_cards(folder))
    assert re.search(r'<h2[^>]*>sysu/all on data \w{12}, trials 0 to 9</h2>', page)
    assert [_trials(numbers) for numbers in ([3], [0, 1, 2], [0, 2])] == ['trial 3', 'trials 0 to 2', 'trials 0, 2']


def test_the_only_script_is_the_one_that_the_policy_names(folder):
    page = board_page(*read_cards(folder))
    [script] = re.findall(r'<script>(.*?)</script>', page, re.DOTALL)
    digest = base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()
    assert f"script-src 'sha256-{digest}'" in page and page.count('<script') == 1


def test_edited_and_unsealed_cards_are_left_out(folder):
    edit(
        folder / 'run_02/metrics.json', lambda content: content['protocols']['sysu/all']['ours']['mean'].update(R1=1.0)
    )
    edit(folder / 'run_03/metrics.json', lambda content: content.pop('seal'))
    (folder / 'run_04/metrics.json').write_text('{')
    cards, refused = read_cards(folder)
    assert len(cards) == 17 and refused == {
        'run_02/metrics.json': 'its seal is broken: it was changed after the evaluation',
        'run_03/metrics.json': 'it has no seal: it is of an earlier release',
        'run_04/metrics.json': 'it is damaged, or of other software',
    }
    assert 'run_02/metrics.json, for its seal is broken' in board_page(cards, refused)


def test_a_folder_without_results_is_refused(tmp_path):
    with pytest.raises(FileNotFoundError, match='holds no result: give a folder'):
        read_cards(tmp_path)
    with pytest.raises(FileNotFoundError, match='There is no folder .*none of results'):
        read_cards(tmp_path / 'none')
