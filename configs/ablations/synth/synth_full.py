"""What the ablations share on SynVI, and Table IV, row 6: the whole model, trained for less than half as long."""

from mmengine.config import read_base

with read_base():
    from ...haresformer_synth import *

# Tables III and IV are about supervised class tokens: no row may have them supervised from the start.
model.head.losses.pop('wrt_aux')

train_cfg.update(max_epochs=16, val_interval=16)
param_scheduler[0].update(end=2)
param_scheduler[1].update(begin=2, end=16)
