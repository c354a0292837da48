"""HAResformer, narrow, on SynVI in LLCM's layout: nine places in low light, visible and near-infrared."""

from mmengine.config import read_base

from haresreid.evaluation import LLCMProtocol

with read_base():
    from ._base_.haresformer_synth import *

for loader in (train_dataloader, val_dataloader, test_dataloader):
    loader.dataset.update(data_root='data/SynVI/easy_llcm', layout='llcm', num_ids=(100, 0, 60), images_per_camera=1)
val_evaluator.update(protocols=[dict(type=LLCMProtocol, direction=way) for way in ('v2i', 'i2v')])
test_evaluator = val_evaluator
