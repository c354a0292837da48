from argparse import ArgumentParser
from pathlib import Path

import pytest
from mmengine.config import Config
from mmengine.registry import init_default_scope

from haresreid.cli.arguments import add_test_arguments
from haresreid.cli.launch import count_classes, load_test_config
from haresreid.config.config import load_config
from haresreid.registry import METRICS, MODELS, PROTOCOLS

CONFIG = str(Path(__file__).parents[2] / 'configs' / 'haresformer_synth.py')


def load(*options: str):
    parser = ArgumentParser()
    add_test_arguments(parser)
    return load_test_config(parser.parse_args([CONFIG, *options]))


@pytest.fixture(autouse=True)
def scope():
    init_default_scope('haresreid')


def test_without_options_the_config_stays_as_it_is():
    cfg = load()
    assert [PROTOCOLS.build(protocol).name for protocol in cfg.test_evaluator.protocols] == ['sysu/all']
    assert 'rerank' not in cfg.test_evaluator
    assert not cfg.model.get('flip_test')


def test_protocols_by_name_rerankings_feature_and_flip():
    cfg = load(
        '--protocols', 'sysu/indoor-10shot', 'llcm/v2i-legacy', '--rerank', 'aqe', '--feature', 'pre_bn', '--flip'
    )
    metric = METRICS.build(cfg.test_evaluator)
    assert [protocol.name for protocol in metric.protocols] == ['sysu/indoor-10shot', 'llcm/v2i-legacy']
    assert metric.rerank == ('aqe',)
    assert (cfg.model.head.test_feature, cfg.model.flip_test) == ('pre_bn', True)
    assert cfg.pretty_text  # MMEngine logs it at every start, so it must be writable as code


@pytest.mark.parametrize(
    'name, sentence',
    [
        ('sysu/indor', "did you mean 'sysu/indoor'"),
        ('sysu/all-official', '--rand-perm-cam FILE'),
    ],
)
def test_a_wrong_protocol_is_refused_before_anything_is_built(name, sentence):
    with pytest.raises(ValueError, match=sentence):
        load('--protocols', name)


def write_manifest(folder: Path, identities: int) -> None:
    """A visible and an infrared image of each identity."""
    lines = ['path,pid,camera,modality,split']
    for pid in range(identities):
        for modality in ('visible', 'infrared'):
            (folder / f'{pid}_{modality}.png').touch()
            lines.append(f'{pid}_{modality}.png,{pid},1,{modality},train')
    (folder / 'manifest.csv').write_text('\n'.join(lines))


def own_config(folder: Path, **overrides) -> Config:
    """The synthetic config, pointed to the manifest."""
    dataset = dict(_delete_=True, type='ManifestDataset', data_root=str(folder), unreadable='skip')
    return load_config(CONFIG, {'train_dataloader.dataset': dataset, **overrides})


def test_own_data_are_listed_to_count_their_identities(tmp_path):
    write_manifest(tmp_path, identities=9)
    cfg = own_config(tmp_path)
    assert 'num_classes' not in cfg.model.head
    count_classes(cfg, {})
    assert cfg.model.head.num_classes == 9
    assert MODELS.build(cfg.model).head.classifier.out_features == 9


def test_another_number_than_the_listed_one_is_refused(tmp_path):
    write_manifest(tmp_path, identities=9)
    with pytest.raises(ValueError, match='num_classes is 400, and the training set has 9 identities: leave num_class'):
        count_classes(own_config(tmp_path, **{'model.head.num_classes': 400}), {})


def test_data_that_state_their_identities_are_not_listed(monkeypatch):
    monkeypatch.delattr('haresreid.cli.launch.list_only')
    cfg = load_config(CONFIG)
    count_classes(cfg, {})
    assert cfg.model.head.num_classes == 400
