from mmengine.config import Config

from haresreid.config.config import load_config
from haresreid.files.paths import CONFIG_ROOT as ROOT
from haresreid.report.config_diff import ConfigChange, diff_configs, load_base


def changes(old, new):
    """Of two models: places without 'model.' -> (old, new)."""
    return {
        change.key.removeprefix('model.'): (change.old, change.new)
        for change in diff_configs(dict(model=old), dict(model=new))
    }


def test_entries_that_differ():
    old = dict(depth=50, gone=None, size=(96, 48), head=dict(type='haresreid.models.HGAEHead', add=True, a=dict(b=1)))
    new = dict(depth=18, none=None, size=[96, 48], head=dict(type='models.HGAEHead', add=False, a=dict(b=1)))
    assert changes(old, new) == {
        'depth': ('50', '18'),
        'gone': ('None', None),
        'none': (None, 'None'),
        'head.add': ('True', 'False'),
    }


def test_a_whole_part_is_one_change():
    loss = dict(type='a.HCTripletLoss', margin=0.3, feature=['cls_4', 'embed'])
    assert changes(dict(losses=dict()), dict(losses=dict(aux=loss, id=dict(type='IDLoss')))) == {
        'losses.aux': (None, 'HCTripletLoss(feature=[cls_4, embed], margin=0.3)'),
        'losses.id': (None, 'IDLoss'),
    }
    assert changes(dict(a=dict(b=1, c=dict(d=2))), dict(a=0)) == {'a': ('(b=1, c=(d=2))', '0')}


def test_a_step_put_into_the_middle_of_a_pipeline_is_one_change():
    load, flip, pack = dict(type='t.Load'), dict(type='t.Flip', prob=0.5), dict(type='t.Pack')
    assert changes(dict(steps=[load, pack]), dict(steps=[load, flip, pack])) == {
        'steps': ('[Load, Pack]', '[Load, Flip, Pack]'),
        'steps[Flip]': (None, 'Flip(prob=0.5)'),
    }
    assert changes(dict(steps=[load, flip]), dict(steps=[flip, load])) == {'steps': ('[Load, Flip]', '[Flip, Load]')}
    assert changes(dict(steps=[flip, flip]), dict(steps=[flip, dict(flip, prob=1)])) == {
        'steps[Flip#2].prob': ('0.5', '1')
    }


def test_only_what_a_runner_reads_counts():
    old = dict(helper=1, work_dir='a', launcher='none', resume=False)
    assert diff_configs(old, dict(helper=2, work_dir='b', resume=True)) == [ConfigChange('resume', 'False', 'True')]


def test_base_of_one_file():
    source = ROOT / 'configs/haresformer_synth_regdb.py'
    files, base = load_base(source)
    assert [file.name for file in files] == ['haresformer_synth.py']
    changed = diff_configs(base, load_config(str(source)).to_dict())
    moved = ConfigChange('train_dataloader.dataset.data_root', 'data/SynVI/easy_sysu', 'data/SynVI/easy_regdb')
    assert moved in changed


def test_base_of_several_files(tmp_path):
    (tmp_path / 'a.py').write_text('load_from = "a"\nresume = False\nlog_level = "INFO"\n')
    (tmp_path / 'b.py').write_text('load_from = "b"\nresume = True\n')
    (tmp_path / 'c.py').write_text(
        'from mmengine.config import read_base\nwith read_base():\n'
        '    from .a import *\n    from .b import load_from\n'
        'log_level = "DEBUG"\n'
    )
    files, base = load_base(tmp_path / 'c.py')
    assert files == [tmp_path / 'a.py', tmp_path / 'b.py']
    assert base == dict(load_from='b', resume=False, log_level='INFO')
    assert load_base(tmp_path / 'a.py') == ([tmp_path / 'a.py'], dict(load_from='a', resume=False, log_level='INFO'))


def test_a_dump_says_what_its_config_says(tmp_path):
    cfg = load_config(str(ROOT / 'configs/haresformer_synth.py'))
    cfg.dump(tmp_path / 'dump.py')
    dumped = Config.fromfile(tmp_path / 'dump.py').to_dict()
    assert diff_configs(cfg.to_dict(), dumped) == []
    # a dump sorts its entries
    base = load_base(ROOT / 'configs/haresformer_synth.py')[1]
    changed = diff_configs(base, dumped)
    assert 'model.criterion.losses.wr_tri_patch' in [change.key for change in changed]
    assert set(changed) == set(diff_configs(base, cfg.to_dict()))
    dumped['optim_wrapper']['optimizer']['lr'] = 1.0
    assert [change.key for change in diff_configs(cfg.to_dict(), dumped)] == ['optim_wrapper.optimizer.lr']
