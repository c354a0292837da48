from mmengine.config import Config

from haresreid.engine.hooks.run_report_hook import describe_selection

RULE = 'highest sysu/all/R1-first-draw of the evaluated epochs, on the test set'


def config(save_best) -> Config:
    return Config(dict(default_hooks=dict(checkpoint=dict(save_best=save_best))))


def test_after_a_training_the_figures_are_the_last_epochs_whatever_was_kept(tmp_path):
    for name in ('epoch_80.pth', 'best_sysu_all_R1-first-draw_epoch_24.pth'):
        (tmp_path / name).touch()
    assert describe_selection(config('sysu/all/R1-first-draw'), tmp_path, None) == dict(
        figures='last epoch', kept={'best_sysu_all_R1-first-draw_epoch_24.pth': RULE}
    )
    for cfg in (config(None), Config(dict())):
        assert describe_selection(cfg, tmp_path, None) == dict(figures='last epoch', kept={})


def test_a_tested_checkpoint_is_of_the_rule_that_its_name_tells(tmp_path):
    cfg = config(['sysu/all/mAP', 'sysu/all/R1-first-draw'])
    assert describe_selection(cfg, tmp_path, '/runs/best_sysu_all_R1-first-draw_epoch_24.pth') == dict(figures=RULE)
    assert describe_selection(cfg, tmp_path, '/runs/epoch_24.pth') == {}
