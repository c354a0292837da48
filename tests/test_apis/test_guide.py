"""The Python blocks of the guide run, with random weights in the place of those that come with the package."""

import re

import cv2
import numpy as np
import torch
from mmengine.registry import init_default_scope
from PIL import Image
from safetensors.torch import save_file

from haresreid.config.config import load_config
from haresreid.registry import MODELS


def test_the_guide(root, tmp_path, monkeypatch, thirds, recwarn):
    guide = (root / 'docs/en/user_guides/inference.md').read_text(encoding='utf-8')
    blocks = re.findall(r'```python\n(.*?)```', guide, re.DOTALL)
    torch.manual_seed(0)
    init_default_scope('haresreid')
    weights = MODELS.build(load_config('configs/haresformer_synth.py').model).state_dict()
    (tmp_path / 'weights').mkdir()
    save_file(
        {key: value for key, value in weights.items() if not key.startswith('head.classifier')},
        tmp_path / 'weights/haresformer_synth.safetensors',
    )
    monkeypatch.setattr('haresreid.apis.model_names.WEIGHTS', tmp_path / 'weights')
    monkeypatch.setattr('haresreid.apis.onnx_backend.OnnxBackend', lambda path: thirds)
    monkeypatch.chdir(tmp_path)
    video = cv2.VideoWriter('day.mp4', cv2.VideoWriter_fourcc(*'mp4v'), 10, (96, 100))
    for _ in range(4):
        video.write(np.full((100, 96, 3), 90, np.uint8))
    video.release()

    names = {}
    for block in blocks:
        exec(compile(block, 'inference.md', 'exec'), names)
    assert len(blocks) == 9
    assert names['seen'].paths == ['day.mp4#frame=0#box=0', 'day.mp4#frame=3#box=0', 'day.mp4#frame=3#box=1']
    assert names['day'].paths[-1] == 'people/cam4/0001/0001.jpg' and len(names['day']) == 13
    assert names['ranking'].indices.shape == (12, 5) and Image.open('ranking.png').size[0] > 400
    guesses = [str(warning.message) for warning in recwarn if 'Guessed' in str(warning.message)]
    assert ['0 visible and 12 infrared' in guesses[0], '12 visible and 0 infrared' in guesses[1]] == [True, True]
