"""Values that follow from a config's training images and sampler, so that no config has to state them."""

from mmengine.config import Config

from .classes import class_of, parameters_of

__all__ = ['fill_in_implied', 'implied_image_size', 'implied_num_classes', 'set_num_classes']


def fill_in_implied(cfg: Config) -> None:
    """Write the size of a training batch, and the number of classes if it is known without listing images.

    A backbone that takes an ``img_size`` and is given none gets the size of the training images.

    A sampler that lays out whole batches has a static method ``batch_size_of(cfg, dataset)``, where ``dataset`` is the
    class of the data set. A data set that knows its identities before it lists an image has a class method
    ``num_classes_of(cfg)``.

    Raises:
        ValueError: If the config states another number.
    """
    loader = cfg.get('train_dataloader')
    if not loader:
        return
    sampler, dataset = (class_of((loader.get(part) or {}).get('type')) for part in ('sampler', 'dataset'))
    size = sampler.batch_size_of(loader.sampler, dataset) if sampler and hasattr(sampler, 'batch_size_of') else None
    if size is not None and loader.setdefault('batch_size', size) != size:
        raise ValueError(
            f'train_dataloader.batch_size is {loader.batch_size}, and its sampler lays out batches of {size} images: '
            'leave batch_size out, it follows from num_ids and num_instances'
        )
    num_classes = implied_num_classes(cfg)
    if num_classes is not None:
        set_num_classes(cfg, num_classes)
    image_size, backbone = implied_image_size(cfg), cfg.model.get('backbone') or {}
    kind = class_of(backbone.get('type'))
    if image_size is not None and kind is not None and 'img_size' in parameters_of(kind):
        backbone.setdefault('img_size', image_size)


def implied_image_size(cfg: Config) -> tuple[int, int] | None:
    """(Height, width) that the training pipeline's last step of resizing or cropping gives, or None without one."""
    pipeline = ((cfg.get('train_dataloader') or {}).get('dataset') or {}).get('pipeline') or []
    sizes = [step.get(key) for step in pipeline if isinstance(step, dict) for key in ('size', 'crop_size')]
    pairs = [(size[0], size[1]) for size in sizes if isinstance(size, (list, tuple)) and len(size) == 2]
    return pairs[-1] if pairs else None


def implied_num_classes(cfg: Config) -> int | None:
    """The number of training identities, or None if it is only known after listing the images."""
    dataset = (cfg.get('train_dataloader') or {}).get('dataset') or {}
    kind = class_of(dataset.get('type'))
    return kind.num_classes_of(dataset) if kind and hasattr(kind, 'num_classes_of') else None


def set_num_classes(cfg: Config, num_classes: int) -> None:
    """Give the classifier an output for each training identity. A head without a classifier is not changed.

    A head that states 0 classes, as in a training without labels, has no classifier either.

    Raises:
        ValueError: If the config states another number.
    """
    head = cfg.model.get('head') or {}
    kind = class_of(head.get('type'))
    if kind is None or 'num_classes' not in parameters_of(kind):
        return
    stated = head.get('num_classes')
    if stated == 0:
        return
    if stated not in (None, num_classes):
        raise ValueError(
            f'model.head.num_classes is {stated}, and the training set has {num_classes} identities: '
            'leave num_classes out, it follows from the training set'
        )
    head['num_classes'] = num_classes
