"""CM-NAS with a norm per modality in the stem on RegDB: its released code's recipe.

One model per split: --split 1 ... --split 10.
"""

from mmengine.config import read_base

with read_base():
    from .cm_nas_separate_regdb_paper import *
    from .cm_nas_stem_regdb_unified import model
