"""CM-NAS with norms shared by the modalities on LLCM: its released code's recipe."""

from mmengine.config import read_base

with read_base():
    from .cm_nas_separate_llcm_paper import *
    from .cm_nas_shared_llcm_unified import model
