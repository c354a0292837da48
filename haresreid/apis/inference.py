"""Models that are ready to extract features, by name or by config, and their features as tensors."""

from collections.abc import Sequence
from textwrap import shorten

import torch
from mmengine.config import Config
from mmengine.dataset import Compose, pseudo_collate
from mmengine.registry import init_default_scope
from mmengine.runner.checkpoint import load_state_dict
from torch import Tensor

from haresreid.compat.mmengine_shims import load_from_local
from haresreid.config.config import image_size, load_config
from haresreid.config.model_parts import refuse_other_parts
from haresreid.config.readings import refuse_another_reading
from haresreid.files.checkpoint_file import weights_in
from haresreid.models import VIReID
from haresreid.registry import MODELS, TRANSFORMS
from haresreid.structures import Modality

from .model_names import find_config, find_trained

__all__ = ['extract_features', 'get_model', 'init_model', 'rank']


def init_model(config: str | Config, checkpoint: str | None = None, device: str = 'cpu') -> VIReID:
    """Build a config's model, load its weights and make it ready to extract features.

    Args:
        config (str | Config): The config the checkpoint was trained with. A file is code and is executed;
            :func:`haresreid.config.config_data.read_config_data` reads the config in a run's folder as data.
        checkpoint (str, optional): A .pth or .safetensors file. It may lack the classifier, which features do not need.
            Defaults to None, random weights.
        device (str): Defaults to 'cpu'.

    Returns:
        VIReID: The model in eval mode, with the attributes ``test_pipeline``, the config's, and ``image_size``,
        (height, width).

    Raises:
        FileNotFoundError: If a file is missing.
        ValueError: If the checkpoint is damaged, of another architecture, or of a model of other classes or settings.
    """
    cfg = config if isinstance(config, Config) else load_config(config)
    init_default_scope('haresreid')
    model = MODELS.build(cfg.model)
    if checkpoint is not None:
        try:
            _load_weights(model, str(checkpoint), cfg)
        except RuntimeError as error:
            what = shorten(str(error), 300, placeholder=' ...')  # PyTorch names every parameter
            raise ValueError(
                f'checkpoint {checkpoint} is of another architecture than {cfg.filename}: use the config '
                f'that it was trained with, which a training leaves beside its checkpoints. '
                f'{what}'
            ) from error
    model.test_pipeline = Compose([TRANSFORMS.build(step) for step in cfg.test_dataloader.dataset.pipeline])
    model.image_size = image_size(cfg)
    model.to(device).eval()
    return model


def get_model(name: str, pretrained: bool | str = False, device: str = 'cpu') -> VIReID:
    """A model by name, ready to extract features.

    Args:
        name (str): One of :func:`list_models`, or the path of a config file.
        pretrained (bool | str): A .pth or .safetensors file that was trained with this config; True for the weights
            that come with haresreid; False for random weights, without any download. Defaults to False.
        device (str): Defaults to 'cpu'.

    Returns:
        VIReID: See :func:`init_model`.

    Raises:
        FileNotFoundError: If a file is missing.
        ValueError: If no model has this name, no weights of it come with haresreid, or the file is of another
            architecture.

    Examples:
        >>> model = get_model('haresformer_synth')
        >>> model.image_size
        (96, 48)
    """
    config, weights = find_trained(name) if pretrained is True else (find_config(name), pretrained or None)
    return init_model(str(config), weights, device)


def _load_weights(model: VIReID, checkpoint: str, cfg: Config) -> None:
    content = load_from_local(checkpoint, map_location='cpu')
    ours = model.state_dict()
    # The classifier only knows the identities of the training set, which may be others. Released weights leave it out,
    # and so does a model whose config does not state their number.
    training_only = model.training_only()
    classifier = {key: value for key, value in ours.items() if key.startswith(training_only)}
    theirs = weights_in(checkpoint, content)
    unread = [
        key
        for key, value in theirs.items()
        if key.startswith(training_only) and (key not in ours or value.shape != ours[key].shape)
    ]
    weights = {**classifier, **{key: value for key, value in theirs.items() if key not in unread}}
    refuse_another_reading(checkpoint, ours.keys() - weights.keys(), weights.keys() - ours.keys())
    load_state_dict(model, weights, strict=True)
    refuse_other_parts(checkpoint, content.get('meta', {}), cfg.model)


@torch.no_grad()
def extract_features(model: VIReID, images: Sequence[str], modality: Modality, batch_size: int = 32) -> Tensor:
    """L2-normalised features of image files of one modality.

    Files are read as those of data sets are: EXIF orientation flags are ignored.

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
            for path in images[start : start + batch_size]
        ]
        samples = model.test_step(pseudo_collate(items))
        features.append(torch.stack([sample.pred_feature for sample in samples]).cpu())  # (b, D)
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
