"""The page itself, in gradio."""

import base64
import io
import os
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from html import escape

import numpy as np
from PIL import Image
from starlette.middleware import Middleware

from haresreid.apis import VIReIDInferencer
from haresreid.files.images import read_rgb
from haresreid.structures import Modality

from .gallery import Gallery
from .guard import Guard
from .search import Found, find
from .upload import FORMATS, megabytes, read_upload

os.environ.setdefault(
    'GRADIO_ANALYTICS_ENABLED', 'False'
)  # set before gradio is imported, so that the page works without a network
import gradio as gr

__all__ = ['build_page', 'serve']

DETECT = 'detect by colour'
SPECTRA = {DETECT: None, 'visible': Modality.VISIBLE, 'infrared': Modality.INFRARED}
ACROSS, EVERYWHERE = 'images of the other spectrum', 'all images'
NUMBERS = [5, 10, 20, 50]
SWEEP, FILE_AGE, PIXELS_AGE = (
    10,
    60,
    3600,
)  # seconds: between two checks of the uploads; lifetimes of uploads and of their pixels
SESSIONS = 100  # visitors whose chosen pixels are kept
# fonts of the visitor's machine, because the theme's own would be downloaded
THEME = gr.themes.Base(font=['system-ui', 'sans-serif'], font_mono=['ui-monospace', 'monospace'])
STYLE = """
.haresreid figure, .haresreid h2 { margin: 0; }
.haresreid h2 { padding-bottom: .5rem; }
.haresreid img { width: 100%; border-radius: 4px; display: block; }
.haresreid figcaption, #samples span { font-size: .85rem; font-weight: 400; line-height: 1.3;
  padding-top: .25rem; display: block; }
.haresreid .query { display: flex; gap: 1rem; flex-wrap: wrap; }
.haresreid .query figure { width: 8rem; }
.haresreid ul, .haresreid ol { display: grid; gap: .75rem; padding: 0; margin: 0; }
.haresreid ul { grid-template-columns: repeat(auto-fill, 6rem); }
.haresreid ol { grid-template-columns: repeat(auto-fill, minmax(6.5rem, 1fr)); }
.haresreid li { list-style: none; margin: 0; }
.haresreid ol li { border-top: 4px solid transparent; padding-top: .25rem; }
.haresreid ol li.right { border-color: #009E73; }
.haresreid ol li.wrong { border-color: #CC3311; }
.haresreid strong { display: block; }
#samples button { width: 100%; height: 100%; padding: .25rem;
  border: 1px solid var(--border-color-primary); border-radius: 6px;
  background: var(--button-secondary-background-fill); color: inherit; cursor: pointer; text-align: left; display: flex;
  flex-direction: column; justify-content: flex-start; }
#samples button:hover { border-color: currentColor; }
#samples button:focus-visible { outline: 3px solid #0072B2; outline-offset: 2px; }
#samples .html-container, #query .html-container, #status .html-container, #answers .html-container { padding: 0; }
@media (max-width: 600px) {
  .haresreid ul { grid-template-columns: repeat(4, 1fr); gap: .4rem; }
  .haresreid ol { grid-template-columns: repeat(3, 1fr); }
}
"""
ABOUT = """# Who is it? Search across visible and infrared cameras
Choose an infrared or a visible image of a person. The gallery is ranked by the model's similarity; the
highest score is the nearest image, not a proof that it is the same person. Images stay on this machine."""
NOTHING_YET = 'Choose a sample, or an image of your own.'
# a button carries its row; the live region exists before its first sentence and always stays the same element
SAMPLE_CLICK = """element.addEventListener('click', event => {
  const button = event.target.closest('button');
  if (button) trigger('select', {row: Number(button.value)});
});"""
SCROLL = """() => {
  const query = document.getElementById('query');
  if (query.getBoundingClientRect().top > innerHeight / 2) query.scrollIntoView();
}"""  # on a phone the matches are below the choices
LIVE_REGION = "element.setAttribute('role', 'status'); element.setAttribute('aria-live', 'polite');"


@dataclass(frozen=True)
class Query:
    """The image that is searched for.

    Attributes:
        image (np.ndarray): (H, W, 3) uint8 RGB.
        caption (str): Its caption.
        row (int, optional): Its row in the gallery; None for an upload.
    """

    image: np.ndarray
    caption: str
    row: int | None = None


def build_page(inferencer: VIReIDInferencer, gallery: Gallery, max_bytes: int) -> gr.Blocks:
    """Build the page for a model and a gallery.

    Args:
        inferencer (VIReIDInferencer): Inferencer of the model that computed the gallery's features.
        gallery (Gallery): The gallery to search.
        max_bytes (int): The largest upload that is accepted.
    """

    def answer(query: Query | None, spectrum: str | None, where: str | None, top: int | None) -> tuple[str, str, str]:
        """The query's images, one sentence, and the matches."""
        if query is None:
            return '', NOTHING_YET, ''
        try:
            if None in (spectrum, where, top):  # gradio refuses unknown choices, but lets an empty choice pass
                raise ValueError('Choose a spectrum, what is searched, and a number of answers.')
            found = find(inferencer, gallery, query.image, SPECTRA[spectrum], where == ACROSS, top)
        except ValueError as error:
            return _query(query), escape(str(error)), ''
        return _query(query, found), escape(_summary(gallery, query, found)), _answers(gallery, query, found)

    def answer_sample(event: gr.EventData, *options) -> tuple:
        row = event.row
        if row not in gallery.examples:
            return None, *answer(None, *options)
        try:
            query = Query(gallery.image(row), gallery.captions[row], row)
        except ValueError:
            return None, '', 'This sample can no longer be read: choose another one.', ''
        return query, *answer(query, *options)

    def answer_upload(content: bytes | None, *options) -> tuple:
        try:
            query = content and Query(read_upload('Your file', content, max_bytes, gallery.thermal_range), 'your image')
        except ValueError as error:
            return None, None, '', escape(str(error)), ''
        return None, query, *answer(query, *options)  # the field is empty again for the next one

    if gallery.examples:  # import now what the first query would import
        find(inferencer, gallery, gallery.image(gallery.examples[0]), across=False)
    with gr.Blocks(title='haresreid', analytics_enabled=False, delete_cache=(SWEEP, FILE_AGE)) as page:
        chosen = gr.State(time_to_live=PIXELS_AGE)
        gr.Markdown(ABOUT)
        samples = gr.HTML(_samples(gallery), elem_id='samples', js_on_load=SAMPLE_CLICK)
        with gr.Row():
            with gr.Column(scale=1, min_width=280):
                upload = gr.File(
                    label='Or an image of your own',
                    type='binary',
                    height=170,
                    file_types=[extension for extensions in FORMATS.values() for extension in extensions],
                )
                gr.Markdown(f'{", ".join(FORMATS)}; at most {megabytes(max_bytes)}')
                spectrum = gr.Radio(list(SPECTRA), value=DETECT, label='Its spectrum')
                where = gr.Radio([ACROSS, EVERYWHERE], value=ACROSS, label='Search')
                top = gr.Radio(NUMBERS, value=10, label='Answers')
            with gr.Column(scale=3):
                query = gr.HTML(elem_id='query')
                status = gr.HTML(NOTHING_YET, elem_id='status', js_on_load=LIVE_REGION)
                answers = gr.HTML(elem_id='answers')
        options, shown = [spectrum, where, top], [query, status, answers]
        settings = dict(show_progress='minimal', api_visibility='private')
        samples.select(answer_sample, options, [chosen, *shown], **settings).then(js=SCROLL)
        upload.upload(answer_upload, [upload, *options], [upload, chosen, *shown], **settings).then(js=SCROLL)
        gr.on([option.change for option in options], answer, [chosen, *options], shown, **settings)
    return page


def serve(page: gr.Blocks, host: str, port: int, max_bytes: int, allowed: Sequence[str] = ()) -> str:
    """Start the server in its own threads.

    Args:
        page (gr.Blocks): The result of :func:`build_page`.
        host (str): Address to listen on; '127.0.0.1' is reachable from this machine only.
        port (int): Port to listen on.
        max_bytes (int): Larger uploads are refused.
        allowed (Sequence[str]): Further names of the page, beside ``host`` and those of this machine. Defaults to none.

    Returns:
        str: Its address.

    Raises:
        ValueError: It cannot listen there.
    """
    guard = Middleware(Guard, hosts=(host, *allowed), max_bytes=max_bytes)
    try:
        return page.launch(
            server_name=host,
            server_port=port,
            max_file_size=max_bytes,
            share=False,
            quiet=True,
            prevent_thread_lock=True,
            theme=THEME,
            css=STYLE,
            ssr_mode=False,
            footer_links=[],
            state_session_capacity=SESSIONS,
            app_kwargs=dict(middleware=[guard]),
        )[1]
    except (OSError, OverflowError) as error:
        raise ValueError(
            f'The page cannot listen at {host}, port {port}: another program does, or this machine has no such '
            'address. Choose another port or host.'
        ) from error


def _samples(gallery: Gallery) -> str:
    items = ''.join(
        f'<li><button value="{row}">{_image(_thumbnail(gallery.features.paths[row], gallery.thermal_range), "")}'
        f'<span>{escape(gallery.captions[row])}, {_spectrum(gallery, row)}</span></button></li>'
        for row in gallery.examples
    )
    return f'<div class="haresreid"><h2>Samples from the gallery</h2><ul>{items}</ul></div>' if items else ''


def _query(query: Query, found: Found | None = None) -> str:
    spectrum = f', {found.modality.name.lower()}' if found else ''
    figures = _figure(_encoded(query.image), 'the chosen image', f'Chosen: {query.caption}{spectrum}')
    if found and found.attention is not None:
        figures += _figure(
            _encoded(found.attention),
            'attention map: bright where the query resembles its best match',
            'Bright: where it resembles the best match',
        )
    return f'<div class="haresreid"><div class="query">{figures}</div></div>'


def _summary(gallery: Gallery, query: Query, found: Found) -> str:
    number = f'{len(found.rows)} nearest images, best first' if len(found.rows) > 1 else 'The nearest image'
    person = _person(gallery, query)
    if not person:
        return f'{number}.'
    right = sum(gallery.people[row] == person for row in found.rows if row != query.row)
    there = sum(gallery.people[row] == person for row in found.searched if row != query.row)
    return f'{number}, with {right} of the {there} other images of person {person} that were searched.'


def _answers(gallery: Gallery, query: Query, found: Found) -> str:
    answers = ''.join(
        _answer(gallery, query, row, rank, score)
        for rank, (row, score) in enumerate(zip(found.rows, found.scores), start=1)
    )
    spent = ', '.join(f'{step} {milliseconds:.0f} ms' for step, milliseconds in found.milliseconds.items())
    return f'<div class="haresreid"><ol aria-label="Answers">{answers}</ol><p>{spent}</p></div>'


def _answer(gallery: Gallery, query: Query, row: int, rank: int, score: float) -> str:
    caption = f'{rank}. {gallery.captions[row]}, {_spectrum(gallery, row)}, score {score:.3f}'
    person = _person(gallery, query)
    kind, mark = '', ''
    if row == query.row:
        mark = 'the chosen image'
    elif person:
        kind, mark = ('right', '✓ same person') if gallery.people[row] == person else ('wrong', '✗ another person')
    image = _thumbnail(gallery.features.paths[row], gallery.thermal_range)
    return f'<li class="{kind}">{_figure(image, "", caption, mark)}</li>'


def _person(gallery: Gallery, query: Query) -> str:
    return '' if query.row is None else gallery.people[query.row]


def _spectrum(gallery: Gallery, row: int) -> str:
    return Modality(gallery.features.modalities[row]).name.lower()


def _figure(source: str, alt: str, caption: str, mark: str = '') -> str:
    strong = f'<strong>{mark}</strong>' if mark else ''
    return f'<figure>{_image(source, alt)}<figcaption>{strong}{escape(caption)}</figcaption></figure>'


def _image(source: str, alt: str) -> str:
    """HTML of an image; the ``alt`` text is empty if a caption says everything."""
    return f'<img src="{source}" alt="{alt}">'


@lru_cache(maxsize=4096)
def _thumbnail(path: str, thermal_range: tuple[float, float] | None) -> str:
    """Thumbnail of a gallery image, or a grey one if its file is missing."""
    try:
        return _encoded(read_rgb(path, turn=True, thermal_range=thermal_range))
    except ValueError:
        return _encoded(np.full((256, 128, 3), 200, np.uint8))


def _encoded(image: np.ndarray) -> str:
    """(H, W, 3) uint8 RGB as a data URI."""
    small, data = Image.fromarray(image), io.BytesIO()
    small.thumbnail((256, 512))
    small.save(data, 'PNG')
    return f'data:image/png;base64,{base64.b64encode(data.getvalue()).decode("ascii")}'
