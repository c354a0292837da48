"""What the ablations share on SynVI in RegDB's layout, and Table IV, row 6: the whole model."""

from mmengine.config import read_base

with read_base():
    from ...haresformer_synth_regdb import *

# Tables III and IV are about supervised class tokens: no row may have them supervised from the start.
model.head.losses.pop('wrt_aux')

train_cfg.update(val_interval=36)
