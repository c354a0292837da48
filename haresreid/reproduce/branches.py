"""Measures once per run whether its model's transformers distinguish images, and keeps the result in its folder."""

from collections.abc import Callable, Iterable, Sequence

import numpy as np
from mmengine.device import get_device

from haresreid.analysis import branch_report, has_branches
from haresreid.evaluation.results import read_results
from haresreid.files.files import write_json
from haresreid.files.text_files import read_json
from haresreid.registry import MODELS
from haresreid.report import read_run

from .runs import Run, run_state

__all__ = ['SPREADS', 'probe_branches', 'read_branches', 'read_run_results']

FILE = 'branches.json'
# Column -> the field of a stage, whose minimum over the stages is taken.
SPREADS = {'least spread of class tokens': 'cls_spread', 'least spread of patch maps': 'patch_spread'}


def probe_branches(runs: Iterable[Run], report: Callable[[str], None] = print) -> None:
    """Write ``branches.json``, a :class:`haresreid.analysis.BranchReport`, into the folders that lack it.

    Finished runs of a model with transformer encoders are measured. A run whose checkpoint or images no longer exist is
    skipped, and ``report`` is told why.

    Args:
        runs (Iterable[Run]): The runs.
        report (Callable): Called with a line about each measured or skipped run.
    """
    for run in runs:
        file = run.folder / FILE
        if not run_state(run).finished or file.exists():
            continue
        try:
            trained = read_run(run.folder)
            if has_branches(MODELS.build(dict(trained.cfg.model, _scope_='haresreid')).backbone):
                report(f'measuring the branches of {run.name}')
                model, cfg = trained.trained
                write_json(file, branch_report(model.to(get_device()), cfg, str(trained.checkpoint)).to_dict())
        except (OSError, ValueError) as error:
            report(f'the branches of {run.name} are not measured: {error}')


def read_run_results(run: Run) -> dict:
    """``metrics.json`` of a finished run; if :func:`probe_branches` has measured it, with the result as ``branches``.

    Raises:
        ValueError: If ``branches.json`` is not what :func:`probe_branches` writes.
    """
    content, file = read_results(run.folder / 'metrics.json'), run.folder / FILE
    if not file.exists():
        return content
    content = dict(content, branches=read_json(file))
    try:
        whole = all(np.isfinite(values).all() for values in read_branches([content]).values())
    except (AttributeError, KeyError, TypeError, ValueError):
        whole = False
    if not whole:
        raise ValueError(f'{file} does not hold the figures of the branches: delete it, and they are measured anew.')
    return content


def read_branches(contents: Sequence[dict]) -> dict[str, np.ndarray]:
    """By column, a value for each model whose branches were measured; empty if there is none.

    The columns are those of ``SPREADS``, as fractions. For each protocol there are also the mAP with the outputs of the
    transformers held at their means, and the mAP lost by that, in percent.

    Args:
        contents (Sequence[dict]): Results of :func:`read_run_results`.
    """
    probes = [content['branches'] for content in contents if 'branches' in content]
    figures: dict[str, list[float]] = {}
    for probe in probes:
        for column, field in SPREADS.items():
            figures.setdefault(column, []).append(np.min([stage[field] for stage in probe['stages']]))
        for protocol, rows in probe['retrieval'].items():
            trained, held = (rows[row]['mean_ap'] for row in ('as trained', 'both held'))
            figures.setdefault(f'{protocol} mAP, both held', []).append(held)
            figures.setdefault(f'{protocol} mAP lost by it', []).append(trained - held)
    return {column: np.array(values) for column, values in figures.items()}
