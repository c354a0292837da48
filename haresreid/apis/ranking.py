"""The gallery ranked for each query, for programs, for printing and as a picture."""

import base64
import io
from collections.abc import Iterator
from dataclasses import dataclass
from html import escape
from pathlib import Path

import numpy as np
from PIL import Image, ImageDraw

from haresreid.files.files import written_whole
from haresreid.files.heads import shown
from haresreid.files.images import read_any_rgb
from haresreid.structures import Features

from .top_k import top_k

__all__ = ['Ranking', 'rank_features']

BLOCK = 2**24  # similarities held at once
CELL, GAP, LINE = (72, 144), 6, 14  # pixels: (width, height) of an image, gap between images, height of a text line


@dataclass(repr=False)
class Ranking:
    """The most similar gallery images of Q queries, best first.

    Iteration yields tuples ``(query, rank, image, score)``, one for each gallery match, with ranks from 1 and scores to
    four digits. Images are named by their paths, or by their row numbers if they have none.

    Args:
        indices (np.ndarray): (Q, top) int64 rows of the gallery.
        scores (np.ndarray): (Q, top) float32 cosine similarities.
        query_paths (list[str]): Paths of the Q queries.
        gallery_paths (list[str]): Paths of all gallery images.
    """

    indices: np.ndarray
    scores: np.ndarray
    query_paths: list[str]
    gallery_paths: list[str]

    def __iter__(self) -> Iterator[tuple[str | int, int, str | int, float]]:
        for row, (indices, scores) in enumerate(zip(self.indices.tolist(), self.scores.tolist())):
            for rank, (index, score) in enumerate(zip(indices, scores), start=1):
                yield self.query_paths[row] or row, rank, self.gallery_paths[index] or index, round(score, 4)

    def draw(self, path: str | Path | None = None, queries: int = 10) -> Image.Image:
        """Draw a picture: a query in each row, and its gallery matches to the right of it with their scores.

        An image without a file, such as an array or a box of a video, is left grey.

        Args:
            path (str | Path, optional): Where to save it. Defaults to None, nowhere.
            queries (int): Number of queries to draw, from the first. Defaults to 10.
        """
        width, height = CELL
        rows = self.indices[:queries]
        size = ((width + GAP) * (rows.shape[1] + 1) + 3 * GAP, (height + LINE + GAP) * len(rows) + GAP)
        picture = Image.new('RGB', size, 'white')
        text = ImageDraw.Draw(picture)
        for row, (indices, scores) in enumerate(zip(rows, self.scores)):
            matches = [(self.gallery_paths[index], f'{score:.3f}') for index, score in zip(indices, scores)]
            for column, (name, caption) in enumerate([(self.query_paths[row], 'query'), *matches]):
                # a wider gap parts the query from its matches
                left, top = GAP + column * (width + GAP) + (GAP if column else 0), GAP + row * (height + LINE + GAP)
                picture.paste(_thumbnail(name), (left, top + LINE))
                text.text((left, top), caption, fill='black')
        if path is not None:
            with written_whole(path) as part:
                picture.save(part)
        return picture

    def __repr__(self) -> str:
        queries, top = self.indices.shape
        return f'Ranking of {len(self.gallery_paths)} images for {queries} queries, the first {top}'

    def _repr_html_(self) -> str:
        """The first ten queries with their gallery matches as HTML, for notebooks."""
        columns = ['query', *range(1, self.indices.shape[1] + 1)]
        head = ''.join(f'<th scope="col">{column}</th>' for column in columns)
        rows = ''.join(
            '<tr>'
            + _cell(self.query_paths[row], f'query {row}')
            + ''.join(
                _cell(self.gallery_paths[index], f'{score:.3f}') for index, score in zip(indices, self.scores[row])
            )
            + '</tr>'
            for row, indices in enumerate(self.indices[:10])
        )
        return f'<p>{escape(repr(self))}</p><table><tr>{head}</tr>{rows}</table>'


def rank_features(query: Features, gallery: Features, top: int = 10) -> Ranking:
    """Rank the gallery for each query by cosine similarity, in blocks of bounded memory.

    Args:
        query (Features): Q images.
        gallery (Features): G images, from the same model.
        top (int): Number of gallery matches, capped at G. Defaults to 10.

    Raises:
        ValueError: If the features come from two models, or there is nothing to rank.
    """
    if query.features.shape[1] != gallery.features.shape[1]:
        raise ValueError(
            f'Query features have {query.features.shape[1]} numbers and gallery features '
            f'{gallery.features.shape[1]}: they come from two models.'
        )
    if top < 1 or not len(query) or not len(gallery):
        raise ValueError(f'There is nothing to rank: {len(query)} queries, {len(gallery)} gallery images, top {top}.')
    top = min(top, len(gallery))
    indices, scores = [], []
    rows = max(1, BLOCK // len(gallery))
    for start in range(0, len(query), rows):
        similarity = query.features[start : start + rows] @ gallery.features.T  # (q, G)
        best, found = top_k(similarity, np.broadcast_to(np.arange(len(gallery)), similarity.shape), top)  # (q, top)
        indices.append(found)
        scores.append(best)
    return Ranking(np.concatenate(indices), np.concatenate(scores), query.paths, gallery.paths)


def _thumbnail(path: str) -> Image.Image:
    """The image at the size of a cell, as the model sees it; grey if there is no file."""
    try:
        return Image.fromarray(shown(read_any_rgb(path, turn=True))).resize(CELL, Image.Resampling.LANCZOS)
    except ValueError:
        return Image.new('RGB', CELL, (200, 200, 200))


def _cell(path: str, caption: str) -> str:
    data = io.BytesIO()
    _thumbnail(path).save(data, 'PNG')
    source = base64.b64encode(data.getvalue()).decode('ascii')
    name = escape(path or 'no file', quote=True)
    return f'<td><img src="data:image/png;base64,{source}" alt="{name}" title="{name}"><br>{escape(caption)}</td>'
