"""Features of images outside any data set, and the gallery ranked by them."""

from collections.abc import Sequence

import torch
from mmengine.dataset import Compose, pseudo_collate
from mmengine.registry import init_default_scope
from mmengine.runner import load_checkpoint
from torch import Tensor

from haresreid.models import VIReID
from haresreid.registry import MODELS, TRANSFORMS
from haresreid.structures import Modality
from haresreid.utils import compat  # noqa: F401  (checkpoints are read with weights_only=True)
from haresreid.utils.config import load_config

__all__ = ['extract_features', 'init_model', 'rank']


def init_model(config: str, checkpoint: str, device: str = 'cpu') -> VIReID:
    """Build a config's model, load its weights and make it ready to extract features.

    Args:
        config (str): The config the checkpoint was trained with.
        checkpoint (str): A .pth file.
        device (str): Defaults to 'cpu'.

    Raises:
        FileNotFoundError: A file is missing.
        RuntimeError: The checkpoint is of another architecture.
    """
    cfg = load_config(config)
    init_default_scope('haresreid')
    model = MODELS.build(cfg.model)
    load_checkpoint(model, checkpoint, map_location='cpu', strict=True)
    model.test_pipeline = Compose([TRANSFORMS.build(step) for step in cfg.test_dataloader.dataset.pipeline])
    model.to(device).eval()
    return model


@torch.no_grad()
def extract_features(model: VIReID, images: Sequence[str], modality: Modality, batch_size: int = 32) -> Tensor:
    """L2-normalised features of image files of one modality.

    Args:
        model (VIReID): From :func:`init_model`.
        images (Sequence[str]): Paths.
        modality (Modality): Visible or infrared.
        batch_size (int): Images per forward pass. Defaults to 32.

    Returns:
        Tensor: (N, D) float32 on the CPU, in the order of ``images``.
    """
    features = []
    for start in range(0, len(images), batch_size):
        items = [
            model.test_pipeline(dict(img_path=str(path), pid=-1, camid=-1, modality=int(modality), gt_label=-1))
            for path in images[start:start + batch_size]
        ]
        samples = model.test_step(pseudo_collate(items))
        features.append(torch.stack([sample.pred_feature.cpu() for sample in samples]))  # (b, D)
    return torch.cat(features)  # (N, D)


def rank(query: Tensor, gallery: Tensor, top: int = 10) -> tuple[Tensor, Tensor]:
    """The most similar gallery images of each query.

    Args:
        query (Tensor): (Q, D) normalised features.
        gallery (Tensor): (G, D) normalised features.
        top (int): Defaults to 10; at most G.

    Returns:
        tuple[Tensor, Tensor]: Gallery indices and cosine similarities, each (Q, top), best first.
    """
    similarity, index = (query @ gallery.T).topk(min(top, len(gallery)), dim=1)  # (Q, top)
    return index, similarity
