"""CM-NAS with norms shared by the modalities on SYSU-MM01: its released code's recipe."""

from mmengine.config import read_base

with read_base():
    from .cm_nas_separate_sysu_paper import *
    from .cm_nas_shared_sysu_unified import model
