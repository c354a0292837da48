"""A recipe identifies a training: a config and its variant."""

from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from haresreid.files.paths import CONFIG_ROOT

from .variants import variant_overrides

if TYPE_CHECKING:
    from mmengine.config import Config

__all__ = ['Recipe']


class Recipe(NamedTuple):
    """A config, unchanged or with one of the paper's variants.

    Attributes:
        config: The config file, relative to :data:`haresreid.files.paths.CONFIG_ROOT`.
        variant: One of ``VARIANTS``; None for the config as it is.
    """

    config: str
    variant: str | None = None

    @property
    def name(self) -> str:
        """The name of its runs, such as 'haresformer_sysu_aux_s14'."""
        return '_'.join(filter(None, (Path(self.config).stem, self.variant)))

    @property
    def arguments(self) -> list[str]:
        """The arguments for ``tools/train.py``."""
        return [str(CONFIG_ROOT / self.config), *(['--variant', self.variant] if self.variant else [])]

    def load(self, overrides: dict | None = None) -> 'Config':
        """Read the config, and apply the variant's changes and then the overrides."""
        from haresreid.config.config import load_config

        return load_config(str(CONFIG_ROOT / self.config), {**variant_overrides(self.variant), **(overrides or {})})
