"""A data set's labels and paths, without its images."""

from mmengine.dataset import BaseDataset

from haresreid.registry import DATASETS

__all__ = ['list_only']


def list_only(cfg: dict) -> BaseDataset:
    """Build the data set of a config without its pipeline: no image is decoded, and none is packed.

    Args:
        cfg (dict): The ``dataset`` of a loader.
    """
    without = dict(pipeline=[], unreadable='raise', cache_dir=None)
    return DATASETS.build({key: without.get(key, value) for key, value in cfg.items()})
