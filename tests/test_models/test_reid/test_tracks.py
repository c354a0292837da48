"""Models on tracks: T frames in, one row out, whatever the model is made of."""

from pathlib import Path

import numpy as np
import pytest
import torch
import torch.nn.functional as F
from mmengine.optim import OptimWrapper
from mmengine.runner import Runner

from haresreid.config.config import load_config
from haresreid.evaluation import BUPTProtocol
from haresreid.models import TemporalMean
from haresreid.registry import METRICS, MODELS
from haresreid.structures import ReIDBatch, ReIDDataSample

BASELINES = Path(__file__).parents[3] / 'configs/baselines'
FRAMES = 3
SAMPLES = [
    ReIDDataSample(metainfo=dict(pid=pid, camid=1, gt_label=pid, modality=modality))
    for modality in (0, 1)
    for pid in (0, 1)
    for _ in range(2)
]
# heads with stripes, one that triples the rows, middle images that double them, and parts of their own per modality
METHODS = ('agw', 'hc_tri', 'deen', 'mmn', 'ddag')


@pytest.fixture
def tracks():
    return torch.randn(len(SAMPLES), FRAMES, 3, 96, 48, generator=torch.Generator().manual_seed(0))


def build(cfg):
    torch.manual_seed(0)
    model = MODELS.build(dict(cfg, temporal_pooling=dict(type=TemporalMean)))
    model.init_weights()
    return model


def narrow(method):
    cfg = load_config(str(BASELINES / f'{method}_synth.py')).model
    cfg.backbone.pretrained = None
    cfg.head.num_classes = 2
    return cfg


@pytest.mark.parametrize('method', METHODS)
def test_every_method_learns_from_tracks_and_gives_each_one_feature(method, tracks):
    model = build(narrow(method))
    optimizer = OptimWrapper(torch.optim.SGD(model.parameters(), lr=0.01))
    log = model.train().train_step(dict(inputs=list(tracks), data_samples=SAMPLES), optimizer)
    assert all(value.isfinite() for value in log.values())
    with torch.no_grad():
        features = [
            torch.stack([sample.pred_feature for sample in model.eval().test_step(batch)])
            for batch in (
                dict(inputs=tracks, data_samples=SAMPLES),
                dict(inputs=tracks[:1], data_samples=SAMPLES[:1]),
                dict(inputs=tracks[:, [2, 0, 1]], data_samples=SAMPLES),
            )
        ]
    whole, first, turned = features
    assert len(whole) == len(SAMPLES) and len(first) == 1
    assert torch.allclose(whole.norm(dim=1), torch.ones(len(SAMPLES)), atol=1e-5)
    assert torch.allclose(first[0], whole[0], atol=1e-5)  # a batch of one track is none of one frame
    assert torch.allclose(turned, whole, atol=1e-5)


def test_a_tracks_feature_is_the_mean_of_its_frames_and_a_single_image_is_a_track_of_one(narrow_cfg, tracks):
    model = build(narrow_cfg).eval()
    rows = tracks.flatten(0, 1)
    modalities = torch.tensor([sample.modality for sample in SAMPLES]).repeat_interleave(FRAMES)
    with torch.no_grad():
        alone = model.head(*model.extract_feat(rows, ReIDBatch.unlabelled(modalities)))
        mean = alone[model.head.retrieval_feature].view(len(SAMPLES), FRAMES, -1).mean(1)
        found = model.embed(rows, ReIDBatch.unlabelled(modalities), FRAMES)
        single = model.embed(rows[:2], ReIDBatch.unlabelled(modalities[:2]))
    assert torch.allclose(found, F.normalize(mean), atol=1e-5)
    assert torch.allclose(single, F.normalize(alone[model.head.retrieval_feature][:2]), atol=1e-5)


def test_losses_see_one_row_for_each_track(narrow_cfg, tracks):
    """Of equal frames, the loss of the track is that of the frame."""
    model = build(narrow_cfg).eval()  # batch norms as they are
    still = tracks[:, :1].expand(-1, FRAMES, -1, -1, -1)
    items = torch.arange(len(SAMPLES)).repeat_interleave(FRAMES)
    losses = model(still.flatten(0, 1), SAMPLES, 'loss', items)
    for name, value in model(tracks[:, 0], SAMPLES, 'loss').items():
        assert losses[name].item() == pytest.approx(value.item(), rel=1e-4, abs=1e-5), name


def test_without_pooling_several_frames_are_refused_and_generated_images_are_no_tracks(narrow_cfg, tracks):
    model = MODELS.build(narrow_cfg).eval()
    with pytest.raises(ValueError, match='makes 24 images of 8'):
        model.test_step(dict(inputs=tracks, data_samples=SAMPLES))
    cfg = load_config(str(BASELINES / 'jsia_synth.py')).model
    with pytest.raises(ValueError, match='generates single images: it cannot be trained on tracks'):
        MODELS.build(dict(cfg, temporal_pooling=dict(type=TemporalMean)))


@pytest.mark.parametrize('layout', ['vcm', 'bupt'])
def test_from_walks_on_disk_to_the_protocol(tmp_path, layout):
    cfg = load_config(str(BASELINES.parent / 'tracks' / 'agw_synth_tracks.py'))
    cfg.model.backbone.pretrained = None
    cfg.model.head.num_classes = 2
    if layout == 'bupt':
        cfg.test_evaluator.protocols = [
            dict(type=BUPTProtocol, direction='v2i'),
            dict(type=BUPTProtocol, direction='i2v'),
        ]
    for loader in (cfg.train_dataloader, cfg.test_dataloader):
        loader.update(num_workers=0, persistent_workers=False)
        loader.dataset.update(data_root=str(tmp_path / 'set'), layout=layout, num_ids=(2, 0, 4))
    cfg.train_dataloader.sampler.update(num_ids=2, seed=0)
    cfg.train_dataloader.batch_size = 8
    model = MODELS.build(cfg.model)
    batch = next(iter(Runner.build_dataloader(cfg.train_dataloader)))
    assert batch['inputs'].shape == (8, 4, 3, 96, 48)
    log = model.train_step(batch, OptimWrapper(torch.optim.SGD(model.parameters(), lr=0.01)))
    assert log['loss'].isfinite()

    test, metric = Runner.build_dataloader(cfg.test_dataloader), METRICS.build(cfg.test_evaluator)
    model.eval()
    for batch in test:
        with torch.no_grad():
            metric.process(batch, [sample.to_dict() for sample in model.test_step(batch)])
    figures = metric.evaluate(len(test.dataset))
    assert {name.rsplit('/', 1)[0] for name in figures} == {f'{layout}/v2i', f'{layout}/i2v'}
    assert metric.feature_set.queries.sum() == (4 if layout == 'bupt' else 0)
    assert np.array_equal(metric.feature_set.queries, test.dataset.queries)
