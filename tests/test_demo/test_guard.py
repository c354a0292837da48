"""Which requests reach the page. Host and Origin are what browsers send; a page cannot choose them."""

import io

import pytest
from PIL import Image
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse
from starlette.routing import Route
from starlette.testclient import TestClient

from haresreid.demo.guard import Guard

MAX_BYTES = 2**16


async def greet(request: Request) -> PlainTextResponse:
    return PlainTextResponse('reached')


async def receive(request: Request) -> JSONResponse:
    if request.headers['content-type'].startswith('multipart'):
        async with request.form() as form:
            return JSONResponse([len(await file.read()) for file in form.values()])
    return JSONResponse(await request.json())


@pytest.fixture(scope='module')
def client():
    routes = [
        Route('/gradio_api/upload', receive, methods=['POST']),
        Route('/gradio_api/queue/join', receive, methods=['POST']),
        Route('/{path:path}', greet, methods=['GET', 'PUT', 'POST']),
    ]
    guarded = Guard(Starlette(routes=routes), hosts=('0.0.0.0', 'Demo.Example.org'), max_bytes=MAX_BYTES)
    return TestClient(guarded, base_url='http://localhost:7860')


def png(size=(8, 8)) -> bytes:
    file = io.BytesIO()
    Image.new('L', size).save(file, 'PNG')
    return file.getvalue()


@pytest.mark.parametrize(
    'host', ['localhost:7860', '127.0.0.1:7860', '[::1]:7860', 'localhost', 'demo.example.org', 'DEMO.example.org:80']
)
def test_its_own_names(client, host):
    assert client.get('/', headers=dict(host=host)).text == 'reached'


@pytest.mark.parametrize(
    'host',
    [
        'evil.example',
        'evil.example:7860',
        'localhost.evil.example',
        '127.0.0.1.nip.io:7860',
        '192.168.1.9:7860',
        '',
        '[::1',
        'demo.example.org.evil.example',
    ],
)
def test_a_foreign_name_is_refused(client, host):
    answer = client.get('/', headers=dict(host=host))
    assert answer.status_code == 403 and '--allow-host' in answer.text


def test_the_address_that_the_visitor_has_connected_to(client):
    there = TestClient(client.app, base_url='http://192.168.1.5:7860')
    assert there.get('/').text == 'reached'  # no name, so nobody can have given it another address
    assert there.get('/', headers=dict(host='192.168.1.9:7860')).status_code == 403


@pytest.mark.parametrize(
    'origin, status',
    [
        ('http://localhost:7860', 200),
        ('https://demo.example.org', 200),  # behind a server that speaks to this one as localhost
        ('http://evil.example', 403),
        ('http://localhost:3000', 403),  # another program of the machine
        ('http://127.0.0.1:7860', 403),
        ('null', 403),
        ('http://localhost:7860.evil.example', 403),
        ('http://[', 403),
    ],
)
@pytest.mark.parametrize('method', ['GET', 'POST'])
def test_requests_of_another_site_are_refused(client, origin, status, method):
    path = '/gradio_api/queue/join' if method == 'POST' else '/'
    assert client.request(method, path, json={}, headers=dict(origin=origin)).status_code == status


@pytest.mark.parametrize(
    'method, path',
    [
        ('PUT', '/'),
        ('POST', '/'),
        ('POST', '/gradio_api/process_recording'),
        ('POST', '/gradio_api/run/predict'),
        ('DELETE', '/gradio_api/upload'),
    ],
)
def test_what_the_page_has_no_use_for(client, method, path):
    assert client.request(method, path, content=b'{}').status_code == 405


def test_nothing_is_fetched(client):
    assert client.get('/gradio_api/file=http://example.org/a.png').status_code == 403
    file = dict(path='https://example.org/a.png', meta=dict(_type='gradio.FileData'))
    for data in ([file], dict(data=[[dict(x=file)]])):
        assert client.post('/gradio_api/queue/join', json=data).status_code == 403
    assert (
        client.post('/gradio_api/queue/join', content=b'{"path": "\\u0068ttp:\\u002f/example.org"}').status_code == 403
    )
    assert client.post('/gradio_api/queue/join', content=b'[' * 60000).status_code == 403
    own = dict(data=[dict(path='/folder/a.png', url='http://localhost:7860/gradio_api/file=/folder/a.png')])
    assert client.post('/gradio_api/queue/join', json=own).json() == own


@pytest.mark.parametrize(
    'name, content, status, message',
    [
        ('a.png', png(), 200, f'[{len(png())}]'),
        ('named.exe', png(), 200, f'[{len(png())}]'),  # the content decides
        ('a.png', b'MZ no image', 415, 'a.png cannot be read as an image'),
        ('page.html', b'<script>alert(1)</script>', 415, 'page.html cannot be read as an image'),
        ('a.png', b'', 415, 'cannot be read as an image'),
        ('a.png', png() + bytes(MAX_BYTES), 413, 'at most 0.0625 MB'),
        ('a.png', bytes(3 * MAX_BYTES), 413, 'At most 0.0625 MB'),
        ('a.png', png((20000, 1)), 415, '20000 x 1 pixels'),
    ],
)
def test_only_images_come_in(client, name, content, status, message):
    answer = client.post('/gradio_api/upload', files=dict(files=(name, content)))
    assert answer.status_code == status and message in answer.text


def test_one_file_at_a_time(client):
    files = [('files', ('a.png', png())), ('files', ('b.exe', b'MZ'))]
    assert client.post('/gradio_api/upload', files=files).status_code == 400
    assert client.post('/gradio_api/upload', data=dict(a='b'), files=dict(files=('a.png', png()))).status_code == 400
