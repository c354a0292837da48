"""A report on what each part of a trained model is worth."""

from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import asdict, dataclass

from mmengine.config import Config

from haresreid.apis import extract_feature_set
from haresreid.evaluation import evaluate
from haresreid.evaluation.results import describe_checkpoint, format_grid
from haresreid.models import VIReID
from haresreid.registry import PROTOCOLS

from .branch_report import Retrieval
from .gradients import first_batch, has_training_loss, squared_gradient, with_gradients
from .part_probe import PartProbe, part_named

__all__ = ['PartReport', 'part_report']

AS_TRAINED, ALL_HELD = 'as trained', 'all held'


@dataclass(frozen=True)
class PartReport:
    """What the parts of one trained model are worth.

    Attributes:
        checkpoint (dict): Description of the weights.
        num_images (int): Number of test images of both modalities.
        spreads (dict[str, float]): For each part, the standard deviation of its output between these images over the
            root mean square.
        gradients (dict[str, float | None], optional): The share of each part's parameters in the norm of the training
            loss's gradient on one batch, 0 to 1; None for a part without parameters. The whole is None if there is no
            such loss: for a checkpoint without classifier, and for a model that takes turns.
        retrieval (dict[str, dict[str, Retrieval]]): Protocol -> row -> metrics. The rows are the model as trained, with
            each part's output held at its mean over the test images, and with all of them held.
    """

    checkpoint: dict
    num_images: int
    spreads: dict[str, float]
    gradients: dict[str, float | None] | None
    retrieval: dict[str, dict[str, Retrieval]]

    def to_dict(self) -> dict:
        """The report as a dict that JSON can hold."""
        retrieval = {
            protocol: {row: figures._asdict() for row, figures in rows.items()}
            for protocol, rows in self.retrieval.items()
        }
        return dict(asdict(self), retrieval=retrieval)

    def __str__(self) -> str:
        parts = [['part', 'spread / size', 'gradient share']]
        for part, spread in self.spreads.items():
            share = self.gradients and self.gradients[part]
            parts.append([part, f'{spread:.3g}', '–' if share is None else f'{share:.3g}'])
        tables = [parts]
        for protocol, rows in self.retrieval.items():
            whole = rows[AS_TRAINED].mean_ap
            tables.append([[f'{protocol}; held', 'R1', 'mAP', 'mAP lost']])
            for row, (rank1, mean_ap) in rows.items():
                tables[-1].append([row, f'{rank1:.2f}', f'{mean_ap:.2f}', f'{round(whole - mean_ap, 2) + 0.0:.2f}'])
        return '\n\n'.join(map(format_grid, tables))


def part_report(model: VIReID, cfg: Config, checkpoint: str, names: Sequence[str], added: bool = False) -> PartReport:
    """Measure parts of a trained model on all test images.

    Args:
        model (VIReID): The model, from :func:`haresreid.apis.load_trained`. It is not changed.
        cfg (Config): Its config, from the same function.
        checkpoint (str): Where the weights come from.
        names (Sequence[str]): Modules of the model, such as ``backbone.layer3``.
        added (bool): Whether to measure and hold what the parts add to their inputs instead of what they return.
            Defaults to False.

    Raises:
        FileNotFoundError: If images are missing.
        ValueError: If there is no such part, or nothing of it has a mean over images.
    """
    probes = {name: PartProbe(model, name, added) for name in names}
    protocols = [PROTOCOLS.build(protocol) for protocol in cfg.test_evaluator.protocols]
    retrieval: dict[str, dict[str, Retrieval]] = {protocol.name: {} for protocol in protocols}
    rows = {AS_TRAINED: [], **{name: [name] for name in names}, **({ALL_HELD: names} if len(probes) > 1 else {})}
    for row, held in rows.items():
        with ExitStack() as stack:
            for name, probe in probes.items():
                if row == AS_TRAINED:
                    stack.enter_context(probe.measuring())
                elif name in held:
                    stack.enter_context(probe.holding())
            features = extract_feature_set(model, cfg, checkpoint)
        for protocol in protocols:
            result = evaluate(features, protocol)
            retrieval[protocol.name][row] = Retrieval(100 * result.mean('R1'), 100 * result.mean('mAP'))
    spreads = {name: probe.spread for name, probe in probes.items()}
    shares = _gradient_shares(model, cfg, names) if has_training_loss(model, checkpoint) else None
    return PartReport(describe_checkpoint(checkpoint), len(features), spreads, shares, retrieval)


def _gradient_shares(model: VIReID, cfg: Config, names: Sequence[str]) -> dict[str, float | None]:
    """See :class:`PartReport`."""
    trained = with_gradients(model, first_batch(cfg))
    whole = squared_gradient(trained.parameters())
    shares = {}
    for name in names:
        parameters = list(part_named(trained, name).parameters())
        shares[name] = (squared_gradient(parameters) / whole).sqrt().item() if parameters else None
    return shares
