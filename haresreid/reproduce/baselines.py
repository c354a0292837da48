"""The CNN baselines and HAResformer side by side, trained alike: metrics over seeds, costs, speed on this machine."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from haresreid.catalogue import CATALOGUE, IMAGE_LAYOUTS
from haresreid.config.config import image_size
from haresreid.costs.latency import ForwardPass, measure_latencies
from haresreid.costs.model_cost import model_cost
from haresreid.evaluation.llcm_swap import swapped_llcm_warning
from haresreid.files.csv_files import csv_text
from haresreid.files.markdown import markdown_table

from .figures import NONE, mean_and_spread, means, models_per_row, read_metrics, refuse_other_data
from .nearest import nearest
from .paper import Recipe

__all__ = ['BASELINE_DATASETS', 'BaselineTable', 'baseline_recipes', 'compare_baselines']

BASELINE_DATASETS = (*IMAGE_LAYOUTS, 'synth')
METHODS = dict(
    one_stream='One-stream CNN',
    zero_padding='Zero-padding',
    two_stream='Two-stream CNN',
    tone='TONE',
    bdtr_alexnet='BDTR on AlexNet',
    bdtr='BDTR',
    aligngan='AlignGAN',
    jsia='JSIA-ReID',
    hicmd='Hi-CMD',
    x_modality='X-modality',
    hat='HAT',
    uba='UBA triplet',
    agw='AGW',
    caj='CAJ',
    ddag='DDAG',
    dtrm='DTRM, as described',
    nfs='NFS, as described',
    dmir='DMiR, as described',
    g2da='G2DA, as described',
    deen='DEEN',
    lba='LbA',
    hc='HC',
    hc_tri='HC-Tri',
    dfln_vit='DFLN-ViT',
    mmd_reid='MMD-ReID',
    mmn='MMN',
    mpanet='MPANet',
    cm_nas_separate='CM-NAS, all norms separate',
    cm_nas_stem="CM-NAS, stem's norm separate",
    cm_nas_shared='CM-NAS, all norms shared',
    vit='ViT baseline',
    transreid='TransReID',
    pmt='PMT',
    mip='MIP',
    cmtr='CMTR, as described',
    tvtr='TVTR, as described',
    haresformer='HAResformer',
)
METRICS = ('R1', 'mAP', 'mINP')
# number of decimals of the values known without training a model
MEASURED = {'parameters (M)': 2, 'MACs (M)': 1, 'images/s': 0, 'of the first': 2}
BATCH_SIZE, ROUNDS = 8, 40  # of the timing
CSV_HEAD = ('dataset', 'method', 'recipe', 'column', 'mean', 'std', 'models')


def baseline_recipes(dataset: str, own: bool = False) -> dict[str, Recipe]:
    """The recipe of each method by name: the baselines, trained as HAResformer is, and HAResformer itself.

    Args:
        dataset (str): One of ``BASELINE_DATASETS``.
        own (bool): Whether the baselines are trained by their own recipes instead. Narrow models have none.

    Raises:
        ValueError: There are no such configs.
    """
    nearest('data set with baselines', dataset, BASELINE_DATASETS)
    theirs, ours = (
        ('synth', 'synth_short') if dataset == 'synth' else (f'{dataset}_{"paper" if own else "unified"}', dataset)
    )
    return {
        name: Recipe(
            f'configs/haresformer_{ours}.py' if method == 'haresformer' else f'configs/baselines/{method}_{theirs}.py'
        )
        for method, name in METHODS.items()
    }


@dataclass(frozen=True)
class BaselineTable:
    """The comparison of the baselines with HAResformer.

    Attributes:
        dataset: One of ``BASELINE_DATASETS``.
        columns: ``'<protocol>/<metric>'``, then ``MEASURED``.
        recipes: Recipes by method.
        figures: By method and column, one value in percent for each of its models, or one value in all for a measured
            column. What has not been run is missing.
        size: (Height, width) of the images.
        epochs: Epochs of every training.
    """

    dataset: str
    columns: tuple[str, ...]
    recipes: dict[str, Recipe]
    figures: dict[str, dict[str, np.ndarray]]
    size: tuple[int, int]
    epochs: int

    def markdown(self) -> str:
        """The table and its caption."""
        titles = [column if column in MEASURED else ' '.join(column.rsplit('/', 1)) for column in self.columns]
        grid = [['method', *titles]]
        for method, figures in self.figures.items():
            grid.append([method, *(self._cell(column, figures.get(column)) for column in self.columns)])
        return '\n'.join([f'## Baselines on {self.dataset}', '', markdown_table(grid, labels=1), '', self._caption()])

    def csv(self) -> str:
        """A line per method and column, for programs; an empty cell if there is no value."""
        lines = [CSV_HEAD]
        for method, figures in self.figures.items():
            for column in self.columns:
                values = figures.get(column)
                mean = '' if values is None else f'{values.mean():.4f}'
                spread = ('', '') if column in MEASURED or values is None else (f'{values.std():.4f}', len(values))
                lines.append((self.dataset, method, self.recipes[method].name, column, mean, *spread))
        return csv_text(lines)

    @staticmethod
    def _cell(column: str, values: np.ndarray | None) -> str:
        return f'{values.item():.{MEASURED[column]}f}' if column in MEASURED else mean_and_spread(values)

    def _caption(self) -> str:
        counts = [
            max((len(values) for column, values in figures.items() if column not in MEASURED), default=0)
            for figures in self.figures.values()
        ]
        first = next(iter(self.figures))
        height, width = self.size
        what = (
            "Narrow models on SynVI's drawn images, from start weights of other drawn people: they say nothing of "
            "real images, nor of a method's published figures."
        )
        if self.dataset != 'synth':
            what = (
                f'Full-size models on {CATALOGUE[self.dataset].title}, from ImageNet weights, with '
                "HAResformer's recipe in the place of their papers'."
            )
        warning = swapped_llcm_warning({method: means(figures) for method, figures in self.figures.items()})
        return ' '.join(
            [
                f'Percent, of the last epoch: {models_per_row(counts)}, {NONE} where none is finished.',
                what,
                f'All are trained alike, {self.epochs} epochs with one sampler, on the same number of images; of these '
                'CAJ passes each visible one in two views, X-modality with an X image beside it, HAT with a grey one; '
                'AlignGAN, JSIA-ReID and Hi-CMD train a generator on further ones.',
                'Parameters: all, those of both modalities and the classifier included.',
                f'MACs: one {height}x{width} image to its feature, every convolution and matrix product, the '
                "classifier's too.",
                f'images/s: here, {BATCH_SIZE} images a pass, median of {ROUNDS} rounds in which every model runs '
                'once;',
                f'"of the first" is the speed in units of {first}, the median over the rounds.',
                'At test time BDTR is the two-stream CNN and CAJ is AGW: what they differ by in speed is noise.',
                *([f'Warning: {warning}'] if warning else []),
            ]
        )


def compare_baselines(
    dataset: str, results: Mapping[Recipe, Sequence[dict]], overrides: dict | None = None
) -> BaselineTable:
    """Put the results of finished runs side by side, and measure the models' costs.

    Args:
        dataset (str): One of ``BASELINE_DATASETS``.
        results (Mapping[Recipe, Sequence[dict]]): What :func:`haresreid.evaluation.results.read_results` found for each
            model of a recipe; a recipe without models may be missing.
        overrides (dict, optional): Overrides for every config.

    Raises:
        ValueError: If there are no such configs, or two models were tested on different images.
    """
    recipes = baseline_recipes(dataset)
    contents = [content for recipe in recipes.values() for content in results.get(recipe, ())]
    refuse_other_data(contents)
    protocols = dict.fromkeys(protocol for content in contents for protocol in content['protocols'])
    columns = [f'{protocol}/{metric}' for protocol in protocols for metric in METRICS]
    measured = _measure(recipes, overrides)
    figures = {
        method: {**read_metrics(results.get(recipe, ()), columns), **measured[method]}
        for method, recipe in recipes.items()
    }
    cfg = next(iter(recipes.values())).load(overrides)  # all have the same image size and number of epochs
    return BaselineTable(dataset, (*columns, *MEASURED), recipes, figures, image_size(cfg), cfg.train_cfg.max_epochs)


def _measure(recipes: Mapping[str, Recipe], overrides: dict | None) -> dict[str, dict[str, np.ndarray]]:
    """By method, a value for each of ``MEASURED``."""
    cfgs = {method: recipe.load(overrides) for method, recipe in recipes.items()}
    passes = {method: ForwardPass.of_config(cfg, BATCH_SIZE) for method, cfg in cfgs.items()}
    latencies = measure_latencies(passes, ROUNDS)
    first = next(iter(latencies.values()))
    measured = {}
    for method, latency in latencies.items():
        cost = model_cost(cfgs[method])
        values = (cost.params / 1e6, cost.flops / 2e6, latency.images_per_second, 1 / latency.relative_to(first))
        measured[method] = {column: np.array([value]) for column, value in zip(MEASURED, values)}
    return measured
