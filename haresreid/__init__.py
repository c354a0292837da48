"""haresreid: the toolbox for visible-infrared person re-identification."""

from .compat.harmless_warnings import silence_harmless_warnings

silence_harmless_warnings()

__version__ = '0.1.0'
