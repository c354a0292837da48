from types import SimpleNamespace

import pytest
import torch
from mmengine.hooks import Hook

from haresreid.apis import get_model
from haresreid.config.config import load_config
from haresreid.engine import ReIDRunner, RunReportHook, TeacherHook
from haresreid.files.paths import CONFIG_ROOT
from haresreid.registry import MODELS
from haresreid.structures import ReIDBatch, ReIDDataSample

CONFIG = str(CONFIG_ROOT / 'configs/light_distill_synth.py')
BATCH = ReIDBatch.labelled(torch.tensor([0, 0, 1, 1]), torch.tensor([0, 1, 0, 1]))


@pytest.fixture
def runner() -> SimpleNamespace:
    """With the light model as student."""
    cfg = load_config(CONFIG, {'model.backbone.pretrained': None})
    torch.manual_seed(0)
    return SimpleNamespace(model=MODELS.build(cfg.model), cfg=cfg)


def test_the_teacher_sees_the_students_images_normalised_as_its_own(runner):
    teacher = get_model('haresformer_synth', True)
    pixels = torch.randint(256, (4, 3, 96, 48), generator=torch.Generator().manual_seed(0)).float()
    mean, std = torch.tensor([123.675, 116.28, 103.53]), torch.tensor([58.395, 57.12, 57.375])
    expected = teacher.embed((pixels - mean.view(3, 1, 1)) / std.view(3, 1, 1), BATCH)
    TeacherHook('haresformer_synth').before_train(runner)
    found = runner.model.teacher((pixels - 127) / 128, BATCH)
    assert torch.allclose(found, expected, atol=1e-5) and not found.requires_grad and found.shape == (4, 128)


def test_the_teacher_is_no_part_of_the_model_and_goes_with_the_training(runner):
    before = [name for name, _ in runner.model.named_parameters()]
    hook = TeacherHook('haresformer_synth')
    hook.before_train(runner)
    assert [name for name, _ in runner.model.named_parameters()] == before
    runner.model.train()  # the teacher stays as it is
    images = torch.randn(4, 3, 96, 48)
    assert torch.equal(runner.model.teacher(images, BATCH), runner.model.teacher(images, BATCH))
    hook.after_train(runner)
    assert runner.model.teacher is None


def test_without_a_teacher_a_loss_that_wants_one_says_what_is_missing(runner):
    samples = [
        ReIDDataSample(metainfo=dict(gt_label=label, modality=modality))
        for label, modality in zip(BATCH.labels.tolist(), BATCH.modalities.tolist())
    ]
    with pytest.raises(ValueError, match="The loss 'distill_feature' wants the feature 'teacher', but this model has"):
        runner.model(torch.randn(4, 3, 96, 48), samples, mode='loss')


def test_a_teacher_for_other_images_is_refused(runner):
    runner.cfg = load_config(str(CONFIG_ROOT / 'configs/light_sysu.py'))
    with pytest.raises(
        ValueError, match='haresformer_synth takes images of 96x48, and this training makes them 288x14'
    ):
        TeacherHook('haresformer_synth').before_train(runner)
    with pytest.raises(ValueError, match='no weights of agw_sysu_paper come with haresreid'):
        TeacherHook('agw_sysu_paper').before_train(runner)


class Stop(Hook):
    """Ends the training after its first epoch."""

    priority = 'LOWEST'  # after the checkpoint was written

    def after_train_epoch(self, runner) -> None:
        raise KeyboardInterrupt


def make_runner(folder, name: str, **changes) -> ReIDRunner:
    loaders = ('train_dataloader', 'val_dataloader', 'test_dataloader')
    overrides = {
        'model.backbone.pretrained': None,
        'train_dataloader.sampler.num_ids': 2,
        'train_dataloader.sampler.num_instances': 2,
        'train_cfg.max_epochs': 2,
        'train_cfg.val_interval': 9,
        **{f'{loader}.dataset.num_ids': (2, 0, 2) for loader in loaders},
        **{f'{loader}.dataset.images_per_camera': 1 for loader in loaders},
        **{f'{loader}.dataset.data_root': str(folder / 'data') for loader in loaders},
    }
    cfg = load_config(CONFIG, overrides)
    cfg.custom_hooks = [hook for hook in cfg.custom_hooks if hook.type is not RunReportHook]  # it draws
    cfg.update(work_dir=str(folder / name), experiment_name=f'{folder.name}_{name}_{len(changes)}', **changes)
    return ReIDRunner.from_cfg(cfg)


def test_a_resumed_training_ends_as_one_that_was_left_alone_and_saves_no_teacher(tmp_path):
    make_runner(tmp_path, 'alone').train()
    killed = make_runner(tmp_path, 'killed')
    killed.register_hook(Stop())
    with pytest.raises(KeyboardInterrupt):
        killed.train()
    make_runner(tmp_path, 'killed', resume=True, load_from=str(tmp_path / 'killed/epoch_1.pth')).train()
    alone, resumed = (
        torch.load(tmp_path / name / 'epoch_2.pth', weights_only=True)['state_dict'] for name in ('alone', 'killed')
    )
    assert alone.keys() == resumed.keys() and all(torch.equal(alone[name], resumed[name]) for name in alone)
    assert {name.split('.')[0] for name in alone} == {'backbone', 'head', 'criterion'}
