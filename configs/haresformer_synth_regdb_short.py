"""Shared by the ablations on SynVI in RegDB's layout, and Table IV, row 6: the whole model, from start weights."""

from mmengine.config import read_base

with read_base():
    from .haresformer_synth_short import *
    from .haresformer_synth_regdb import (
        test_dataloader,
        test_evaluator,
        train_dataloader,
        val_dataloader,
        val_evaluator,
    )

# as on RegDB itself
model.criterion.losses.aux.update(feature=['cls_3', 'cls_4', 'global_agg'], weight=dict(ramp, to=0.25))
