from argparse import ArgumentParser
from pathlib import Path

import pytest
from mmengine.registry import init_default_scope

from haresreid.registry import METRICS
from haresreid.utils.arguments import add_test_arguments
from haresreid.utils.launch import load_test_config

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
    assert [METRICS.build(protocol).name for protocol in cfg.test_evaluator.protocols] == ['sysu/all']
    assert 'rerank' not in cfg.test_evaluator
    assert not cfg.model.get('flip_test')


def test_protocols_by_name_rerankings_feature_and_flip():
    cfg = load('--protocols', 'sysu/indoor-10shot', 'llcm/v2i-legacy', '--rerank', 'aqe', '--feature', 'pre_bn', '--flip')
    metric = METRICS.build(cfg.test_evaluator)
    assert [protocol.name for protocol in metric.protocols] == ['sysu/indoor-10shot', 'llcm/v2i-legacy']
    assert metric.rerank == ('aqe', )
    assert (cfg.model.head.test_feature, cfg.model.flip_test) == ('pre_bn', True)
    cfg.pretty_text  # MMEngine logs it at every start, so it must be writable as code


@pytest.mark.parametrize('name, sentence', [
    ('sysu/indor', "did you mean 'sysu/indoor'"),
    ('sysu/all-official', '--rand-perm-cam FILE'),
])
def test_a_wrong_protocol_is_refused_before_anything_is_built(name, sentence):
    with pytest.raises(ValueError, match=sentence):
        load('--protocols', name)
