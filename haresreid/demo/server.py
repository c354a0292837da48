"""The server of a page."""

from collections.abc import Sequence

from starlette.middleware import Middleware

from .guard import Guard
from .html import STYLE
from .offline_gradio import gr

__all__ = ['serve']

SESSIONS = 100  # visitors whose chosen pixels are kept
# fonts of the visitor's machine, because the theme's own would be downloaded
THEME = gr.themes.Base(font=['system-ui', 'sans-serif'], font_mono=['ui-monospace', 'monospace'])


def serve(page: gr.Blocks, host: str, port: int, max_bytes: int, allowed: Sequence[str] = ()) -> str:
    """Start the server in its own threads.

    Args:
        page (gr.Blocks): The result of :func:`build_page` or :func:`build_gallery_page`.
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
