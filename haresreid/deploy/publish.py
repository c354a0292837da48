"""Published weights from a checkpoint: select them, describe where they come from, write them, and verify the file."""

import hashlib
import json
import tempfile
from pathlib import Path

import torch
from mmengine.config import Config
from safetensors.torch import save_file
from torch import Tensor

import haresreid
from haresreid.apis import init_model
from haresreid.config.config import config_hash
from haresreid.config.config_data import read_config_data
from haresreid.config.model_parts import model_parts, model_settings
from haresreid.evaluation.results import describe_checkpoint, read_results
from haresreid.files.checkpoint_file import METADATA, peek_checkpoint
from haresreid.files.files import written_whole

__all__ = ['describe', 'find_config', 'require_own', 'select_weights', 'verify', 'write', 'write_safetensors']


def find_config(checkpoint: Path) -> Config:
    """Read the config beside a training's checkpoint as data, since the folder may come from somebody else.

    Raises:
        ValueError: If there are several configs, or none.
    """
    found = sorted(checkpoint.parent.glob('*.py'))
    if len(found) != 1:
        raise ValueError(
            f'{checkpoint.parent} holds {len(found)} configs: say with --config which one '
            f'{checkpoint.name} was trained with'
        )
    return read_config_data(found[0])


def describe(file: str, checkpoint: dict, cfg: Config, metrics: str | None = None) -> dict:
    """Describe in plain values where the weights come from.

    Args:
        file (str): The checkpoint.
        checkpoint (dict): The content of that file.
        cfg (Config): The config that it was trained with.
        metrics (str, optional): The checkpoint's metrics.json, to be included. Defaults to None.

    Raises:
        ValueError: If the metrics belong to another checkpoint or config, or the meta holds more than plain values.
    """
    trained = checkpoint.get('meta', {})
    meta = dict(
        config=dict(name=Path(cfg.filename).stem, hash=config_hash(cfg)),
        checkpoint=describe_checkpoint(file),
        haresreid=haresreid.__version__,
        parts=model_parts(cfg.model),
        settings=model_settings(cfg.model),
        **{key: trained[key] for key in ('epoch', 'seed', 'dataset_meta', 'converted_from') if key in trained},
    )
    if metrics:
        results = read_results(metrics)
        require_own(metrics, results, meta)
        meta.update(metrics={name: rows['ours'] for name, rows in results['protocols'].items()}, data=results['data'])
    try:
        return json.loads(json.dumps(meta))  # so that both formats hold the same
    except TypeError as error:
        raise ValueError(
            f'{file} cannot be published, since its meta holds more than plain values ({error})'
        ) from error


def require_own(metrics: str | Path, results: dict, meta: dict) -> None:
    """Refuse results of another config or checkpoint than the weights'.

    Args:
        metrics (str | Path): The file of the results.
        results (dict): Its content.
        meta (dict): From :func:`describe`.
    """
    for key, digest in (('config', 'hash'), ('checkpoint', 'sha256')):
        if key in results and results[key].get(digest) != meta[key][digest]:
            raise ValueError(
                f'{metrics} has the figures of another {key} ({results[key]}) than {meta[key]}: '
                "give this checkpoint's own"
            )


def select_weights(checkpoint: dict, left_out: tuple[str, ...]) -> dict[str, Tensor]:
    """The weights without those whose names begin with a prefix in ``left_out``, each contiguous and unshared."""
    weights = checkpoint.get('state_dict', checkpoint)
    return {
        name: value.detach().clone(memory_format=torch.contiguous_format)
        for name, value in weights.items()
        if not name.startswith(left_out)
    }


def write_safetensors(weights: dict[str, Tensor], meta: dict, path: Path) -> None:
    """Write weights and their origin as a safetensors file."""
    save_file(weights, path, {METADATA: json.dumps(meta), 'format': 'pt'})


def write(weights: dict[str, Tensor], meta: dict, out: str, suffix: str) -> Path:
    """Write the weights to a file named after the hash of its content, and print the name.

    Args:
        weights (dict[str, Tensor]): From :func:`select_weights`.
        meta (dict): From :func:`describe`.
        out (str): The file, without -<hash> and suffix.
        suffix (str): '.pth' or '.safetensors'.
    """
    with tempfile.TemporaryDirectory(dir=Path(out).parent) as folder:
        draft = Path(folder, f'model{suffix}')
        if suffix == '.safetensors':
            write_safetensors(weights, meta, draft)
        else:
            torch.save(dict(state_dict=weights, meta=meta), draft)
        content = draft.read_bytes()
    digest = hashlib.sha256(content).hexdigest()
    path = Path(f'{out}-{digest[:8]}{suffix}')
    with written_whole(path) as part:
        part.write_bytes(content)
    print(f'{path}: {len(content) / 2**20:.1f} MiB, SHA-256 {digest}')
    return path


def verify(path: Path, weights: dict[str, Tensor], meta: dict, cfg: Config) -> None:
    """Read the file again, compare it with what should have been written, and load it into the config's model.

    Raises:
        ValueError: If the file does not hold that.
    """
    found = peek_checkpoint(path)
    same = (
        found['meta'] == meta
        and found['state_dict'].keys() == weights.keys()
        and all(torch.equal(found['state_dict'][name], value) for name, value in weights.items())
    )
    if not same:
        raise ValueError(f'{path} does not read back as it was written: the disk is failing, or full')
    init_model(cfg, str(path))
