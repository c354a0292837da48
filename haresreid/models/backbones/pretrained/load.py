"""Loading pretrained weights of any known format into a backbone, with a report."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from mmengine.logging import print_log
from torch import Tensor, nn

from haresreid.files.checkpoint_file import state_dict_of

from .fetch import fetch_weights
from .weight_format import WeightFormat

__all__ = ['WeightReport', 'load_pretrained']

PLACES = ('', 'backbone.', 'backbone.encoder.', 'backbone.swin.')  # of a backbone in a checkpoint
COMPUTED = ('num_batches_tracked', 'relative_position_index')  # no file has to hold them


@dataclass(frozen=True)
class WeightReport:
    """What became of the weights in a file.

    Attributes:
        path (Path): The file.
        title (str): Its format.
        used (tuple[str, ...]): The model's weights that come from it.
        dropped (Mapping[str, str]): Names in the file that have no place in the model: what they are.
        missing (tuple[str, ...]): The model's weights that the file does not hold; they keep their values.
        resized (tuple[str, ...]): What was resized, in words.
    """

    path: Path
    title: str
    used: tuple[str, ...]
    dropped: Mapping[str, str]
    missing: tuple[str, ...]
    resized: tuple[str, ...]

    def __str__(self) -> str:
        by_reason: dict[str, list[str]] = {}
        for name, what in self.dropped.items():
            by_reason.setdefault(what, []).append(name)
        parts = [f'{len(self.used)} used', *self.resized]
        parts += [f'dropped {_listed(names)} ({what})' for what, names in by_reason.items()]
        parts += [f'not in the file: {_listed(self.missing)}'] if self.missing else []
        return f'Pretrained weights of {self.path} ({self.title}): {"; ".join(parts)}'


def load_pretrained(
    model: nn.Module,
    source: str,
    formats: Sequence[WeightFormat],
    added_parts: tuple[str, ...] = (),
    resize: Callable[[str, Tensor], tuple[Tensor, str]] | None = None,
    left_out: tuple[str, ...] = (),
) -> WeightReport:
    """Load pretrained weights into a backbone; the log says what was used, dropped, and not in the file.

    The backbone's own names count as a format, too, also where checkpoints of MMPretrain and haresreid hold a backbone.
    A file that could run code is refused.

    Args:
        model (nn.Module): The backbone.
        source (str): See :func:`fetch_weights`.
        formats (Sequence[WeightFormat]): Those that the backbone can take, the most special one first.
        added_parts (tuple[str]): Substrings that identify the weights the model has beyond the pretrained network;
            those keep their values, and a file may hold them. Defaults to none.
        resize (Callable, optional): ``resize(name, weight)`` gives a weight of the model's size, and what was done in
            words, or the weight as it is and ''. Defaults to None.
        left_out (tuple[str]): Prefixes of the weights that the pretrained network has beyond the model. Defaults to
            none.

    Raises:
        FileNotFoundError: If the file does not exist, or can neither be found in the cache nor downloaded.
        ValueError: If the file is damaged, is of no known format, or holds another architecture.
    """
    path = fetch_weights(source)
    weights = state_dict_of(path)
    form = _format_of(model, weights, formats, path)
    found, dropped = form.read(weights)
    own = model.state_dict()
    added = {name for name in {*own, *found} if any(part in name for part in added_parts)}
    dropped |= {found[name][0]: 'a part of its own' for name in found if name in added}
    dropped |= {there: 'left out of the model' for name, (there, _) in found.items() if name.startswith(left_out)}
    found = {name: entry for name, entry in found.items() if not name.startswith(left_out)}
    used, resized = {}, []
    for name in [*own, *found]:
        if name in added or (name.endswith(COMPUTED) and not (name in own and name in found)):
            continue
        there, value = found.get(name, (name, None))
        if value is not None and name in own and resize is not None:
            value, note = resize(name, value)
            resized += [note] if note and note not in resized else []
        shapes = ['missing' if each is None else tuple(each.shape) for each in (value, own.get(name))]
        if shapes[0] != shapes[1]:
            hint = f' ({form.needs})' if form.needs else ''
            raise ValueError(
                f'{path} ({form.title}) holds another architecture than this {type(model).__name__} '
                f'(parameter {there}: {shapes[0]} in the file, {shapes[1]} in the model); build the backbone as in the '
                f'file{hint}, or name another file, or pretrained=None.'
            )
        used[name] = value
    model.load_state_dict(used, strict=False)
    missing = tuple(name for name in own if name not in used and not name.endswith(COMPUTED))
    report = WeightReport(path, form.title, tuple(used), dropped, missing, tuple(resized))
    print_log(str(report), logger='current')
    return report


def _format_of(
    model: nn.Module, weights: Mapping[str, Tensor], formats: Sequence[WeightFormat], path: Path
) -> WeightFormat:
    own = WeightFormat('MMPretrain or haresreid', next(iter(model.state_dict())), {}, under=PLACES)
    for form in (*formats, own):
        if form.fits(weights):
            return form
    titles = ', '.join(form.title for form in (*formats, own))
    raise ValueError(
        f'{path} holds no weights that a {type(model).__name__} can take, which are those of {titles}; its first is '
        f'{next(iter(weights))}. Name another file, or pretrained=None.'
    )


def _listed(names: Sequence[str]) -> str:
    """The names, or the first and the number of the others if there are more than four."""
    return ', '.join(names) if len(names) <= 4 else f'{names[0]}, {len(names) - 1} more'
