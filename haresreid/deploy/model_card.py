"""A model card in the form that vendors of edge devices use: description, figures, input, output, limits."""

from collections.abc import Mapping, Sequence
from pathlib import Path

from mmengine.config import Config

from haresreid.apis.onnx_backend import OnnxBackend
from haresreid.costs.model_cost import model_cost
from haresreid.files.checkpoint_file import peek_checkpoint
from haresreid.files.files import written_whole
from haresreid.files.markdown import markdown_table
from haresreid.files.text_files import read_json

__all__ = ['recorded_accuracy', 'write_model_card']

CARD = """\
# {name}

A feature of one cropped image of a person, for search in a gallery: the dot product of two features is their cosine
similarity. Exported from {config} with the weights {weights} by haresreid {version}.

## Specification

{specification}

## Accuracy

{accuracy}

## Input

{inputs}

## Output

{outputs}

## Limits

{limits}
"""


def recorded_accuracy(weights: str | Path) -> tuple[str, Mapping[str, Mapping[str, Sequence[float]]]]:
    """The accuracy that is recorded with weights: beside those that ship, or inside those that were published.

    Returns:
        tuple[str, Mapping]: On which data, and protocol -> metric -> (mean, standard deviation) in percent; empty if
        nothing is recorded.
    """
    beside = Path(weights).with_suffix('.json')
    if beside.is_file():
        rows = read_json(beside).get('metrics', {})
        data = next((row['data'] for row in rows.values() if 'data' in row), '')
        return data, {name: row for name, row in rows.items() if 'data' in row}
    meta = peek_checkpoint(weights).get('meta', {})
    rows = {
        name: {metric: (100 * row['mean'][metric], 100 * row['std'][metric]) for metric in ('R1', 'mAP', 'mINP')}
        for name, row in meta.get('metrics', {}).items()
    }
    return meta.get('data', {}).get('dataset', ''), rows


def write_model_card(source: str | Path, cfg: Config, weights: str | Path) -> Path:
    """Write ``NAME.md`` beside an exported file.

    Args:
        source (str | Path): ``NAME.onnx``.
        cfg (Config): The model's config.
        weights (str | Path): The file with its weights.

    Returns:
        Path: The card.
    """
    source, backend = Path(source), OnnxBackend(source)
    meta, cost = backend.metadata, model_cost(cfg)
    modality, (height, width) = meta['modality'] or 'visible or infrared', backend.image_size
    shape, kind = (
        (f'B, 3, {height}, {width}', 'float32') if backend.layout == 'nchw' else (f'B, {height}, {width}, 3', 'uint8')
    )
    inputs = [('images', shape, kind, f'RGB, 0 to 255, {modality}; resized with a Lanczos filter, stretched')]
    if 'modalities' in backend.inputs:
        inputs.append(('modalities', 'B', 'int64', '0 visible, 1 infrared'))
    card = source.with_suffix('.md')
    text = CARD.format(
        name=source.stem,
        config=meta['config']['name'],
        weights=f'{meta["checkpoint"]["name"]} (SHA-256 {meta["checkpoint"].get("sha256", "unknown")})',
        version=meta['version'],
        specification=markdown_table(
            [
                ('', ''),
                ('multiply-accumulates of an image', f'{cost.deployed.macs / 1e9:.3f} G'),
                ('parameters on which a feature depends', f'{cost.params_per_image / 1e6:.3f} M'),
                ('file', f'{source.stat().st_size / 1e6:.2f} MB, ONNX, {meta["precision"]}'),
                ('source framework', 'PyTorch'),
            ]
        ),
        accuracy=_accuracy(weights, meta['reduced'], backend.feature_dim),
        inputs=markdown_table([('name', 'shape', 'type', ''), *inputs]),
        outputs=markdown_table(
            [('name', 'shape', 'type', ''), ('features', f'B, {backend.feature_dim}', 'float32', 'unit length')]
        ),
        limits='\n'.join(f'- {limit}' for limit in _limits(modality, meta['reduced'])),
    )
    with written_whole(card) as part:
        part.write_text(text, encoding='utf-8')
    return card


def _accuracy(weights: str | Path, reduced: bool, width: int) -> str:
    data, rows = recorded_accuracy(weights)
    if not rows:
        return 'None is recorded with the weights: evaluate them with haresreid test.'
    head = 'Rank-1', 'mAP', 'mINP'
    cells = [
        (name, *('{:.2f} ± {:.2f}'.format(*row[metric]) for metric in ('R1', 'mAP', 'mINP')))
        for name, row in rows.items()
    ]
    table = markdown_table([('protocol', *head), *cells], labels=1)
    note = f' These are figures of the whole feature, before its reduction to {width} numbers.' if reduced else ''
    return f'{table}\n\nOn {data}.{note}'


def _limits(modality: str, reduced: bool) -> list[str]:
    limits = [
        f'It takes {modality} images of one upright person each, cropped by a detector; nothing else was tested.',
        'Features are comparable only with those of the same weights'
        + (', exported with the same reduction.' if reduced else '.'),
        'A similarity is no probability: fit one with haresreid calibrate on labelled images of your own site.',
        'A decoder or scaler other than the one above changes the features, and nobody has measured by how much.',
        'A search result is a hint for a person to check, and no proof of identity.',
    ]
    return limits
