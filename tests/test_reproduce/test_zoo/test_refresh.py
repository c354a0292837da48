import json

import pytest

from haresreid.config.config import config_hash, load_config
from haresreid.costs.model_cost import ModelCost
from haresreid.files.paths import CONFIG_ROOT as ROOT
from haresreid.reproduce.zoo import Metafile, cite, read_ours, refresh_costs

CONFIG = 'configs/baselines/bdtr_synth.py'


@pytest.fixture
def metafile(tmp_path):
    model = {'Name': 'bdtr_synth', 'In Collection': 'BDTR', 'Config': CONFIG}
    return Metafile(tmp_path / 'bdtr.yml', dict(Name='BDTR', Code=[]), [model])


def finish_run(work_dir, seed, rank_1, changes=None):
    cfg = load_config(str(ROOT / CONFIG), changes)
    cfg.randomness.seed = seed
    means = dict(R1=rank_1, mAP=rank_1 / 2, mINP=rank_1 / 4)
    folder = work_dir / 'bdtr_synth' / f'seed_{seed}'
    folder.mkdir(parents=True)
    content = dict(
        protocols={'sysu/all': dict(ours=dict(mean=means))},
        data=dict(fingerprint='x'),
        config=dict(hash=config_hash(cfg)),
    )
    (folder / 'metrics.json').write_text(json.dumps(content))


def test_means_and_spread_over_the_seeds(metafile, tmp_path):
    for seed, rank_1 in ((0, 0.10), (2, 0.14)):
        finish_run(tmp_path, seed, rank_1)
    assert read_ours(metafile, tmp_path, 'synth') == ['bdtr_synth: 2']
    (result,) = metafile.models[0]['Results']
    assert result['Metrics'] == {'sysu/all/R1': 12.0, 'sysu/all/mAP': 6.0, 'sysu/all/mINP': 3.0}
    assert result['Spread'] == {'sysu/all/R1': 2.0, 'sysu/all/mAP': 1.0, 'sysu/all/mINP': 0.5}
    assert (result['Seeds'], result['Dataset']) == ([0, 2], 'SynVI')
    assert result['Command'] == 'python tools/reproduce.py baselines --dataset synth --seeds 3'


def test_a_model_without_runs_keeps_what_it_has(metafile, tmp_path):
    metafile.models[0]['Results'] = kept = [dict(Seeds=[0])]
    assert read_ours(metafile, tmp_path, 'synth') == []
    assert metafile.models[0]['Results'] is kept


def test_a_run_of_another_recipe_is_refused(metafile, tmp_path):
    finish_run(tmp_path, 0, 0.1, {'train_cfg.max_epochs': 1})
    with pytest.raises(ValueError, match='seed_0/metrics.json is of another recipe .* than bdtr_synth.py has now'):
        read_ours(metafile, tmp_path, 'synth')


def test_figures_are_cited_by_table_and_name(metafile):
    metafile.collection.update(
        Name='AGW',
        Reported=[
            dict(Dataset='SYSU-MM01', Source='HAResformer, Table VI', Metrics={}),
            dict(Dataset='RegDB', Source='from memory, unverified', Metrics={'regdb/v2i/R1': 1.0}),
        ],
    )
    cite(metafile)
    table, memory = metafile.collection['Reported']
    assert table['Metrics']['sysu/all/R1'] == 47.5 and memory['Metrics'] == {'regdb/v2i/R1': 1.0}
    metafile.collection.update(Name='BDTR')
    with pytest.raises(ValueError, match="Table VI has no row 'BDTR'; it has JSIA-ReID, DDAG"):
        cite(metafile)


def test_one_network_is_computed_once(metafile, monkeypatch):
    calls = []
    monkeypatch.setattr(
        'haresreid.reproduce.zoo.refresh.model_cost',
        lambda cfg, size: calls.append(size) or ModelCost({}, len(calls), 0, 0),
    )
    names = ('caj_sysu_paper', 'caj_sysu_unified', 'caj_llcm_unified', 'caj_synth')
    models = [
        {'Name': name, 'Config': f'configs/baselines/{name}.py', **({} if 'synth' in name else {'Metadata': {}})}
        for name in names
    ]
    refresh_costs(Metafile(metafile.path, metafile.collection, models))
    assert [model.get('Metadata', {}).get('FLOPs') for model in models] == [1, 1, 2, None]
    assert calls == [(288, 144)] * 2  # whatever size a recipe has
