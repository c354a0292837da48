"""A trained model and the test images that it may be shown, without a runner; figures are made from them."""

import copy
from pathlib import Path

import torch
from mmengine.config import Config
from mmengine.runner import Runner
from tqdm import tqdm

from haresreid.config.config import LOADERS, config_hash, load_config
from haresreid.evaluation import FeatureSet
from haresreid.evaluation.results import describe_checkpoint, describe_data
from haresreid.files.checkpoint_file import peek_checkpoint
from haresreid.files.paths import expand_home
from haresreid.models import VIReID

from .inference import init_model

__all__ = ['extract_feature_set', 'load_trained']


def load_trained(config: str | Config, checkpoint: str, data_root: str | None = None) -> tuple[VIReID, Config]:
    """Load a model and the config of its data; if these have splits, they are of the checkpoint's own split.

    The test people of another split were in its training, so results on them would be leaked.

    Args:
        config (str | Config): See :func:`init_model`; it is not changed.
        checkpoint (str): A .pth file.
        data_root (str, optional): Folder of the test set, instead of the config's, and of the training set if the
            config has both in one folder. Defaults to None.

    Raises:
        FileNotFoundError: If a file is missing.
        ValueError: If the checkpoint is of another architecture.
    """
    cfg = copy.deepcopy(config) if isinstance(config, Config) else load_config(config)
    trained_on = peek_checkpoint(checkpoint).get('meta', {}).get('dataset_meta') or {}
    folder = cfg.test_dataloader.dataset.get('data_root')
    for dataset in (cfg[loader].dataset for loader in LOADERS if cfg.get(loader)):
        if data_root is not None and dataset.get('data_root') == folder:
            dataset.data_root = expand_home(data_root)
        if 'split' in dataset and 'split' in trained_on:
            dataset.split = trained_on['split']
    return init_model(cfg, checkpoint), cfg


@torch.no_grad()
def extract_feature_set(model: VIReID, cfg: Config, checkpoint: str) -> FeatureSet:
    """Features of every test image, as ``haresreid test --dump`` writes them.

    Args:
        model (VIReID): The model.
        cfg (Config): The images are those of its ``test_dataloader``.
        checkpoint (str): Where the weights come from, for ``info``.
    """
    loader = Runner.build_dataloader(cfg.test_dataloader)
    samples = [sample for batch in tqdm(loader, desc='features', disable=None) for sample in model.test_step(batch)]
    features = torch.stack([sample.pred_feature for sample in samples]).float().cpu()  # (N, D)
    labels = ([getattr(sample, name) for sample in samples] for name in ('pid', 'camid', 'modality', 'img_path'))
    feature_set = FeatureSet(features.numpy(), *labels)
    feature_set.info = dict(
        dataset=dict(loader.dataset.metainfo, **describe_data(feature_set)),
        feature=model.head.test_feature,
        flip=model.flip_test,
        config=dict(name=Path(cfg.filename).stem, hash=config_hash(cfg)),
        checkpoint=describe_checkpoint(checkpoint),
    )
    return feature_set
