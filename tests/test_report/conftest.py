"""The work directory of a tiny run: all that a training leaves, of 6 people and a narrow model."""

import json
import shutil

import numpy as np
import pytest
import torch
from mmengine.registry import init_default_scope
from PIL import Image

from haresreid.apis import extract_feature_set, load_trained
from haresreid.config.config import load_config
from haresreid.evaluation import by_protocol, evaluate_references, evaluate_rows, protocol_by_name
from haresreid.evaluation.results import write_results
from haresreid.files.paths import CONFIG_ROOT as ROOT
from haresreid.registry import MODELS
from haresreid.visualization import draw_ranked_lists

LOG = f"""2026/01/02 03:04:05 - mmengine - INFO -
{'-' * 60}
System environment:
    sys.platform: linux
    GPU 0: Imagined <GPU> & Sons
    PyTorch compiling details: many lines

Runtime environment:
    seed: 3
{'-' * 60}

2026/01/02 03:04:05 - mmengine - INFO - Config:
    model: not the machine
"""


@pytest.fixture(scope='session')
def finished(tmp_path_factory):
    """A finished run, ``runs/own``, and its images, ``data``. Read only: :func:`run_dir` is to be broken.

    Six people are tested, two more are those of the training.
    """
    folder = tmp_path_factory.mktemp('report')
    data, run = folder / 'data', folder / 'runs/own'
    data.mkdir()
    run.mkdir(parents=True)
    rng = np.random.default_rng(0)
    lines = ['path,pid,camera,modality,split']
    for pid in range(8):
        for camera in range(1, 5):
            Image.fromarray(rng.integers(0, 255, (96, 48, 3), dtype=np.uint8)).save(data / f'{pid}_{camera}.png')
            modality, subset = 'infrared' if camera == 3 else 'visible', 'test' if pid < 6 else 'train'
            lines.append(f'{pid}_{camera}.png,{pid},{camera},{modality},{subset}')
    (data / 'manifest.csv').write_text('\n'.join(lines))

    init_default_scope('haresreid')
    cfg = load_config(str(ROOT / 'configs/haresformer_synth.py'))
    cfg.randomness.seed = 3
    cfg.optim_wrapper.optimizer.lr = 0.5
    for subset, loader in dict(train=cfg.train_dataloader, test=cfg.test_dataloader).items():
        loader.update(num_workers=0, persistent_workers=False)
        loader.dataset = dict(
            type='ManifestDataset', data_root=str(data), subset=subset, pipeline=loader.dataset.pipeline
        )
    cfg.train_dataloader.update(batch_size=8)
    cfg.train_dataloader.sampler.update(num_ids=2, num_instances=2)
    cfg.test_evaluator.protocols = [dict(type='protocol_by_name', name='own/v2i')]
    cfg.dump(run / 'own.py')
    torch.manual_seed(0)
    torch.save({'state_dict': MODELS.build(cfg.model).state_dict()}, run / 'epoch_10.pth')

    start = run / '20260102_030405'
    (start / 'vis_data').mkdir(parents=True)
    (start / '20260102_030405.log').write_text(LOG)
    records = [dict(loss=9.0 - epoch, acc_id=epoch, time=0.25, epoch=epoch, step=9 * epoch) for epoch in range(1, 4)]
    spreads = {f'branches/{name}_spread_{stage}': 0.1 for name in ('cls', 'patch', 'fused') for stage in range(1, 5)}
    text = '\n'.join(map(json.dumps, [*records, {'own/v2i/R1': 20.0, 'step': 3}, dict(spreads, step=1)]))
    (start / 'vis_data/scalars.json').write_text(text + '\n{"loss": 1, "st')  # a line that was being written

    checkpoint = str(run / 'epoch_10.pth')
    features = extract_feature_set(*load_trained(str(run / 'own.py'), checkpoint), checkpoint)
    protocol = protocol_by_name('own/v2i')
    rows = evaluate_rows(features, [protocol]) | evaluate_references(['chance', 'hog'], features, [protocol])
    write_results(run / 'metrics.json', by_protocol(rows), features)
    draw_ranked_lists(features, protocol, run / 'ranked_list.png', num_queries=2, top=3)
    return run


@pytest.fixture
def run_dir(finished, tmp_path):
    """A copy of the finished run."""
    return shutil.copytree(finished, tmp_path / 'own')
