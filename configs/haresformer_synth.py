"""HAResformer, narrow, on SynVI: a newcomer's first run, from drawing the data to ranked lists, on a CPU."""

from mmengine.config import read_base

from haresreid.models import WeightedRegularizedTripletLoss

with read_base():
    from ._base_.haresformer_synth import *

# Not in the paper, which supervises class tokens and F_GA: a loss by which the patch map, too, tells people apart.
model.criterion.losses.wr_tri_aux.update(weight=1.0)
model.criterion.losses.update(
    wr_tri_patch=dict(type=WeightedRegularizedTripletLoss, beside='aux', feature='patch_4', weight=1.0)
)

train_cfg.update(max_epochs=30)
param_scheduler[1].update(end=30)
