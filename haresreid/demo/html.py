"""The HTML of the pages: figures whose images are in the text, style, and what a browser runs."""

import base64
import io
import os
from functools import lru_cache
from html import escape

import numpy as np
from PIL import Image

from haresreid.files.heads import shown
from haresreid.files.images import read_rgb

__all__ = ['CLICK', 'LIVE_REGION', 'SCROLL', 'STYLE', 'encoded', 'figure', 'image', 'thumbnail']

STYLE = """
.haresreid figure, .haresreid h2 { margin: 0; }
.haresreid h2 { padding-bottom: .5rem; }
.haresreid ul + h2 { padding-top: 1rem; }
.haresreid img { width: 100%; border-radius: 4px; display: block; }
.haresreid figcaption, .haresreid button span { font-size: .85rem; font-weight: 400; line-height: 1.3;
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
.haresreid button { width: 100%; height: 100%; padding: .25rem;
  border: 1px solid var(--border-color-primary); border-radius: 6px;
  background: var(--button-secondary-background-fill); color: inherit; cursor: pointer; text-align: left; display: flex;
  flex-direction: column; justify-content: flex-start; }
.haresreid button:hover { border-color: currentColor; }
.haresreid button:focus-visible { outline: 3px solid #0072B2; outline-offset: 2px; }
:is(#samples, #query, #status, #answers, #track) .html-container { padding: 0; }
@media (max-width: 600px) {
  .haresreid ul { grid-template-columns: repeat(4, 1fr); gap: .4rem; }
  .haresreid ol { grid-template-columns: repeat(3, 1fr); }
}
"""
# a button carries its row; the live region exists before its first sentence and always stays the same element
CLICK = """element.addEventListener('click', event => {
  const button = event.target.closest('button');
  if (button) trigger('select', {row: Number(button.value)});
});"""
SCROLL = """() => {
  const query = document.getElementById('query');
  if (query.getBoundingClientRect().top > innerHeight / 2) query.scrollIntoView();
}"""  # on a phone the matches are below the choices
LIVE_REGION = "element.setAttribute('role', 'status'); element.setAttribute('aria-live', 'polite');"


def figure(source: str, alt: str, caption: str, mark: str = '') -> str:
    """HTML of an image with its caption, before which the mark stands out."""
    strong = f'<strong>{mark}</strong>' if mark else ''
    return f'<figure>{image(source, alt)}<figcaption>{strong}{escape(caption)}</figcaption></figure>'


def image(source: str, alt: str) -> str:
    """HTML of an image; the ``alt`` text is empty if a caption says everything."""
    return f'<img src="{source}" alt="{alt}">'


def thumbnail(path: str, thermal_range: tuple[float, float] | None) -> str:
    """Thumbnail of a gallery image, or a grey one if its file is missing: erased, perhaps, since it was last shown."""
    try:
        changed = os.stat(path).st_mtime_ns
    except (OSError, ValueError):  # a path with a NUL byte
        changed = 0
    return _thumbnail(path, changed, thermal_range)


@lru_cache(maxsize=4096)
def _thumbnail(path: str, changed: int, thermal_range: tuple[float, float] | None) -> str:
    try:
        return encoded(read_rgb(path, turn=True, thermal_range=thermal_range))
    except ValueError:
        return encoded(np.full((256, 128, 3), 200, np.uint8))


def encoded(pixels: np.ndarray) -> str:
    """(H, W, 3) uint8 RGB as a data URI."""
    small, data = Image.fromarray(shown(pixels)), io.BytesIO()
    small.thumbnail((256, 512))
    small.save(data, 'PNG')
    return f'data:image/png;base64,{base64.b64encode(data.getvalue()).decode("ascii")}'
