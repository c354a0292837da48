"""The page's server as a stranger may call it. The page in a browser: docs/en/user_guides/demo.md."""

import http.client
import io
import json
import re
import socket
import time
from dataclasses import replace
from pathlib import Path
from urllib.parse import urlparse

import numpy as np
import pytest
from PIL import Image

from haresreid.apis import VIReIDInferencer
from haresreid.demo import build_page, page, serve

MAX_BYTES = 2**16
OPTIONS = ['detect by colour', 'images of the other spectrum', 10]


@pytest.fixture
def uploads(tmp_path, monkeypatch):
    """The folder of what is uploaded."""
    monkeypatch.setenv('GRADIO_TEMP_DIR', str(tmp_path / 'uploads'))
    return tmp_path / 'uploads'


@pytest.fixture
def address(inferencer, gallery, uploads):
    known = replace(gallery, people=[caption[-5] for caption in gallery.captions])  # day2.png and night2.png: person 2
    yield from served(build_page(inferencer, known, MAX_BYTES))


def served(page):
    with socket.socket() as free:
        free.bind(('127.0.0.1', 0))
        port = free.getsockname()[1]
    yield urlparse(serve(page, '127.0.0.1', port, MAX_BYTES)).netloc
    page.close()


class Refused(Exception):
    """What the page shows instead of an answer."""


def test_a_port_that_is_taken_is_named(inferencer, gallery, uploads):
    with socket.socket() as taken:
        taken.bind(('127.0.0.1', 0))
        taken.listen()
        port = taken.getsockname()[1]
        with pytest.raises(ValueError, match=f'cannot listen at 127.0.0.1, port {port}: another program'):
            serve(build_page(inferencer, gallery, MAX_BYTES), '127.0.0.1', port, MAX_BYTES)


def request(address: str, method: str, path: str, body: bytes = b'', **headers) -> tuple[int, bytes]:
    connection = http.client.HTTPConnection(address, timeout=60)
    connection.request(method, path, body, headers)
    answer = connection.getresponse()
    return answer.status, answer.read()


def upload(address: str, name: str, content: bytes) -> tuple[int, bytes]:
    body = (
        (f'--x\r\nContent-Disposition: form-data; name="files"; filename="{name}"\r\n\r\n').encode()
        + content
        + b'\r\n--x--\r\n'
    )
    return request(address, 'POST', '/gradio_api/upload', body, **{'Content-Type': 'multipart/form-data; boundary=x'})


def ask(address: str, event: str, data: list, number: int = 0, **event_data) -> list:
    """What the page shows after an event, asked as the browser does; JSON may hold NaN, as from a changed browser."""
    config = json.loads(request(address, 'GET', '/config')[1])
    functions = [item for item in config['dependencies'] if item['targets'][0][1] == event]
    body = dict(data=data, event_data=event_data, fn_index=functions[number]['id'], session_hash='me')
    status, answer = request(
        address, 'POST', '/gradio_api/queue/join', json.dumps(body).encode(), **{'Content-Type': 'application/json'}
    )
    assert status == 200, answer
    _, messages = request(address, 'GET', '/gradio_api/queue/data?session_hash=me')
    done = next(
        message
        for message in map(json.loads, re.findall(rb'data: (.*)', messages))
        if message['msg'] == 'process_completed'
    )
    if not done['success']:
        raise Refused(done['output']['error'])
    return done['output']['data']


def png(pixels: np.ndarray) -> bytes:
    file = io.BytesIO()
    Image.fromarray(pixels).save(file, 'PNG')
    return file.getvalue()


def sample(address: str, row: int, options=OPTIONS) -> tuple[str, str, str]:
    """The query, the sentence and the answers after a click on a sample."""
    return ask(address, 'select', options, row=row)[1:]


def test_serves_the_page_and_nothing_else(address, tmp_path):
    assert address.startswith('127.0.0.1:')
    status, page = request(address, 'GET', '/')
    assert status == 200 and b'haresreid' in page
    secret = tmp_path / 'secret.txt'
    secret.write_text('5ecret')
    for path in (
        f'/gradio_api/file={secret}',
        f'/file={secret}',
        '/gradio_api/file=../../../../etc/hostname',
        '/gradio_api/file=/etc/hostname',
    ):
        status, content = request(address, 'GET', path)
        assert status in (403, 404) and b'5ecret' not in content, path
    assert request(address, 'GET', '/', Host='evil.example')[0] == 403


def test_samples_come_first_and_say_who_they_are(address):
    components = json.loads(request(address, 'GET', '/config')[1])['components']
    names = [component['props'].get('elem_id') or component['type'] for component in components]
    assert names.index('samples') < names.index('file')
    samples = components[names.index('samples')]['props']['value']
    assert re.findall(r'<button value="\d">.*?<span>(.*?)</span>', samples) == [
        *(f'day{number}.png, visible' for number in range(4)),
        *(f'night{number}.png, infrared' for number in range(4)),
    ]
    live = components[names.index('status')]['props']
    assert live['value'] and 'aria-live' in live['js_on_load']  # there before the first answer


def test_right_answers_are_marked_for_people_who_are_known(address, gallery):
    row = gallery.captions.index('night2.png')
    query, sentence, answers = sample(address, row)
    assert '<img src="data:image/png' in query and 'night2.png, infrared' in query
    assert '1 of the 1 other images of person 2' in sentence
    marks = dict(re.findall(r'<strong>(.*?)</strong>\d+\. (\w+)\.png', answers))
    assert re.findall(r'(same|another) person</strong>1\. (\w+).png', answers) == [('same', 'day2')]
    assert len(marks) == 2 and answers.count('another person') == 3
    _, _, everything = sample(address, row, ['detect by colour', 'all images', 5])
    assert re.findall(r'<strong>(.*?)</strong>\d\. (\w+)', everything)[:2] == [
        ('the chosen image', 'night2'),
        ('✓ same person', 'day2'),
    ]


def test_an_upload_after_a_sample(address, gallery, folder):
    sample(address, 0)
    status, stored = upload(address, '../../../evil.png', (folder / 'night1.png').read_bytes())
    (path,) = json.loads(stored)
    assert status == 200 and '..' not in path
    file = dict(path=path, meta=dict(_type='gradio.FileData'))
    field, _, query, sentence, answers = ask(address, 'upload', [file, *OPTIONS])
    assert field is None  # ready for the next one
    assert 'your image, infrared' in query and sentence == '4 nearest images, best first.' and '1. day1.png' in answers
    assert 'person' not in answers  # who it is, nobody has said


def test_choices_that_are_none_get_one_sentence(address):
    for lacking in range(3):
        _, sentence, answers = sample(
            address, 0, [None if place == lacking else option for place, option in enumerate(OPTIONS)]
        )
        assert 'Choose a spectrum' in sentence and not answers
    for top in (float('nan'), 1e300, -1, 'many'):
        with pytest.raises(Refused, match='not in the list of choices'):
            sample(address, 0, [*OPTIONS[:2], top])


def test_a_row_that_is_no_sample_is_none(address):
    for row in (-1, 99, 'a', None, [1]):
        assert sample(address, row)[2] == ''


def test_a_model_without_a_number_gets_one_sentence(folder, gallery, uploads):

    class Broken:
        image_size, feature_dim = (16, 8), 8

        def __call__(self, images, modalities):
            return np.full((len(images), 8), np.nan, np.float32)

    page = build_page(VIReIDInferencer(Broken()), replace(gallery, examples=[]), MAX_BYTES)
    for address in served(page):
        _, stored = upload(address, 'a.png', (folder / 'night1.png').read_bytes())
        file = dict(path=json.loads(stored)[0], meta=dict(_type='gradio.FileData'))
        sentence = ask(address, 'upload', [file, *OPTIONS])[3]
        assert 'no numbers (NaN' in sentence and 'weights are damaged' in sentence


def test_uploads_are_deleted_while_the_server_runs(inferencer, gallery, uploads, monkeypatch):
    monkeypatch.setattr(page, 'SWEEP', 1)
    monkeypatch.setattr(page, 'FILE_AGE', 0.1)
    for address in served(build_page(inferencer, gallery, MAX_BYTES)):
        stored = Path(json.loads(upload(address, 'a.png', png(np.zeros((9, 5), np.uint8)))[1])[0])
        assert uploads in stored.parents
        for _ in range(200):
            if not stored.exists():
                break
            time.sleep(0.1)
        assert not stored.exists()
        status, _ = upload(address, 'large.png', bytes(MAX_BYTES + 1))
        assert status == 413 and not [path for path in uploads.rglob('*') if path.is_file()]
