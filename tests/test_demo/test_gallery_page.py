"""The page of a gallery, asked as a browser does."""

import json
import re
from dataclasses import replace

import numpy as np
import pytest
from PIL import Image

from haresreid.demo import Conditions, TrackSearch, build_gallery_page
from haresreid.files.images import read_rgb
from haresreid.search import create_gallery
from haresreid.search.audit import Audit
from haresreid.search.columns import TRACK_COLUMNS
from haresreid.structures import Calibration
from haresreid.structures.calibration import Curve

from .test_page import MAX_BYTES, Refused, ask, served

OPTIONS = ['detect by colour', [], '', '', 'any', 10]


@pytest.fixture
def search(inferencer, folder, tmp_path):
    """Four tracks of two people; the crops of the first lie beside its best one."""
    crops = tmp_path / 'gallery_crops/night-0'
    gallery = create_gallery(tmp_path / 'gallery', 8, columns=TRACK_COLUMNS)
    paths = []
    for track, name in enumerate(('day0', 'night0', 'day1', 'night1')):
        (crops / f'{track:06d}').mkdir(parents=True)
        for file in ('000007', '000003', 'best') if not track else ('best',):
            Image.open(folder / f'{name}.png').save(crops / f'{track:06d}/{file}.jpg', quality=95)
        paths.append(str(crops / f'{track:06d}/best.jpg'))
    (crops / 'tracks.csv').touch()
    features = inferencer(paths, [0, 1, 0, 1]).features
    gallery.append(
        features, paths, [1, 3, 2, 3], [1e9, 1e9 + 60, None, 1e9 + 90], [0, 1, 0, 1], tracks=range(4),
        columns=dict(first_seen=[1e9, 1e9 + 60, None, 1e9 + 90], person=[0, 0, None, 3]),
    )  # fmt: skip
    curve = Curve([0.99999, 1.0], [-5.0, 9.0], [-6.0, 8.0], [-4.0, 10.0])
    curves = dict.fromkeys(('visible-visible', 'visible-infrared', 'infrared-infrared'), curve)
    return TrackSearch(gallery, inferencer, Calibration(curves))


@pytest.fixture
def address(search, tmp_path, monkeypatch):
    monkeypatch.setenv('GRADIO_TEMP_DIR', str(tmp_path / 'uploads'))
    yield from served(build_gallery_page(search, MAX_BYTES))


def captions(answers: str) -> list[str]:
    return re.findall(r'</strong>(\d+\. .*?), score', answers)


def sample(address, row: int, **changes) -> tuple[str, str]:
    """The sentence and the tracks after a click on a sample."""
    names = ('spectrum', 'cameras', 'since', 'until', 'least', 'top')
    options = [changes.get(name, value) for name, value in zip(names, OPTIONS)]
    return tuple(ask(address, 'select', options, row=row)[2:4])


def test_tracks_have_person_camera_time_and_probability(address):
    sentence, answers = sample(address, 0)
    assert sentence == '4 tracks, best first.'
    assert captions(answers)[0] == '1. camera 1, visible, 2001-09-09 01:46:40 UTC, person 0'
    assert '2. camera 3, infrared, 2001-09-09 01:47:40 UTC, person 0' in captions(answers)
    assert any(re.fullmatch(r'\d\. camera 2, visible', caption) for caption in captions(answers))
    assert re.search(r'<strong>\d+\.\d % \(\d+\.\d to \d+\.\d\)</strong>1\.', answers)


def test_filters_and_nobody(address):
    assert [caption[3:11] for caption in captions(sample(address, 0, cameras=['3'])[1])] == ['camera 3', 'camera 3']
    since = sample(address, 0, since='2001-09-09T01:47:00Z', until='2001-09-09 01:48')
    assert captions(since[1]) == ['1. camera 3, infrared, 2001-09-09 01:47:40 UTC, person 0']
    assert sample(address, 0, cameras=['2'], since='2001-09-09')[0] == 'Nothing fulfils the conditions.'
    assert "'noon' is no time" in sample(address, 0, since='noon')[0].replace('&#x27;', "'")
    sentence, answers = sample(address, 0, least='95 %', cameras=['2'])
    assert re.fullmatch(r'Nobody: the best hit has the probability .* %.*, and 0.95 is asked for\.', sentence)
    assert not captions(answers)
    with pytest.raises(Refused, match='not in the list of choices'):
        sample(address, 0, least='1 %')
    for row in (-1, 99, 'a', None):
        assert sample(address, row)[1] == ''


def test_what_is_found_is_ranked_and_timed(search, folder):
    found = search.find(read_rgb(folder / 'night0.png'), None, Conditions(cameras=[1, 3], top=2))
    assert found.hits.cameras.tolist() == [[3, 1]] and found.modality == 1
    assert found.shown(0) == [0, 1] and found.shown(0.999999) == []
    assert set(found.milliseconds) == {'features', 'search'}
    assert search.of_person(found, 0, 9).ids.tolist() == [[1, 0]]
    alone = search.find(read_rgb(folder / 'day1.png'), None, Conditions(cameras=[2]))
    assert search.of_person(alone, 0, 9) is None and np.isnan(alone.hits.times).all()


def test_queries_are_written_down(search, folder, tmp_path):
    search = replace(search, audit=Audit(tmp_path / 'audit.jsonl', 'gallery', 'ana'))
    found = search.find(read_rgb(folder / 'night0.png'), None, Conditions(cameras=[3], least=0.5), 'your image')
    search.of_person(found, 0, 9)
    lines = [json.loads(line) for line in (tmp_path / 'audit.jsonl').read_text().splitlines()]
    assert [(line['query'], line['hits']) for line in lines] == [('your image', len(found.shown(0.5))), ('person 0', 2)]
    assert lines[0]['cameras'] == [3] and lines[0]['min_probability'] == 0.5


def test_the_rest_of_a_track_is_a_click_away(address):
    sample(address, 0)
    (panel,) = ask(address, 'select', [None], number=1, row=0)
    assert re.findall('<h2>(.*?)</h2>', panel) == [
        'Track 1: camera 1, visible, 2001-09-09 01:46:40 UTC, person 0',
        'Other tracks of person 0',
    ]
    assert re.findall(r'frame \d+', panel) == ['frame 3', 'frame 7'] and 'camera 3, infrared' in panel
    assert ask(address, 'select', [None], number=1, row=99) == ['']
