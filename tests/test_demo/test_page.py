"""The page's server as a stranger may call it. The page in a browser: docs/en/user_guides/demo.md."""

import http.client
import json
import socket
from urllib.parse import urlparse

import pytest

from haresreid.demo import build_page, serve

MAX_BYTES = 2**16


@pytest.fixture
def address(inferencer, gallery):
    with socket.socket() as free:
        free.bind(('127.0.0.1', 0))
        port = free.getsockname()[1]
    page = build_page(inferencer, gallery, MAX_BYTES)
    yield urlparse(serve(page, '127.0.0.1', port, MAX_BYTES, wait=False)).netloc
    page.close()


def request(address: str, method: str, path: str, body: bytes = b'', **headers) -> tuple[int, bytes]:
    connection = http.client.HTTPConnection(address, timeout=60)
    connection.request(method, path, body, headers)
    answer = connection.getresponse()
    return answer.status, answer.read()


def upload(address: str, name: str, content: bytes) -> tuple[int, bytes]:
    body = (f'--x\r\nContent-Disposition: form-data; name="files"; filename="{name}"\r\n\r\n').encode() + content + b'\r\n--x--\r\n'
    return request(address, 'POST', '/gradio_api/upload', body, **{'Content-Type': 'multipart/form-data; boundary=x'})


def test_serves_the_page_and_nothing_else(address, tmp_path):
    assert address.startswith('127.0.0.1:')
    status, page = request(address, 'GET', '/')
    assert status == 200 and b'haresreid' in page
    secret = tmp_path / 'secret.txt'
    secret.write_text('5ecret')
    for path in (f'/gradio_api/file={secret}', f'/file={secret}', '/gradio_api/file=../../../../etc/hostname',
                 '/gradio_api/file=/etc/hostname'):
        status, content = request(address, 'GET', path)
        assert status in (403, 404) and b'5ecret' not in content, path


def test_an_upload_is_limited_and_stays_in_its_folder(address, tmp_path):
    status, _ = upload(address, 'large.png', bytes(MAX_BYTES + 1))
    assert status == 413
    status, stored = upload(address, '../../../evil.png', b'small')
    assert status in (200, 400)
    if status == 200:
        path, = json.loads(stored)
        assert '..' not in path and path.endswith('evil.png') and 'gradio' in path
