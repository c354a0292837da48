"""The page that ranks a folder of images, in gradio."""

from dataclasses import dataclass
from html import escape

import numpy as np

from haresreid.apis import VIReIDInferencer
from haresreid.structures import Modality

from .gallery import Gallery
from .html import CLICK, LIVE_REGION, SCROLL, encoded, figure, image, thumbnail
from .offline_gradio import gr
from .query_fields import SPECTRA, query_fields
from .search import Found, find
from .upload import read_upload

__all__ = ['build_page']

ACROSS, EVERYWHERE = 'images of the other spectrum', 'all images'
NUMBERS = [5, 10, 20, 50]
SWEEP, FILE_AGE, PIXELS_AGE = (
    10,
    60,
    3600,
)  # seconds: between two checks of the uploads; lifetimes of uploads and of their pixels
ABOUT = """# Who is it? Search across visible and infrared cameras
Choose an infrared or a visible image of a person. The gallery is ranked by the model's similarity; the
highest score is the nearest image, not a proof that it is the same person. Images stay on this machine."""
NOTHING_YET = 'Choose a sample, or an image of your own.'


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
        samples = gr.HTML(_samples(gallery), elem_id='samples', js_on_load=CLICK)
        with gr.Row():
            with gr.Column(scale=1, min_width=280):
                upload, spectrum = query_fields(max_bytes)
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


def _samples(gallery: Gallery) -> str:
    items = ''.join(
        f'<li><button value="{row}">{image(thumbnail(gallery.features.paths[row], gallery.thermal_range), "")}'
        f'<span>{escape(gallery.captions[row])}, {_spectrum(gallery, row)}</span></button></li>'
        for row in gallery.examples
    )
    return f'<div class="haresreid"><h2>Samples from the gallery</h2><ul>{items}</ul></div>' if items else ''


def _query(query: Query, found: Found | None = None) -> str:
    spectrum = f', {found.modality.name.lower()}' if found else ''
    figures = figure(encoded(query.image), 'the chosen image', f'Chosen: {query.caption}{spectrum}')
    if found and found.attention is not None:
        figures += figure(
            encoded(found.attention),
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
    source = thumbnail(gallery.features.paths[row], gallery.thermal_range)
    return f'<li class="{kind}">{figure(source, "", caption, mark)}</li>'


def _person(gallery: Gallery, query: Query) -> str:
    return '' if query.row is None else gallery.people[query.row]


def _spectrum(gallery: Gallery, row: int) -> str:
    return Modality(gallery.features.modalities[row]).name.lower()
