"""CM-NAS with a norm per modality in the stem on SYSU-MM01: its released code's recipe."""

from mmengine.config import read_base

with read_base():
    from .cm_nas_separate_sysu_paper import *
    from .cm_nas_stem_sysu_unified import model
