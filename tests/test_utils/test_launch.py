from argparse import ArgumentParser
from types import SimpleNamespace

import pytest
from torch import nn

from haresreid.utils.config import load_config
from haresreid.utils.launch import add_test_arguments, load_test_config, set_split, skip_initial_weights


@pytest.fixture(autouse=True)
def at_the_root(monkeypatch, request):
    monkeypatch.chdir(request.config.rootpath)


def test_a_split_reaches_every_loader():
    cfg = load_config('configs/haresformer_regdb.py')
    set_split(cfg, 7)
    assert [cfg[f'{loader}_dataloader'].dataset.split for loader in ('train', 'val', 'test')] == [7] * 3


def test_a_split_of_a_data_set_without_splits():
    with pytest.raises(ValueError, match='split 7 is asked for.*haresformer_llcm.py reads a data set without splits'):
        set_split(load_config('configs/haresformer_llcm.py'), 7)


@pytest.mark.parametrize('options, expected', [
    ('', ('post_bn', False, 'data/RegDB')),
    ('--feature pre_bn --flip --data-root elsewhere', ('pre_bn', True, 'elsewhere')),
    ('--cfg-options model.flip_test=True model.head.test_feature=pre_bn', ('pre_bn', True, 'data/RegDB')),
])
def test_options_of_a_test(options, expected):
    parser = ArgumentParser()
    add_test_arguments(parser)
    cfg = load_test_config(parser.parse_args(['configs/haresformer_regdb.py', *options.split()]))
    assert (cfg.model.head.test_feature, cfg.model.flip_test, cfg.test_dataloader.dataset.data_root) == expected


def test_no_weights_for_the_start():
    class Model(nn.Module):

        def init_weights(self):
            raise FileNotFoundError

    runner = SimpleNamespace(model=Model())
    skip_initial_weights(runner)
    runner.model.init_weights()
