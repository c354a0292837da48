"""HAResformer, narrow, on the level of SynVI where only global context distinguishes people."""

from mmengine.config import read_base

with read_base():
    from .._base_.haresformer_synth import *

for loader in (train_dataloader, val_dataloader, test_dataloader):
    loader.dataset.update(data_root='data/SynVI/context_sysu', level='context')
val_evaluator.update(references=('chance', 'hsv', 'patches', 'hog'))
test_evaluator = val_evaluator
