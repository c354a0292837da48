"""Listing a data set's labels and paths once, for the checks before a run and for the run itself."""

from mmengine.dataset import BaseDataset, Compose

from haresreid.registry import DATASETS

from .vireid_dataset import VIReIDDataset

__all__ = ['list_only', 'with_images']


def list_only(cfg: dict) -> BaseDataset:
    """Build the data set of a config without its pipeline: no image is decoded or packed.

    Args:
        cfg (dict): The ``dataset`` of a loader.
    """
    without = dict(pipeline=[], unreadable='raise', cache_dir=None)
    return DATASETS.build({key: without.get(key, value) for key, value in cfg.items()})


def with_images(listed: BaseDataset, cfg: dict) -> BaseDataset:
    """Complete the data set that :func:`list_only` has built, without listing its files again.

    A test set that leaves out unreadable images is built anew, because its list changes.

    Args:
        listed (BaseDataset): The data set of the same config, without its pipeline. It is completed in place.
        cfg (dict): The ``dataset`` of a loader.
    """
    drops_images = cfg.get('unreadable') == 'skip' and cfg.get('subset') == 'test'
    if drops_images or not isinstance(listed, VIReIDDataset):
        return DATASETS.build(cfg)
    listed.pipeline, listed.unreadable = Compose(cfg.get('pipeline', [])), cfg.get('unreadable', 'raise')
    if cfg.get('cache_dir') is not None:
        listed.read_packed(cfg['cache_dir'])
    return listed
