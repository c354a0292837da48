import numpy as np
import pytest
import torch
from mmengine.evaluator import Evaluator
from PIL import Image

from haresreid.evaluation import FeatureSet, RegDBProtocol, SYSUProtocol, VIReIDMetric, at_chance, evaluate, references
from haresreid.evaluation.metrics import vireid_metric
from haresreid.structures import Modality, ReIDDataSample


@pytest.fixture
def samples(tmp_path):
    """5 people in SYSU's six cameras, with features that know the person a little."""
    generator = torch.Generator().manual_seed(0)
    people = torch.randn(5, 8, generator=generator)
    samples = []
    for pid in range(5):
        for camid in range(1, 7):
            path = tmp_path / f'cam{camid}_{pid}.png'
            Image.new('RGB', (16, 32), (40 * pid, 9, 9)).save(path)
            sample = ReIDDataSample(
                metainfo=dict(
                    img_path=str(path),
                    pid=pid,
                    camid=camid,
                    gt_label=-1,
                    modality=Modality.INFRARED if camid in (3, 6) else Modality.VISIBLE,
                )
            )
            feature = people[pid] + torch.randn(8, generator=generator)
            sample.pred_feature = (feature / feature.norm()).bfloat16()
            samples.append(sample)
    return samples


def run(metric, samples):
    evaluator = Evaluator(metric)
    for start in range(0, len(samples), 7):
        evaluator.process(samples[start : start + 7])
    return evaluator.evaluate(len(samples))


def test_through_the_evaluator(samples):
    metric = VIReIDMetric([dict(type=SYSUProtocol, mode='all'), dict(type='SYSUProtocol', mode='indoor')])
    figures = run(metric, samples)
    assert set(figures) == {
        f'sysu/{mode}/{key}'
        for mode in ('all', 'indoor')
        for key in ('R1', 'R5', 'R10', 'R20', 'mAP', 'mINP', 'R1-first-draw')
    }
    assert np.allclose(np.linalg.norm(metric.feature_set.features, axis=1), 1, atol=1e-6)
    assert figures['sysu/all/mAP'] == 100 * evaluate(metric.feature_set, SYSUProtocol('all')).mean('mAP')
    assert list(metric.protocol_results['sysu/indoor']) == ['ours', 'chance', 'hog']
    for words in (
        'sysu/all: 1 gallery image per identity and camera',
        '10 queries',
        'sysu/indoor',
        'ours',
        'chance',
        'hog',
        'mINP',
    ):
        assert words in metric.results_table


def test_rank_1_of_the_first_draw_is_a_figure_of_its_own(samples):
    """By it the official scripts keep a checkpoint. Where nothing is drawn there is none."""
    generator = torch.Generator().manual_seed(1)
    for sample in samples[:]:  # a second image of everybody in every camera, so that there is something to draw
        second = sample.new()
        second.set_metainfo(dict(img_path=sample.img_path.replace('cam', 'second')))
        feature = torch.randn(8, generator=generator)
        second.pred_feature = feature / feature.norm()
        samples.append(second)
    metric = VIReIDMetric([dict(type=SYSUProtocol, mode='all'), dict(type=RegDBProtocol)], references=())
    figures = run(metric, samples)
    ranks = 100 * evaluate(metric.feature_set, SYSUProtocol('all')).figures['R1']
    assert figures['sysu/all/R1-first-draw'] == ranks[0] and figures['sysu/all/R1'] == pytest.approx(ranks.mean())
    assert abs(ranks[0] - ranks.mean()) > 1
    assert 'regdb/v2i/R1' in figures and 'regdb/v2i/R1-first-draw' not in figures


def test_feature_set_equals_the_samples(samples):
    metric = VIReIDMetric([dict(type=SYSUProtocol)], references=())
    run(metric, samples)
    expected = FeatureSet(
        np.stack([sample.pred_feature.float().numpy() for sample in samples]),
        [s.pid for s in samples],
        [s.camid for s in samples],
        [s.modality for s in samples],
        [s.img_path for s in samples],
    )
    assert np.allclose(metric.feature_set.features, expected.features, atol=0.01)
    assert metric.feature_set.img_paths == expected.img_paths
    assert np.array_equal(metric.feature_set.modalities, expected.modalities)


def test_references_are_computed_once(samples, monkeypatch):
    calls = []
    chance = references.REFERENCES['chance']
    monkeypatch.setitem(references.REFERENCES, 'chance', lambda *args: calls.append(1) or chance(*args))
    metric = VIReIDMetric([dict(type=SYSUProtocol)], references=['chance'])
    assert run(metric, samples) == run(metric, samples)
    assert calls == [1]
    run(metric, samples[:18])
    assert calls == [1, 1]


def test_diverged_features_are_refused(samples):
    samples[3].pred_feature[0] = float('nan')
    with pytest.raises(ValueError, match='1 of 30 features are not finite'):
        run(VIReIDMetric([dict(type=SYSUProtocol)], references=()), samples)


def test_unknown_reference():
    with pytest.raises(ValueError, match=r"Unknown references \['sift'\]"):
        VIReIDMetric([dict(type=SYSUProtocol)], references=['sift'])


def test_rerankings_are_rows_of_their_own(samples):
    plain, reranked = (
        VIReIDMetric([dict(type=SYSUProtocol)], ['chance'], rerank=rerank) for rerank in ((), ('k-reciprocal', 'aqe'))
    )
    assert run(plain, samples) == run(reranked, samples)  # the figures a training is judged by stay
    rows = reranked.protocol_results['sysu/all']
    assert list(rows) == ['ours', 'ours + k-reciprocal', 'ours + aqe', 'chance']
    assert rows['ours + k-reciprocal'].mean('mAP') != rows['ours'].mean('mAP')
    with pytest.raises(ValueError, match="Unknown re-rankings .'kr'.; there are .'aqe', 'k-reciprocal'."):
        VIReIDMetric([], rerank=['kr'])


def test_warns_of_results_at_chance(samples, monkeypatch):
    logged = []
    monkeypatch.setattr(at_chance, 'MIN_QUERIES', 10)
    monkeypatch.setattr(at_chance, 'MAX_CHANCE', 0.25)
    monkeypatch.setattr(vireid_metric, 'print_log', lambda message, **kwargs: logged.append(message))
    run(VIReIDMetric([dict(type=SYSUProtocol)], ['chance']), samples)
    assert len(logged) == 1 and 'At chance' not in logged[0]
    generator = torch.Generator().manual_seed(1)
    for sample in samples:
        sample.pred_feature = torch.randn(8, generator=generator)
    run(VIReIDMetric([dict(type=SYSUProtocol)], ['chance']), samples)
    assert logged[2].startswith('At chance: sysu/all (Rank-1')


def test_a_batch_leaves_the_gpu_in_one_transfer(samples, monkeypatch):
    metric, transfers, cpu = VIReIDMetric([]), [], torch.Tensor.cpu
    monkeypatch.setattr(torch.Tensor, 'cpu', lambda tensor: transfers.append(tensor.shape) or cpu(tensor))
    metric.process(None, [sample.to_dict() for sample in samples[:7]])
    assert transfers == [(7, 8)] and [feature.shape for feature, *_ in metric.results] == [(8,)] * 7
