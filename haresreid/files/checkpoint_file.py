"""Reading a checkpoint with a check for damage, and without executing code."""

import json
import pickle
import re
import zipfile
from pathlib import Path
from typing import Any

import torch
from mmengine.logging import print_log

from .extras import require_extra
from .paths import expand_home

__all__ = ['latest_checkpoint', 'peek_checkpoint', 'read_checkpoint', 'state_dict_of', 'unwrapped', 'weights_in']

HOLDERS = (
    'state_dict',
    'model',
    'teacher',
)  # what files call the entry that holds the weights, if it is one of several
METADATA = 'haresreid'  # the only entry of a .safetensors file's metadata; its value is JSON
_peeked: dict[tuple, dict] = {}  # at most one checkpoint: the file as it was -> its content


def read_checkpoint(path: str | Path, map_location: Any = None) -> dict:
    """Read a ``.pth`` file of tensors and plain values, or a ``.safetensors`` file that haresreid wrote.

    Weights have the names that the bare model gives them, even if it was wrapped when they were saved: see
    :func:`unwrapped`.

    Args:
        path (str | Path): The file.
        map_location: As in :func:`torch.load`.

    Returns:
        dict: What was saved; for a ``.safetensors`` file ``state_dict`` and ``meta``.

    Raises:
        FileNotFoundError: If there is no such file.
        ValueError: If the file is damaged, is not a checkpoint, or holds Python objects that would execute code.
    """
    path = Path(expand_home(path))
    if not path.is_file():
        raise FileNotFoundError(f'no checkpoint at {path}: give the path of a .pth or .safetensors file')
    peeked = _peeked.pop(_state(path), None)
    if peeked is not None:
        return peeked
    checkpoint = (_read_safetensors if path.suffix == '.safetensors' else _read_pth)(path, map_location)
    if not isinstance(checkpoint, dict):
        raise ValueError(f'{path} is no checkpoint, since it holds a {type(checkpoint).__name__}, no dict of weights')
    meta = checkpoint.get('meta', {})
    _require_described(path, meta)
    if isinstance(meta.get('config'), str):
        del meta['config']  # MMEngine no longer writes this text, but its Runner.resume would execute it
    if isinstance(checkpoint.get('state_dict'), dict):
        checkpoint['state_dict'] = unwrapped(checkpoint['state_dict'])
        return checkpoint
    return unwrapped(checkpoint)


def state_dict_of(path: str | Path) -> dict[str, torch.Tensor]:
    """The weights in a checkpoint, by name, on the CPU. What is no tensor, or has no text as its name, is left out.

    Args:
        path (str | Path): The file: a state dict, or a checkpoint with one as its ``state_dict``, ``model`` or
            ``teacher``.

    Raises:
        FileNotFoundError: See :func:`read_checkpoint`.
        ValueError: See :func:`read_checkpoint`; also if the file holds no weights.
    """
    checkpoint = read_checkpoint(path, map_location='cpu')
    weights = next((checkpoint[name] for name in HOLDERS if isinstance(checkpoint.get(name), dict)), checkpoint)
    entries = unwrapped(weights).items()
    named = {name: value for name, value in entries if isinstance(name, str) and isinstance(value, torch.Tensor)}
    if not named:
        raise ValueError(f'{path} holds no weights, neither as a whole nor as its state_dict')
    return named


def weights_in(path: str | Path, checkpoint: dict) -> dict[str, torch.Tensor]:
    """The weights in the content of a checkpoint of haresreid, by name.

    Args:
        path (str | Path): The file, for the message.
        checkpoint (dict): Its content, from :func:`read_checkpoint`: a state dict, or a dict with one.

    Raises:
        ValueError: If an entry is no tensor.
    """
    weights = checkpoint.get('state_dict', checkpoint)
    if not isinstance(weights, dict):
        raise ValueError(f'{path} is damaged: its state_dict is a {type(weights).__name__}, no dict of weights')
    for name, value in weights.items():
        if not isinstance(value, torch.Tensor):
            raise ValueError(f'{path} is damaged, or no checkpoint: {name} is a {type(value).__name__}, no tensor')
    return weights


def peek_checkpoint(path: str | Path) -> dict:
    """Read a checkpoint that will be loaded later: the next :func:`read_checkpoint` of it returns the same content.

    A checkpoint of a large model takes seconds to read and to compare with its checksums, so it is read only once. Its
    content is on the CPU and must not be changed.

    Args:
        path (str | Path): The file.

    Raises:
        FileNotFoundError: See :func:`read_checkpoint`.
        ValueError: See :func:`read_checkpoint`.
    """
    content = read_checkpoint(path, map_location='cpu')
    _peeked.clear()
    _peeked[_state(Path(expand_home(path)))] = content
    return content


def _state(path: Path) -> tuple:
    """Properties of a file that change when it is replaced or written."""
    stat = path.stat()
    return path.absolute(), stat.st_ino, stat.st_size, stat.st_mtime_ns


def unwrapped(weights: dict) -> dict:
    """Remove the ``module.`` of a data-parallel model and the ``_orig_mod.`` of a compiled one from weights' names.

    Args:
        weights (dict): Weights by name.

    Raises:
        ValueError: If two names become the same.
    """
    plain = {name: re.sub(r'(^|\.)_orig_mod\.', r'\1', name) if isinstance(name, str) else name for name in weights}
    while plain and all(isinstance(name, str) and name.startswith('module.') for name in plain.values()):
        plain = {name: short.removeprefix('module.') for name, short in plain.items()}
    if len(set(plain.values())) < len(plain):
        raise ValueError(
            'a checkpoint has weights with and without _orig_mod. in their names: save it again where it '
            'was made, with one name for each'
        )
    if all(name == short for name, short in plain.items()):
        return weights
    return {short: weights[name] for name, short in plain.items()}


def _require_described(path: Path, meta: Any) -> None:
    """Refuse a ``meta`` that cannot be asked what the weights were trained on."""
    if not isinstance(meta, dict):
        raise ValueError(f'{path} is no checkpoint, since its meta is a {type(meta).__name__}, no dict')
    trained_on = meta.get('dataset_meta')
    if trained_on is None:
        return
    if not isinstance(trained_on, dict):
        raise ValueError(f'{path} is no checkpoint, since its dataset_meta is a {type(trained_on).__name__}, no dict')
    kinds = {key: type(trained_on.get(key)).__name__ for key in ('split', 'dataset')}
    if 'split' in trained_on and kinds != dict(split='int', dataset='str'):
        raise ValueError(
            f'{path} is no checkpoint of haresreid, since its dataset_meta has a split of type {kinds["split"]} and a '
            f'dataset of type {kinds["dataset"]}, no number and no name'
        )


def _read_pth(path: Path, map_location: Any) -> dict:
    _require_undamaged(path)
    try:
        return torch.load(path, map_location=map_location, weights_only=True)
    except pickle.UnpicklingError as error:
        raise ValueError(
            f'{path} holds Python objects beside its tensors, and haresreid executes no code from a '
            "checkpoint: save it again as {'state_dict': ..., 'meta': ...} where it was made"
        ) from error
    except Exception as error:  # the unpickler trips over a damaged stream in many ways: KeyError, IndexError, ...
        reason = f'{type(error).__name__}: {error}'.splitlines()[0]
        raise ValueError(
            f'{path} cannot be read as a checkpoint ({reason}): it is damaged, or was made by other software'
        ) from error


def _require_undamaged(path: Path) -> None:
    """Compare the content with the checksums in the file, since ``torch.load`` does not."""
    with open(path, 'rb') as file:
        start = file.read(16)
    if start[:1] == b'\x80':  # torch's format before 1.6, a bare pickle: it has no checksums
        return
    if start and start[:2] != b'PK':
        raise ValueError(f'{path} is no checkpoint, since it begins with {start!r}: give a .pth or .safetensors file')
    try:
        with zipfile.ZipFile(path) as archive:
            damaged = archive.testzip()
            program = any(Path(name).name == 'constants.pkl' for name in archive.namelist())
    except (zipfile.BadZipFile, OSError, EOFError, NotImplementedError, RuntimeError, ValueError) as error:
        damaged, program = f'{path.stat().st_size} bytes, {error}', False
    if program:
        raise ValueError(
            f'{path} is a TorchScript program, and programs are not run: save its weights by '
            "torch.save(torch.jit.load('FILE').state_dict(), 'weights.pth'), where you trust it, and give that file"
        )
    if damaged:
        raise ValueError(
            f'{path} cannot be read as a checkpoint ({damaged}): it is damaged or was cut off while being '
            'written or copied; use an earlier one'
        )


def _read_safetensors(path: Path, map_location: Any) -> dict:
    require_extra('safetensors', 'deploy')
    from safetensors import SafetensorError, safe_open

    try:
        with safe_open(path, framework='pt', device=str(map_location or 'cpu')) as file:
            meta = json.loads((file.metadata() or {}).get(METADATA, '{}'))
            return dict(state_dict={name: file.get_tensor(name) for name in file.keys()}, meta=meta)
    except (SafetensorError, json.JSONDecodeError, OSError) as error:
        raise ValueError(
            f'{path} cannot be read as a checkpoint ({error}): it is damaged or was cut off while being '
            'written or copied'
        ) from error


def latest_checkpoint(folder: str | Path) -> tuple[Path, dict] | None:
    """The newest undamaged checkpoint of a run, and its ``meta``; damaged ones are named in the log and skipped.

    A run that resumes from it does not read it again: see :func:`peek_checkpoint`.

    Args:
        folder (str | Path): The work directory.

    Returns:
        tuple[Path, dict], optional: None if there is no checkpoint at all.

    Raises:
        ValueError: If there are checkpoints but none can be read.
    """
    # by number: a run may have been killed between writing a checkpoint and recording it in last_checkpoint
    files = {
        int(match[1]): file
        for file in Path(folder).glob('*.pth')
        if (match := re.fullmatch(r'(?:epoch|iter)_(\d+)', file.stem))
    }
    problems = []
    for number in sorted(files, reverse=True):
        try:
            checkpoint = peek_checkpoint(files[number])
            if not {'meta', 'optimizer'} <= checkpoint.keys():
                raise ValueError(f'{files[number]} holds only weights, so a run cannot be resumed from it')
        except ValueError as error:
            problems.append(str(error))
        else:
            for problem in problems:
                print_log(f'{problem}. The run goes on from {files[number]}', 'current')
            return files[number], checkpoint['meta']
    if problems:
        raise ValueError(
            f'no checkpoint in {folder} can be read: {"; ".join(problems)}. To start from the beginning, '
            'take them out of the folder'
        )
    return None
