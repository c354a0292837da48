"""The page itself, in gradio."""

import base64
import io
import os
from html import escape
from pathlib import Path

import numpy as np
from PIL import Image

from haresreid.apis import VIReIDInferencer
from haresreid.structures import Modality

from .gallery import Gallery
from .search import Found, find
from .upload import FORMATS, read_upload

os.environ.setdefault('GRADIO_ANALYTICS_ENABLED', 'False')  # before gradio is imported: the page works without a network
import gradio as gr  # noqa: E402

__all__ = ['build_page', 'serve']

DETECT = 'detect by colour'
SPECTRA = {DETECT: None, 'visible': Modality.VISIBLE, 'infrared': Modality.INFRARED}
ACROSS, EVERYWHERE = 'images of the other spectrum', 'all images'
# fonts of the reader's machine: the theme's own would be fetched
THEME = gr.themes.Base(font=['system-ui', 'sans-serif'], font_mono=['ui-monospace', 'monospace'])
STYLE = """
.haresreid figure { margin: 0; }
.haresreid img { width: 100%; max-width: 8rem; image-rendering: auto; border-radius: 4px; display: block; }
.haresreid figcaption { font-size: .85rem; line-height: 1.3; padding-top: .25rem; max-width: 9rem; }
.haresreid .query { display: flex; gap: 1rem; flex-wrap: wrap; margin-bottom: 1rem; }
.haresreid .query figure { width: 8rem; }
.haresreid ol { display: grid; grid-template-columns: repeat(auto-fill, minmax(7rem, 1fr)); gap: 1rem; padding: 0; margin: 0; }
.haresreid li { list-style: none; }
.haresreid .error { border-left: 4px solid #b00020; padding: .5rem 1rem; }
"""
ABOUT = """# Who is it? Search across visible and infrared cameras
Choose an infrared or a visible image of a person. The gallery is ranked by the model's similarity; the highest score is the nearest image,
not a proof that it is the same person. Images stay on this machine."""


def build_page(inferencer: VIReIDInferencer, gallery: Gallery, max_bytes: int) -> gr.Blocks:
    """The page for a model and a gallery.

    Args:
        inferencer (VIReIDInferencer): Of the model that made the gallery's features.
        gallery (Gallery): What is searched.
        max_bytes (int): The largest upload that is taken.
    """

    def answer(path: str | None, spectrum: str, where: str, top: float) -> str:
        if path is None:
            return ''
        try:
            image = read_upload(path, max_bytes)
            found = find(inferencer, gallery, image, SPECTRA[spectrum], where == ACROSS, int(top))
        except ValueError as error:
            return f'<div class="haresreid"><p class="error" role="alert">{escape(str(error))}</p></div>'
        return _as_html(found, gallery)

    def answer_example(spectrum: str, where: str, top: float, event: gr.SelectData) -> tuple[str, str]:
        path = gallery.examples[event.index]
        return path, answer(path, spectrum, where, top)

    if gallery.examples:  # what is imported for the first query is imported now
        find(inferencer, gallery, read_upload(gallery.examples[0], max_bytes), across=False)
    with gr.Blocks(title='haresreid', analytics_enabled=False) as page:
        gr.Markdown(ABOUT)
        with gr.Row():
            with gr.Column(scale=1, min_width=280):
                upload = gr.File(label='Image of a person')
                gr.Markdown(f'{", ".join(FORMATS)}; at most {max_bytes / 2**20:.0f} MB')
                spectrum = gr.Radio(list(SPECTRA), value=DETECT, label='Its spectrum')
                where = gr.Radio([ACROSS, EVERYWHERE], value=ACROSS, label='Search')
                top = gr.Slider(1, 50, value=10, step=1, label='Answers')
            with gr.Column(scale=3):
                result = gr.HTML(label='Answers', elem_id='answers')
        rows = [gallery.features.paths.index(path) for path in gallery.examples]
        examples = gr.Gallery([(path, gallery.captions[row]) for path, row in zip(gallery.examples, rows)], columns=8,
                              label='Or one of the gallery itself', allow_preview=False, height=220,
                              object_fit='contain', elem_id='examples')  # yapf: disable
        options = [spectrum, where, top]
        gr.on([upload.change, *(option.change for option in options)], answer, [upload, *options], result,
              show_progress='minimal', api_visibility='private')  # yapf: disable
        examples.select(answer_example, options, [upload, result], api_visibility='private')
    return page


def serve(page: gr.Blocks, host: str, port: int, max_bytes: int, wait: bool = True) -> str:
    """Start the server.

    Args:
        page (gr.Blocks): From :func:`build_page`.
        host (str): Where it listens; '127.0.0.1' is this machine only.
        port (int): Its port.
        max_bytes (int): Larger uploads are cut off.
        wait (bool): Until it is stopped. Defaults to True.

    Returns:
        str: Its address.
    """
    _, address, _ = page.launch(server_name=host, server_port=port, max_file_size=max_bytes, share=False, quiet=True,
                                prevent_thread_lock=True, theme=THEME, css=STYLE, ssr_mode=False,
                                footer_links=[])  # yapf: disable
    if wait:
        page.block_thread()
    return address


def _as_html(found: Found, gallery: Gallery) -> str:
    spectrum = found.modality.name.lower()
    query = _figure(found.image, f'the query, {spectrum}', f'Query, {spectrum}')
    if found.attention is not None:
        query += _figure(found.attention, 'attention map: bright where the query resembles its first answer',
                         'Bright: where it resembles the first answer')
    answers = ''.join(f'<li>{_answer(gallery, row, rank, score)}</li>'
                      for rank, (row, score) in enumerate(zip(found.rows, found.scores), start=1))  # yapf: disable
    spent = ', '.join(f'{step} {milliseconds:.0f} ms' for step, milliseconds in found.milliseconds.items())
    return (f'<div class="haresreid" aria-live="polite"><div class="query">{query}</div><h2>{len(found.rows)} nearest images</h2>'
            f'<ol>{answers}</ol><p>{spent}</p></div>')


def _answer(gallery: Gallery, row: int, rank: int, score: float) -> str:
    modality = Modality(gallery.features.modalities[row]).name.lower()
    caption = f'{rank}. {gallery.captions[row]}, {modality}, score {score:.3f}'
    return _figure(Path(gallery.features.paths[row]), caption, caption)


def _figure(image: np.ndarray | Path, alt: str, caption: str) -> str:
    with Image.open(image) if isinstance(image, Path) else Image.fromarray(image) as picture:
        small = picture.convert('RGB')
        small.thumbnail((256, 512))
        data = io.BytesIO()
        small.save(data, 'PNG')
    source = base64.b64encode(data.getvalue()).decode('ascii')
    return (f'<figure><img src="data:image/png;base64,{source}" alt="{escape(alt, quote=True)}">'
            f'<figcaption>{escape(caption)}</figcaption></figure>')
