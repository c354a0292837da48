from argparse import ArgumentParser
from pathlib import Path

import pytest
from mmengine.registry import init_default_scope

from haresreid.cli.arguments import add_test_arguments
from haresreid.cli.launch import check_batches, load_test_config
from haresreid.config.config import load_config
from haresreid.registry import METRICS

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


@pytest.mark.parametrize(
    'overrides, drawn',
    [
        ({'sampler.num_ids': 4}, 32),
        ({'sampler.num_instances': 8}, 128),
        ({'batch_size': 32}, 64),
        ({'batch_size': 128}, 64),
        # neither of these mends it: the losses of each step see what the loader gives them
        ({'batch_size': 32, 'drop_last': True}, 64),
        ({'batch_size': 32, 'optim': 2}, 64),
    ],
)
def test_a_batch_that_the_loader_would_cut_is_refused(overrides, drawn):
    names = dict(optim='optim_wrapper.accumulative_counts')
    cfg = load_config(CONFIG, {names.get(key, f'train_dataloader.{key}'): value for key, value in overrides.items()})
    with pytest.raises(
        ValueError, match=rf'batch_size is {overrides.get("batch_size", 64)}, and .* = {drawn} images for a batch'
    ):
        check_batches(cfg)


def test_batches_that_fit_their_sampler_and_loaders_without_identities_are_accepted():
    check_batches(load_config(CONFIG, {'train_dataloader.sampler.num_ids': 4, 'train_dataloader.batch_size': 32}))
    cfg = load_config(CONFIG)
    cfg.train_dataloader.sampler = dict(type='DefaultSampler', shuffle=True)
    check_batches(cfg)
