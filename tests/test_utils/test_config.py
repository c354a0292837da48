import pytest

from haresreid.utils.config import load_config

SYNTH = 'configs/haresformer_synth.py'


@pytest.fixture(autouse=True)
def at_the_root(monkeypatch, request):
    monkeypatch.chdir(request.config.rootpath)


@pytest.mark.parametrize('override, message', [
    ({'model.backbone.num_head': 2}, r"'num_head' in model\.backbone: did you mean 'num_heads'\?"),
    ({'model.head.losses.hc_tri.margn': 0.5}, r"'margn' in model\.head\.losses\.hc_tri: did you mean 'margin'\?"),
    ({'optim_wrapper.optimizer.learning_rat': 0.5}, r"'learning_rat' in optim_wrapper\.optimizer"),
    ({'train_dataloader.batchsize': 8}, r"'batchsize' in train_dataloader: did you mean 'batch_size'\?"),
    ({'train_dataloader.sampler.num_id': 8}, r"'num_id' in train_dataloader\.sampler: did you mean 'num_ids'\?"),
    ({'modl.head.test_feature': 'pre_bn'}, r"'modl\.head\.test_feature' in --cfg-options: did you mean 'model'\?"),
])
def test_unknown_key_is_refused_with_the_nearest_known_one(override, message):
    with pytest.raises(ValueError, match=message):
        load_config(SYNTH, override)


def test_known_keys_pass():
    cfg = load_config(SYNTH, {'model.backbone.num_heads': 2, 'optim_wrapper.optimizer.lr': 0.5})
    assert cfg.model.backbone.num_heads == 2


def test_misspelt_key_at_the_top_of_a_file(tmp_path):
    (tmp_path / 'bad.py').write_text('train_cgf = dict(max_epochs=1)\n')
    with pytest.raises(ValueError, match="'train_cgf' at the top of .*bad.py: did you mean 'train_cfg'"):
        load_config(str(tmp_path / 'bad.py'))


def test_missing_file_names_the_nearest():
    with pytest.raises(FileNotFoundError, match='no config file at configs/haresformer_synt.py; did you mean '
                       'configs/haresformer_synth.py'):
        load_config('configs/haresformer_synt.py')
