import json
from types import SimpleNamespace

import pytest

from haresreid.reproduce import read_run_results
from haresreid.reproduce.branches import read_branches

WHOLE = dict(
    stages=[dict(cls_spread=0.5, patch_spread=0.4), dict(cls_spread=0.2, patch_spread=0.7)],
    retrieval={'sysu/all': {'as trained': dict(mean_ap=18.0), 'both held': dict(mean_ap=9.0)}},
)


@pytest.fixture
def run(tmp_path, monkeypatch):
    """A finished run whose figures do not matter."""
    monkeypatch.setattr('haresreid.reproduce.branches.read_results', lambda file: {})
    return SimpleNamespace(folder=tmp_path)


def test_a_run_without_a_probe_has_no_branches(run):
    assert read_run_results(run) == {} and read_branches([{}]) == {}


def test_the_least_spread_and_what_retrieval_loses(run):
    (run.folder / 'branches.json').write_text(json.dumps(WHOLE))
    figures = read_branches([read_run_results(run)])
    assert {name: values.tolist() for name, values in figures.items()} == {
        'least spread of class tokens': [0.2],
        'least spread of patch maps': [0.4],
        'sysu/all mAP, both held': [9.0],
        'sysu/all mAP lost by it': [9.0],
    }


@pytest.mark.parametrize(
    'text',
    [
        'null',
        '5',
        '[]',
        '{}',
        '{"stages": []}',
        '{"stages": [{"cls_spread": "x", "patch_spread": 1}], "retrieval": {}}',
        json.dumps(dict(WHOLE, retrieval=[])),
        json.dumps(dict(WHOLE, retrieval={'sysu/all': {}})),
        json.dumps(WHOLE).replace('0.2', 'NaN'),
        json.dumps(WHOLE).replace('0.2', '"0.2"'),
        '{"stages": [{',
    ],
)
def test_a_damaged_probe_is_named(run, text):
    (run.folder / 'branches.json').write_text(text)
    with pytest.raises(ValueError, match='branches.json'):
        read_run_results(run)
