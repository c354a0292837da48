"""What a training is known by: a config, and the variant of it."""

from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from haresreid.files.paths import CONFIG_ROOT

from .variants import variant_overrides

if TYPE_CHECKING:
    from mmengine.config import Config

__all__ = ['Recipe']


class Recipe(NamedTuple):
    """A config as it is, or with one of the paper's variants.

    Attributes:
        config: Its file, relative to :data:`haresreid.files.paths.CONFIG_ROOT`.
        variant: One of ``VARIANTS``; None for the config as it is.
    """

    config: str
    variant: str | None = None

    @property
    def name(self) -> str:
        """What its run is called: 'haresformer_sysu_aux_s14'."""
        return '_'.join(filter(None, (Path(self.config).stem, self.variant)))

    @property
    def arguments(self) -> list[str]:
        """What ``tools/train.py`` is called with."""
        return [str(CONFIG_ROOT / self.config), *(['--variant', self.variant] if self.variant else [])]

    def load(self, overrides: dict | None = None) -> 'Config':
        """Read the config, change what the variant changes, then what the overrides change."""
        from haresreid.config.config import load_config

        return load_config(str(CONFIG_ROOT / self.config), {**variant_overrides(self.variant), **(overrides or {})})
