"""The files a run leaves for people: metrics as JSON, retrievals and curves as pictures."""

from pathlib import Path

from mmengine.config import Config
from mmengine.dist import master_only
from mmengine.hooks import Hook
from mmengine.runner import BaseLoop, Runner

from haresreid.config.config import config_hash
from haresreid.engine.bare_model import bare_model
from haresreid.evaluation import FeatureSet, VIReIDMetric
from haresreid.evaluation.results import describe_checkpoint, describe_data, write_results
from haresreid.files.paths import from_here
from haresreid.registry import HOOKS
from haresreid.visualization import (
    draw_branch_curves,
    draw_cluster_curves,
    draw_ranked_lists,
    draw_training_curves,
    read_branch_curves,
    read_cluster_curves,
)

__all__ = ['RunReportHook']


@HOOKS.register_module()
class RunReportHook(Hook):
    """Writes ``metrics.json``, ``metrics.npz`` and ``ranked_list.png``; after a training also ``curves.png``.

    With the scalars of :class:`BranchHook` there is a ``branches.png`` as well, with those of :class:`ClusterHook` a
    ``clusters.png``.

    The metrics are those of the last evaluation. After a training they are thus the last checkpoint's, never those of a
    checkpoint chosen by its results on the test set. ``selection`` in the file says so, and names the metric by which a
    best checkpoint was kept as well.
    """

    priority = 'VERY_LOW'  # after the logger has written its last scalars

    def after_train(self, runner: Runner) -> None:
        """Report on the training."""
        if runner.val_loop is not None:  # an adaptation has no test
            self._report(runner, runner.val_loop)
        self._draw_curves(runner)

    def after_test(self, runner: Runner) -> None:
        """Report on the tested checkpoint."""
        self._report(runner, runner.test_loop, checkpoint=runner._load_from)

    @master_only
    def _report(self, runner: Runner, loop: BaseLoop, checkpoint: str | None = None) -> None:
        metrics = [
            metric for metric in loop.evaluator.metrics if isinstance(metric, VIReIDMetric) and metric.feature_set
        ]
        folder = Path(runner.work_dir)
        for metric in metrics:
            metric.feature_set.info = self._source(runner, loop, metric.feature_set, checkpoint)
            write_results(folder / 'metrics.json', metric.protocol_results, metric.feature_set)
            draw_ranked_lists(metric.feature_set, metric.protocols[0], folder / 'ranked_list.png')
            runner.logger.info(
                f'Figures: {from_here(folder / "metrics.json")}. Retrievals: {from_here(folder / "ranked_list.png")}'
            )

    @staticmethod
    def _source(runner: Runner, loop: BaseLoop, feature_set: FeatureSet, checkpoint: str | None) -> dict:
        """Where the features come from, as in :attr:`FeatureSet.info`."""
        model = bare_model(runner)
        info = dict(
            dataset=dict(loop.dataloader.dataset.metainfo, **describe_data(feature_set)),
            feature=model.head.test_feature,
            flip=model.flip_test,
            config=dict(name=Path(runner.cfg.filename or '').stem, hash=config_hash(runner.cfg)),
        )
        if checkpoint is None:
            info['seed'] = runner.seed
        else:
            info['checkpoint'] = describe_checkpoint(checkpoint)
        if selection := describe_selection(runner.cfg, Path(runner.work_dir), checkpoint):
            info['selection'] = selection
        return info

    @master_only
    def _draw_curves(self, runner: Runner) -> None:
        folder = Path(runner.work_dir)
        # a resumed run has one log folder per start, named by its time
        scalars = sorted(folder.glob('*/vis_data/scalars.json'))
        draw_training_curves(scalars, folder / 'curves.png')
        runner.logger.info(f'Curves: {from_here(folder / "curves.png")}')
        if branches := read_branch_curves(scalars):
            draw_branch_curves(branches, folder / 'branches.png')
            runner.logger.info(f'Branches: {from_here(folder / "branches.png")}')
        if clusters := read_cluster_curves(scalars):
            draw_cluster_curves(clusters, folder / 'clusters.png')
            runner.logger.info(f'Clusters: {from_here(folder / "clusters.png")}')


def describe_selection(cfg: Config, folder: Path, checkpoint: str | None) -> dict:
    """Say which of a training's checkpoints the metrics belong to.

    Args:
        cfg (Config): The training's config; ``default_hooks.checkpoint.save_best`` names the metrics that choose best
            checkpoints.
        folder (Path): The training's work directory.
        checkpoint (str, optional): The tested checkpoint; None at the end of the training.

    Returns:
        dict: ``figures``, which checkpoint it is, in words. After a training also ``kept``: file name -> rule of each
        best checkpoint. Empty if it is unknown how the tested checkpoint was chosen.
    """
    keys = cfg.get('default_hooks', {}).get('checkpoint', {}).get('save_best') or []
    rules = {
        f'best_{key}_'.replace('/', '_'): f'highest {key} of the evaluated epochs, on the test set'
        for key in ([keys] if isinstance(keys, str) else keys)
    }
    if checkpoint is None:
        kept = {file.name: rule for start, rule in rules.items() for file in folder.glob(f'{start}*.pth')}
        return dict(figures='last epoch', kept=kept)
    return next((dict(figures=rule) for start, rule in rules.items() if Path(checkpoint).name.startswith(start)), {})
