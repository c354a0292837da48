"""Where a visitor gives an image, on both pages."""

from haresreid.structures import Modality

from .offline_gradio import gr
from .upload import FORMATS, megabytes

__all__ = ['DETECT', 'SPECTRA', 'query_fields']

DETECT = 'detect by colour'
SPECTRA = {DETECT: None, 'visible': Modality.VISIBLE, 'infrared': Modality.INFRARED}


def query_fields(max_bytes: int) -> tuple[gr.File, gr.Radio]:
    """A field for a file of at most ``max_bytes``, and its spectrum."""
    upload = gr.File(
        label='Or an image of your own',
        type='binary',
        height=170,
        file_types=[extension for extensions in FORMATS.values() for extension in extensions],
    )
    gr.Markdown(f'{", ".join(FORMATS)}; at most {megabytes(max_bytes)}')
    return upload, gr.Radio(list(SPECTRA), value=DETECT, label='Its spectrum')
