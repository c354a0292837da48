"""ViT baseline on SYSU-MM01: TransReID's recipe, whose paper knows one modality, SGD for 120 epochs at 256 x 128."""

from mmengine.config import read_base

with read_base():
    from ..haresformer_sysu import *
    from .._base_.datasets.transreid import transreid_pipeline, transreid_sampler, transreid_test_pipeline
    from .._base_.schedules.sgd_transreid import *  # its names replace the paper's schedule
    from .vit_sysu_unified import model

train_dataloader.sampler = transreid_sampler
train_dataloader.dataset.update(pipeline=transreid_pipeline)
for loader in (val_dataloader, test_dataloader):
    loader.dataset.update(pipeline=transreid_test_pipeline)
# which checkpoint the released code keeps was not looked up; this is the one that AGW's keeps
default_hooks.checkpoint.update(save_best='sysu/all/R1-first-draw')
