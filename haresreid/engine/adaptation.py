"""From the config of a trained model to one that trains it on, without labels, on images of other cameras."""

from pathlib import Path

from mmengine.config import Config
from mmengine.hooks import SyncBuffersHook

from haresreid.config.classes import class_of, parameters_of

from .hooks import CheckpointGuardHook, PortableCheckpointHook, RunReportHook

__all__ = ['adapt_config']

KEPT_HOOKS = (SyncBuffersHook, PortableCheckpointHook, CheckpointGuardHook, RunReportHook)
RATE = 0.1  # of the learning rate of the config


def adapt_config(cfg: Config, checkpoint: str, visible: str, infrared: str, epochs: int, density: dict) -> None:
    """Turn a config into one that adapts its trained model; everything else stays, augmentation and batches included.

    The losses become :class:`ClusterContrastLoss` on the retrieval feature, and clusters that choose each other across
    modalities share a feature, as in ADCA. The learning rate is a tenth of the config's and stays so. There is no test.

    Args:
        cfg (Config): The config that the model was trained with. It is changed in place.
        checkpoint (str): Its weights.
        visible (str): Folder of visible images.
        infrared (str): Folder of infrared images.
        epochs (int): Epochs of the adaptation.
        density (dict): Arguments of :class:`ClusterHook` other than its defaults, such as ``eps``.

    Raises:
        ValueError: If the model is trained by several optimizers.
    """
    if 'optimizer' not in cfg.optim_wrapper:
        raise ValueError(
            f'{cfg.filename} is trained by several optimizers, with a generator: give a model that is trained by one'
        )
    object.__setattr__(cfg, '_filename', str(Path(cfg.filename).with_name(f'{Path(cfg.filename).stem}_adapted.py')))
    test_pipeline = cfg.test_dataloader.dataset.pipeline
    loader = cfg.train_dataloader
    loader.dataset = dict(type='UnlabelledImages', visible=visible, infrared=infrared, pipeline=loader.dataset.pipeline)
    sampler = loader.sampler
    loader.sampler = dict(type='ClusterSampler', num_ids=sampler.num_ids, num_instances=sampler.num_instances)
    head = cfg.model.head
    kind = class_of(head.type)
    chosen = head.get('test_feature') or parameters_of(kind)['test_feature'].default
    feature = kind.test_features[chosen]
    cfg.model.criterion.losses = dict(cluster=dict(type='ClusterContrastLoss', feature=feature, gather=True))
    own = [hook for hook in cfg.custom_hooks if class_of(hook.type) in KEPT_HOOKS]
    hook = dict(type='ClusterHook', pipeline=test_pipeline, matching='votes', aggregate=True, **density)
    cfg.custom_hooks = [*own, hook]
    cfg.default_hooks.checkpoint.pop('save_best', None)
    cfg.optim_wrapper.optimizer.lr *= RATE
    cfg.param_scheduler = None
    cfg.train_cfg.max_epochs = epochs
    for part in ('dataloader', 'cfg', 'evaluator'):
        cfg[f'val_{part}'] = cfg[f'test_{part}'] = None
    cfg.load_from = checkpoint
