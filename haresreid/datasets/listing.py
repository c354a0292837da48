"""A data set's labels and paths, listed once: first without its images, then with them."""

from mmengine.dataset import BaseDataset, Compose

from haresreid.registry import DATASETS

from .vireid_dataset import VIReIDDataset

__all__ = ['list_only', 'with_images']


def list_only(cfg: dict) -> BaseDataset:
    """Build the data set of a config without its pipeline: no image is decoded, and none is packed.

    Args:
        cfg (dict): The ``dataset`` of a loader.
    """
    without = dict(pipeline=[], unreadable='raise', cache_dir=None)
    return DATASETS.build({key: without.get(key, value) for key, value in cfg.items()})


def with_images(listed: BaseDataset, cfg: dict) -> BaseDataset:
    """The data set of a config, of what :func:`list_only` has listed: its files are not listed again.

    Args:
        listed (BaseDataset): Of the same config. It becomes the data set.
        cfg (dict): The ``dataset`` of a loader.
    """
    drops_images = cfg.get('unreadable') == 'skip' and cfg.get('subset') == 'test'
    if drops_images or not isinstance(listed, VIReIDDataset):
        return DATASETS.build(cfg)
    listed.pipeline, listed.unreadable = Compose(cfg.get('pipeline', [])), cfg.get('unreadable', 'raise')
    if cfg.get('cache_dir') is not None:
        listed.read_packed(cfg['cache_dir'])
    return listed
