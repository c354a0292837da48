from pathlib import Path

from haresreid.config.config import config_hash, load_config
from haresreid.files.paths import CONFIG_ROOT
from haresreid.reproduce import plan_runs, start_runs
from haresreid.reproduce.paper import rows


def recipes_of(*tables, dataset='synth'):
    return [row.recipe for table in tables for row in rows(table, dataset)]


def test_one_training_serves_all_runs_that_name_its_checkpoint(tmp_path):
    (start,) = start_runs(plan_runs(recipes_of('table2', 'table4'), range(3), [], tmp_path))
    cfg = load_config(str(CONFIG_ROOT / 'configs/pretrain/resnet18_synvi.py'))
    assert start.recipe.config == 'configs/pretrain/resnet18_synvi.py' and start.hash == config_hash(cfg)
    assert start.folder == Path('work_dirs/resnet18_synvi') and start.epochs == cfg.train_cfg.max_epochs
    assert start.command[-3:] == ('--work-dir', 'work_dirs/resnet18_synvi', '--resume')


def test_runs_with_other_start_weights_or_none_need_no_training(tmp_path):
    runs = plan_runs(recipes_of('table4'), [0], [], tmp_path)
    for weights in (None, 'elsewhere/epoch_24.pth', 'torchvision://resnet18'):
        assert start_runs(runs, {'model.backbone.encoder.pretrained': weights}) == []
    assert start_runs(plan_runs(recipes_of('table4', dataset='sysu'), [0], [], tmp_path)) == []
