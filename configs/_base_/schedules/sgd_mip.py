"""MIP's recipe: TransReID's for 80 epochs, prompts five times as fast, their generator fifteen times.

Start and floor of the cosine were not found; they are in TransReID's proportion.
"""

from mmengine.config import read_base

with read_base():
    from .sgd_transreid import *

optim_wrapper.optimizer.update(lr=0.01)
optim_wrapper.paramwise_cfg.custom_keys.update(
    {
        'backbone.modality_prompts': dict(lr_mult=5),
        'backbone.prompt_proj': dict(lr_mult=5),
        'backbone.instance_': dict(lr_mult=15),
    }
)
param_scheduler[0].update(epochs=80, start=1e-4, floor=2e-5)
train_cfg.update(max_epochs=80)
