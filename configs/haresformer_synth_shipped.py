"""The narrow HAResformer whose weights come with haresreid, trained for hours on SynVI people of another seed.

It is validated on the test people of configs/haresformer_synth.py, on whom no run has ever trained.
"""

from mmengine.config import read_base

with read_base():
    from ._base_.haresformer_synth import *

train_dataloader.dataset.update(
    data_root='data/SynVI/easy_sysu_shipped', seed=2, num_ids=(1500, 0, 0), images_per_camera=3
)
# these weights were trained before haresformer_synth.py halved this rate
optim_wrapper.paramwise_cfg.update(custom_keys=dict(transformers=dict(lr_mult=0.25), hgae=dict(lr_mult=0.25)))

train_cfg.update(max_epochs=32, val_interval=8)
param_scheduler[0].update(end=2)
param_scheduler[1].update(begin=2, end=32)
