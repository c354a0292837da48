"""Checks of a config's data, before a model is built or anything is written."""

import os
import os.path as osp
from collections.abc import Iterable, Iterator

from mmengine import dist
from mmengine.config import Config
from mmengine.dataset import Compose

from haresreid.config.config import stated_image_size
from haresreid.datasets import LanczosResize, VIReIDDataset
from haresreid.datasets.listing import list_only
from haresreid.datasets.transforms.load_reid_image import UnreadableImageError
from haresreid.evaluation import VIReIDMetric
from haresreid.evaluation.drawable import require_drawable
from haresreid.files.images import open_image
from haresreid.registry import DATA_SAMPLERS, METRICS, TRANSFORMS

__all__ = ['check_data']

EVALUATORS = {'val_dataloader': 'val_evaluator', 'test_dataloader': 'test_evaluator'}


def check_data(cfg: Config, loaders: Iterable[str]) -> dict[str, VIReIDDataset]:
    """Check labels, and as few images as their sizes require. A missing SynVI set is drawn first.

    Args:
        cfg (Config): The config of a run.
        loaders (Iterable[str]): Which of 'train_dataloader', 'val_dataloader', 'test_dataloader' to check. Loaders that
            the config leaves out are skipped.

    Returns:
        dict[str, VIReIDDataset]: By loader what was listed, which :class:`haresreid.engine.ReIDRunner` need not list
        again; nothing where another process looks.

    Raises:
        FileNotFoundError: Data are missing.
        ValueError: Batches cannot be drawn, a protocol cannot be evaluated, an image is in both training and test, or
            images leave a pipeline with different sizes or not in the model's size.
    """
    # before the processes know each other, only the first may draw
    if not dist.is_distributed() and os.environ.get('RANK', '0') != '0':
        return {}
    subsets: dict[str, VIReIDDataset] = {}
    for loader in (loader for loader in loaders if cfg.get(loader)):
        twin = next((other for other in subsets if cfg[other].dataset == cfg[loader].dataset), None)
        if twin is None:
            subsets[loader] = list_only(cfg[loader].dataset)
            _check_sizes(cfg, loader, subsets[loader])
        else:
            subsets[loader] = subsets[twin]
        if loader == 'train_dataloader':
            DATA_SAMPLERS.build(cfg[loader].sampler, default_args=dict(dataset=subsets[loader], seed=0))
        else:
            _check_test_set(cfg, loader, subsets)
    return subsets


def _check_test_set(cfg: Config, loader: str, subsets: dict[str, VIReIDDataset]) -> None:
    images = subsets[loader]
    if 'train_dataloader' in subsets:
        trained_on = set(map(osp.normpath, subsets['train_dataloader'].img_paths))
        shared = [path for path in images.img_paths if osp.normpath(path) in trained_on]
        if shared:
            raise ValueError(
                f'{len(shared)} of {len(images)} images of {loader} are trained on, the first is '
                f'{shared[0]!r}; metrics on them mean nothing, so give both loaders the same split, or '
                'test on other images.'
            )
    evaluator = cfg[EVALUATORS[loader]]
    for metric in evaluator if isinstance(evaluator, list) else [evaluator]:
        metric = METRICS.build(metric)
        for protocol in metric.protocols if isinstance(metric, VIReIDMetric) else ():
            require_drawable(images, protocol)


def _check_sizes(cfg: Config, loader: str, images: VIReIDDataset) -> None:
    """Send one image of each size through the pipeline."""
    steps = [TRANSFORMS.build(step) for step in cfg[loader].dataset.pipeline]
    images.pipeline, sizes = Compose(steps), {}
    for index in _of_each_size(images, resized=any(isinstance(step, LanczosResize) for step in steps)):
        try:
            results = images[index]
        except UnreadableImageError:
            if cfg[loader].dataset.get('unreadable', 'raise') == 'raise':
                raise
            continue
        except ValueError as error:
            raise ValueError(f'{loader}: {images.img_paths[index]!r} does not pass the pipeline ({error})') from error
        if not isinstance(results, dict) or 'inputs' not in results:  # of a pipeline that packs otherwise
            return
        sizes.setdefault(tuple(results['inputs'].shape[-2:]), images.img_paths[index])
    wanted = stated_image_size(cfg) or next(iter(sizes), None)
    for size, path in sizes.items():
        if size != wanted:
            raise ValueError(
                f'{loader}: {path!r} leaves the pipeline with {size[0]} x {size[1]} pixels (height x '
                f'width), and must have {wanted[0]} x {wanted[1]}: put '
                f'dict(type=LanczosResize, size={wanted}) after LoadReIDImage in its pipeline'
            )


def _of_each_size(images: VIReIDDataset, resized: bool) -> Iterator[int]:
    """Rows of one image per modality or, if the pipeline does not resize, per size in the file headers."""
    sizes = set()
    for index, path in enumerate(images.img_paths):
        size = int(images.modalities[index])
        if not resized:
            size = size, _size_in_header(path)
        if size not in sizes:
            sizes.add(size)
            yield index


def _size_in_header(path: str) -> tuple[int, int] | str:
    try:
        with open_image(path) as image:
            return image.size
    except ValueError:
        return path  # the pipeline says what is wrong with it
