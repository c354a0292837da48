"""Rank the gallery for an image, and time each step."""

import time
from dataclasses import dataclass, field

import numpy as np

from haresreid.apis import VIReIDInferencer, rank_features
from haresreid.apis.inferencer import guess_modality
from haresreid.structures import Modality

from .attention import attention_map
from .gallery import Gallery

__all__ = ['Found', 'find']


@dataclass(frozen=True)
class Found:
    """The results of one query.

    Attributes:
        image (np.ndarray): The query, (H, W, 3) uint8 RGB.
        modality (Modality): The query's, given or guessed.
        rows (list[int]): Rows of the gallery, best first.
        scores (list[float]): Their cosine similarities.
        searched (np.ndarray): (C,) rows of the gallery that were ranked.
        attention (np.ndarray, optional): (h, w, 3) uint8 RGB, where the query resembles its best match; None if the
            model has none.
        milliseconds (dict[str, float]): Time of each step.
    """

    image: np.ndarray
    modality: Modality
    rows: list[int]
    scores: list[float]
    searched: np.ndarray
    attention: np.ndarray | None
    milliseconds: dict[str, float] = field(default_factory=dict)


def find(
    inferencer: VIReIDInferencer,
    gallery: Gallery,
    image: np.ndarray,
    modality: Modality | None = None,
    across: bool = True,
    top: int = 10,
) -> Found:
    """Rank the gallery for an image.

    Args:
        inferencer (VIReIDInferencer): Inferencer of the model that computed the gallery's features.
        gallery (Gallery): The gallery to search.
        image (np.ndarray): (H, W, 3) uint8 RGB.
        modality (Modality, optional): Modality of the image; None guesses it from colour. Defaults to None.
        across (bool): Search only images of the other modality. Defaults to True.
        top (int): Number of gallery images to return. Defaults to 10.

    Raises:
        ValueError: The gallery has no image of the other modality, or the model's feature is not finite.
    """
    start = time.perf_counter()
    modality = guess_modality(image) if modality is None else modality
    candidates = gallery.of_modality(Modality(1 - modality) if across else None)
    if not len(candidates):
        raise ValueError(f'The gallery has no {Modality(1 - modality).name.lower()} image to find: search all images.')
    query = inferencer(image, modality)
    extracted = time.perf_counter()
    ranking = rank_features(query, gallery.features[candidates], top)
    ranked = time.perf_counter()
    rows = candidates[ranking.indices[0]].tolist()
    attention = attention_map(inferencer, image, modality, gallery.features.features[rows[0]])
    spent = dict(features=extracted - start, ranking=ranked - extracted, attention=time.perf_counter() - ranked)
    return Found(
        image,
        modality,
        rows,
        ranking.scores[0].tolist(),
        candidates,
        attention,
        {step: 1000 * seconds for step, seconds in spent.items()},
    )
