"""A guard before the page's server: it refuses requests of other web sites and URLs to fetch."""

import json
from collections.abc import Sequence
from typing import Any
from urllib.parse import urlsplit

from starlette.datastructures import Headers
from starlette.exceptions import HTTPException
from starlette.formparsers import MultiPartException
from starlette.requests import Request
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from .upload import check_upload, megabytes

__all__ = ['Guard']

LOCAL = ('localhost', '127.0.0.1', '::1')
UPLOAD = '/gradio_api/upload'
POSTS = (
    UPLOAD,
    '/gradio_api/queue/join',
    '/gradio_api/cancel',
    '/gradio_api/reset',
)  # gradio has more routes, but the page does not need them
FORM_BYTES = 2**16  # bytes of a form around its file, and of any other request; the page's choices take far less


class Guard:
    """ASGI middleware.

    A page of another site, open in a visitor's browser, may send requests to this machine. It may also let its own name
    point to this machine's address (DNS rebinding). Such requests have a foreign host in ``Origin`` or in ``Host``.

    Args:
        app (ASGIApp): The guarded application.
        hosts (Sequence[str]): Further names of the page, beside those of this machine itself and the address that a
            visitor has connected to.
        max_bytes (int): The largest upload that is accepted.
    """

    def __init__(self, app: ASGIApp, hosts: Sequence[str], max_bytes: int) -> None:
        self.app, self.max_bytes = app, max_bytes
        self.hosts = {*LOCAL, *(host.lower().strip('[]') for host in hosts)}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request that is refused, and hand on all others."""
        if scope['type'] == 'lifespan':
            await self.app(scope, receive, send)
            return
        if scope['type'] == 'websocket':  # the page has no use for one
            await send(dict(type='websocket.close', code=1008))
            return
        try:
            self._check_hosts(scope)
            path = scope['path'].rstrip('/')
            if '://' in path:
                raise HTTPException(403, 'This page fetches nothing.')
            if scope['method'] not in ('GET', 'HEAD', 'POST') or (scope['method'] == 'POST' and path not in POSTS):
                raise HTTPException(405, f'This page does not serve {scope["method"]} {path!r}.')
            if scope['method'] == 'POST':
                receive = await self._checked(scope, receive, path == UPLOAD)
        except HTTPException as refusal:
            await PlainTextResponse(refusal.detail, refusal.status_code)(scope, receive, send)
            return
        await self.app(scope, receive, send)

    def _check_hosts(self, scope: Scope) -> None:
        headers = Headers(scope=scope)
        host, origin = headers.get('host', ''), headers.get('origin')
        name = _host_name(f'//{host}')
        if name not in self.hosts and name != scope['server'][0]:
            raise HTTPException(
                403,
                f'This page does not answer to the name {name!r}. If that is its name, start it with '
                '--allow-host and the name.',
            )
        same = origin is None or origin.lower().partition('://')[2] == host.lower()
        if not same and _host_name(origin) not in self.hosts.difference(
            LOCAL
        ):  # another program on this machine is foreign too
            raise HTTPException(
                403,
                f'This page takes no requests from {origin!r}. If it is reached under that name, start it '
                'with --allow-host and the name.',
            )

    async def _checked(self, scope: Scope, receive: Receive, is_upload: bool) -> Receive:
        """Read the body and judge it; whoever receives again gets it anew."""
        body = await _read(receive, FORM_BYTES + self.max_bytes * is_upload)
        if body is None:
            raise HTTPException(413, f'At most {megabytes(self.max_bytes)} are taken.')
        if is_upload:
            await self._check_files(scope, body)
        elif _names_an_address(body):
            raise HTTPException(403, 'This page fetches nothing.')
        return _replay(body, receive)

    async def _check_files(self, scope: Scope, body: bytes) -> None:
        try:
            async with Request(scope, _replay(body)).form(max_files=1, max_fields=0) as form:
                for file in form.values():
                    check_upload(file.filename or 'The file', await file.read(), self.max_bytes)
        except MultiPartException as error:
            raise HTTPException(400, error.message) from error
        except ValueError as error:
            raise HTTPException(413 if len(body) > self.max_bytes else 415, str(error)) from error


def _host_name(address: str) -> str:
    """The host name in an address with or without a scheme, a port, or the brackets of IPv6."""
    try:
        return urlsplit(address).hostname or ''
    except ValueError:
        return ''


async def _read(receive: Receive, limit: int) -> bytes | None:
    """The body of a request; None if it is larger than the limit."""
    body = bytearray()
    while True:
        message = await receive()
        body += message.get('body', b'')
        if len(body) > limit:
            return None
        if not message.get('more_body', False):
            return bytes(body)


def _replay(body: bytes, receive: Receive | None = None) -> Receive:
    """A receive function that replays a body, then passes on what comes after it."""
    messages: list[Message] = [dict(type='http.request', body=body, more_body=False)]

    async def again() -> Message:
        return messages.pop() if messages else await receive()

    return again


def _names_an_address(body: bytes) -> bool:
    """Whether a request gives a file by its URL, which gradio would fetch."""

    def walk(item: Any) -> bool:
        if isinstance(item, dict):
            return '://' in str(item.get('path', '')) or any(map(walk, item.values()))
        return isinstance(item, list) and any(map(walk, item))

    try:
        return walk(json.loads(body or b'null'))
    except (ValueError, RecursionError):
        return True
