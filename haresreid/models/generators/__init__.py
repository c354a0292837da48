"""Generators: from images to images, in front of the backbone."""

from .attribute_exchange import AttributeExchangeGenerator
from .grey_modality import GreyModalityGenerator
from .image_translation import ImageTranslationGenerator
from .middle_modality import MiddleModalityGenerator
from .style_exchange import StyleExchangeGenerator, in_the_other_modality
from .third_modality import THIRD, ThirdModality
from .x_modality import XModalityGenerator

__all__ = [
    'THIRD',
    'AttributeExchangeGenerator',
    'GreyModalityGenerator',
    'ImageTranslationGenerator',
    'MiddleModalityGenerator',
    'StyleExchangeGenerator',
    'ThirdModality',
    'XModalityGenerator',
    'in_the_other_modality',
]
