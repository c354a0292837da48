"""A trained model and the test images that it may be shown, without a runner; figures are made from them."""

import copy
from pathlib import Path

import torch
from mmengine.config import Config
from mmengine.runner import Runner
from torch.utils.data import DataLoader
from tqdm import tqdm

from haresreid.config.config import LOADERS, config_hash, load_config
from haresreid.evaluation import FeatureSet
from haresreid.evaluation.results import describe_checkpoint, describe_data
from haresreid.files.checkpoint_file import peek_checkpoint
from haresreid.files.paths import expand_home
from haresreid.models import VIReID
from haresreid.structures import ReIDDataSample

from .inference import init_model

__all__ = ['extract_feature_set', 'load_trained', 'predict']


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
def predict(model: VIReID, loader: DataLoader, title: str = 'features') -> tuple[torch.Tensor, list[ReIDDataSample]]:
    """Features of a loader's images, (N, D) float32 on the CPU, and their samples, in the loader's order."""
    samples = [sample for batch in tqdm(loader, desc=title, disable=None) for sample in model.test_step(batch)]
    return torch.stack([sample.pred_feature for sample in samples]).float().cpu(), samples


def extract_feature_set(model: VIReID, cfg: Config, checkpoint: str, loader: DataLoader | None = None) -> FeatureSet:
    """Features of every test image, as ``haresreid test --dump`` writes them.

    Args:
        model (VIReID): The model.
        cfg (Config): Its config.
        checkpoint (str): Where the weights come from, for ``info``.
        loader (DataLoader, optional): The test images. Defaults to None: the config's ``test_dataloader`` is built.
    """
    loader = Runner.build_dataloader(cfg.test_dataloader) if loader is None else loader
    features, samples = predict(model, loader)
    labels = ([getattr(sample, name) for sample in samples] for name in ('pid', 'camid', 'modality', 'img_path'))
    queries = [sample.get('role') == 'query' for sample in samples]
    feature_set = FeatureSet(features.numpy(), *labels, queries=queries)
    feature_set.info = dict(
        dataset=dict(loader.dataset.metainfo, **describe_data(feature_set)),
        feature=model.head.test_feature,
        flip=model.flip_test,
        config=dict(name=Path(cfg.filename).stem, hash=config_hash(cfg)),
        checkpoint=describe_checkpoint(checkpoint),
    )
    return feature_set
