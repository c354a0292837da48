"""The page that searches a gallery of tracks, in gradio."""

from dataclasses import dataclass
from html import escape

import numpy as np

from haresreid.files.images import read_rgb
from haresreid.search import MODALITIES, Hits, to_iso
from haresreid.search.crops import crops_beside
from haresreid.search.text import chance_text, nobody_text

from .html import CLICK, LIVE_REGION, SCROLL, encoded, figure, image, thumbnail
from .offline_gradio import gr
from .page import FILE_AGE, NUMBERS, PIXELS_AGE, SWEEP
from .query_fields import SPECTRA, query_fields
from .tracks import Conditions, FoundTracks, TrackSearch
from .upload import read_upload

__all__ = ['build_gallery_page']

ANY = 'any'
LEAST = {ANY: 0.0, '50 %': 0.5, '70 %': 0.7, '90 %': 0.9, '95 %': 0.95}
SAMPLES = 8
SIDE = 60  # pictures of a track, and tracks of a person, at most
ABOUT = """# Who is it? Search the tracks of a gallery
Choose an image of a person. The tracks are ranked by the model's similarity; a probability says how likely
a track is to show the same person, and nothing here is a proof. Choose a track to see the rest of it."""
NOTHING_YET = 'Choose a sample, or an image of your own.'


@dataclass(frozen=True)
class Query:
    """The image that is searched for."""

    image: np.ndarray
    caption: str


@dataclass(frozen=True)
class Samples:
    """Rows of the gallery that the page offers as queries."""

    paths: list[str]
    captions: list[str]


def build_gallery_page(search: TrackSearch, max_bytes: int) -> gr.Blocks:
    """Build the page of a gallery.

    Args:
        search (TrackSearch): The gallery and its model.
        max_bytes (int): The largest upload that is accepted.
    """
    samples = _samples(search)

    def answer(query: Query | None, *options) -> tuple:
        """The query's image, one sentence, the tracks, nothing beside them, and what was found."""
        if query is None:
            return '', NOTHING_YET, '', '', None
        spectrum, cameras, since, until, least, top = options
        picture = figure(encoded(query.image), 'the chosen image', f'Chosen: {query.caption}')
        shown = f'<div class="haresreid"><div class="query">{picture}</div></div>'
        try:
            if None in (spectrum, least, top):  # gradio refuses unknown choices, but lets an empty choice pass
                raise ValueError('Choose a spectrum, a probability, and a number of answers.')
            wanted = Conditions([int(camera) for camera in cameras or ()], since or '', until or '', LEAST[least], top)
            found = search.find(query.image, SPECTRA[spectrum], wanted, query.caption)
        except (OSError, ValueError) as error:
            return shown, escape(str(error)), '', '', None
        ranks = found.shown(wanted.least)
        return shown, escape(_sentence(found, ranks, wanted)), _answers(search, found, ranks), '', found

    def answer_sample(event: gr.EventData, *options) -> tuple:
        if event.row not in range(len(samples.paths)):
            return None, *answer(None, *options)
        try:
            pixels = read_rgb(samples.paths[event.row], turn=True, thermal_range=search.inferencer.thermal_range)
        except ValueError:
            return None, '', 'This sample can no longer be read: choose another one.', '', '', None
        query = Query(pixels, samples.captions[event.row])
        return query, *answer(query, *options)

    def answer_upload(content: bytes | None, *options) -> tuple:
        try:
            pixels = content and read_upload('Your file', content, max_bytes, search.inferencer.thermal_range)
            query = pixels if pixels is None else Query(pixels, 'your image')
        except ValueError as error:
            return None, None, '', escape(str(error)), '', '', None
        return None, query, *answer(query, *options)  # the field is empty again for the next one

    def answer_track(event: gr.EventData, found: FoundTracks | None) -> str:
        if found is None or event.row not in range(len(found.hits.paths[0])):
            return ''
        return _track(search, found, event.row)

    with gr.Blocks(title='haresreid', analytics_enabled=False, delete_cache=(SWEEP, FILE_AGE)) as page:
        chosen, results = gr.State(time_to_live=PIXELS_AGE), gr.State(time_to_live=PIXELS_AGE)
        gr.Markdown(ABOUT)
        offered = gr.HTML(_offered(search, samples), elem_id='samples', js_on_load=CLICK)
        with gr.Row():
            with gr.Column(scale=1, min_width=280):
                upload, spectrum = query_fields(max_bytes)
                stats = search.index.stats()
                known = [name for name in stats['cameras'] if name != 'unknown']
                cameras = gr.Dropdown(known, multiselect=True, label='Cameras', info='None chosen: all')
                spans = ['' if time is None else _clock(time) for time in (stats['first_time'], stats['last_time'])]
                since = gr.Textbox(label='Since (UTC)', placeholder=spans[0], max_lines=1)
                until = gr.Textbox(label='Until (UTC)', placeholder=spans[1], max_lines=1)
                least = gr.Radio(
                    list(LEAST) if search.calibration else [ANY],
                    value=ANY,
                    label='Probability at least',
                    info=None if search.calibration else 'There is no calibration of this model.',
                )
                top = gr.Radio(NUMBERS, value=10, label='Answers')
            with gr.Column(scale=3):
                query = gr.HTML(elem_id='query')
                status = gr.HTML(NOTHING_YET, elem_id='status', js_on_load=LIVE_REGION)
                answers = gr.HTML(elem_id='answers', js_on_load=CLICK)
                track = gr.HTML(elem_id='track', js_on_load=LIVE_REGION)
        options, shown = [spectrum, cameras, since, until, least, top], [query, status, answers, track, results]
        settings = dict(show_progress='minimal', api_visibility='private')
        offered.select(answer_sample, options, [chosen, *shown], **settings).then(js=SCROLL)
        upload.upload(answer_upload, [upload, *options], [upload, chosen, *shown], **settings).then(js=SCROLL)
        answers.select(answer_track, results, track, **settings)
        changes = [option.change for option in (spectrum, cameras, least, top)] + [since.submit, until.submit]
        gr.on(changes, answer, [chosen, *options], shown, **settings)
    return page


def _samples(search: TrackSearch) -> Samples:
    """Some readable rows of each modality among the first ones of the gallery."""
    block = next(search.index.blocks(), None)
    paths, captions = [], []
    for number in (-1, 0, 1) if block else ():
        rows = np.flatnonzero(block.columns['modality'] == number)
        for row in rows[np.linspace(0, len(rows) - 1, min(SAMPLES // 2, len(rows))).astype(int)].tolist():
            paths.append(block.paths[row])
            captions.append(_where(*(block.columns[name][row] for name in ('camera', 'modality', 'time'))))
    return Samples(paths, captions)


def _offered(search: TrackSearch, samples: Samples) -> str:
    pictures = [image(thumbnail(path, search.inferencer.thermal_range), '') for path in samples.paths]
    items = ''.join(
        f'<li><button value="{row}">{picture}<span>{escape(caption)}</span></button></li>'
        for row, (picture, caption) in enumerate(zip(pictures, samples.captions))
    )
    return f'<div class="haresreid"><h2>Samples from the gallery</h2><ul>{items}</ul></div>' if items else ''


def _where(camera: int, modality: int, time: float) -> str:
    parts = [f'camera {camera}' if camera >= 0 else '', MODALITIES[modality] if modality >= 0 else '']
    return ', '.join(part for part in (*parts, '' if np.isnan(time) else _clock(time)) if part) or 'unknown camera'


def _clock(time: float) -> str:
    return to_iso(round(time)).replace('T', ' ').replace('Z', ' UTC')


def _sentence(found: FoundTracks, ranks: list[int], wanted: Conditions) -> str:
    if not found.hits.paths[0]:
        return 'Nothing fulfils the conditions.'
    if not ranks and found.chances is not None:
        return nobody_text(found.chances[0], wanted.least).capitalize() + '.'
    return f'{len(ranks)} tracks, best first.' if len(ranks) > 1 else 'One track.'


def _answers(search: TrackSearch, found: FoundTracks, ranks: list[int]) -> str:
    items = ''.join(f'<li>{_button(search, found, rank)}</li>' for rank in ranks)
    spent = ', '.join(f'{step} {milliseconds:.0f} ms' for step, milliseconds in found.milliseconds.items())
    return f'<div class="haresreid"><ol aria-label="Tracks">{items}</ol><p>{spent}</p></div>'


def _button(search: TrackSearch, found: FoundTracks, rank: int) -> str:
    hits = found.hits
    chance = '' if found.chances is None else f'<strong>{chance_text(found.chances[rank])}</strong>'
    caption = f'{rank + 1}. {_caption(hits, rank)}, score {hits.scores[0, rank]:.3f}'
    picture = image(thumbnail(hits.paths[0][rank], search.inferencer.thermal_range), '')
    return f'<button value="{rank}">{picture}<span>{chance}{escape(caption)}</span></button>'


def _caption(hits: Hits, rank: int) -> str:
    text = _where(hits.cameras[0, rank], hits.modalities[0, rank], hits.times[0, rank])
    person = hits.columns.get('person')
    return text if person is None or person[0, rank] < 0 else f'{text}, person {person[0, rank]}'


def _track(search: TrackSearch, found: FoundTracks, rank: int) -> str:
    """The crops of a track, and the other tracks of its person."""
    path, caption, raw = found.hits.paths[0][rank], _caption(found.hits, rank), search.inferencer.thermal_range
    crops = crops_beside(path)[:SIDE]
    figures = [figure(thumbnail(str(crop), raw), '', f'frame {int(crop.stem)}') for crop in crops]
    if not figures:
        figures = [figure(thumbnail(path, raw), '', 'its only picture')]
    sections = [_section(f'Track {rank + 1}: {caption}', figures)]
    others = search.of_person(found, rank, SIDE)
    if others is not None:
        same = [other for other, number in enumerate(others.ids[0]) if number != found.hits.ids[0, rank]]
        figures = [figure(thumbnail(others.paths[0][other], raw), '', _caption(others, other)) for other in same]
        if figures:
            person = found.hits.columns['person'][0, rank]
            sections.append(_section(f'Other tracks of person {person}', figures))
    return f'<div class="haresreid">{"".join(sections)}</div>'


def _section(title: str, figures: list[str]) -> str:
    items = ''.join(f'<li>{item}</li>' for item in figures)
    return f'<h2>{escape(title)}</h2><ul>{items}</ul>'
