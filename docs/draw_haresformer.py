"""Draw the picture of HAResformer for the README and the HAResformer page: ``python docs/draw_haresformer.py``."""

from html import escape
from pathlib import Path

OUT = Path(__file__).parent / 'en/_static/haresformer.svg'
WIDTH, HEIGHT = 1200, 500
INK, RED = '#24292f', '#b3261e'
FILLS = dict(re='#cfe2ff', cffm='#d3efd8', te='#ffe3bf', hgae='#e6d9f7', head='#e7e9ec', loss='#fde3e1')
SIZES = ('256 x 72 x 36', '512 x 36 x 18', '1024 x 18 x 9', '2048 x 18 x 9')  # of f_i, for an image of 288 x 144
TOP, MIDDLE, BOTTOM, LAST = 90, 195, 300, 415  # centers of the rows: RE, CFFM, TE, HGAE
COLUMNS = [210 + 185 * stage for stage in range(4)]  # centers of the stages


def text(x: float, y: float, words: str, size: int = 14, anchor: str = 'middle', weight: int = 400, color: str = INK):
    """A line of text around or from x; ``f_1`` gets its subscript."""
    base, _, index = words.replace(' x ', ' \u00d7 ').partition('_')
    index, _, rest = index.partition(' ')
    words = escape(base)
    if index:
        words += (
            f'<tspan dy="4" font-size="{size - 4}">{escape(index)}</tspan><tspan dy="-4">{escape(" " + rest)}</tspan>'
        )
    style = f'font-size="{size}" text-anchor="{anchor}" font-weight="{weight}" fill="{color}"'
    return f'<text x="{x}" y="{y}" {style}>{words}</text>'


def box(x: float, y: float, width: float, height: float, fill: str, title: str, note: str = ''):
    """A box around its center, with a title and a smaller second line."""
    edge = RED if fill == 'loss' else INK
    shape = (
        f'<rect x="{x - width / 2}" y="{y - height / 2}" width="{width}" height="{height}" rx="7" '
        f'fill="{FILLS[fill]}" stroke="{edge}" stroke-width="1.2"/>'
    )
    lift = -3 if note else 5
    return shape + text(x, y + lift, title, 15, weight=600) + (text(x, y + 14, note, 12) if note else '')


def arrow(*points: tuple[float, float], color: str = INK, dashed: bool = False):
    """An arrow along the points."""
    path = ' '.join(f'{x},{y}' for x, y in points)
    dash = ' stroke-dasharray="5 4"' if dashed else ''
    head = 'loss' if color == RED else 'ink'
    return (
        f'<polyline points="{path}" fill="none" stroke="{color}" stroke-width="1.6"{dash} marker-end="url(#{head})"/>'
    )


def plus(x: float, y: float):
    """An element-wise sum."""
    return f'<circle cx="{x}" cy="{y}" r="12" fill="#ffffff" stroke="{INK}" stroke-width="1.4"/>' + text(
        x, y + 6, '+', 18
    )


def stages():
    """Four times RE, TE and CFFM, and the arrows between them."""
    yield box(70, MIDDLE, 92, 92, 'head', 'image', '3 x 288 x 144')
    yield arrow((70, MIDDLE - 46), (70, TOP), (COLUMNS[0] - 62, TOP))
    yield arrow((70, MIDDLE + 46), (70, BOTTOM), (COLUMNS[0] - 62, BOTTOM))
    for number, (x, size) in enumerate(zip(COLUMNS, SIZES, strict=True), start=1):
        yield box(x, TOP, 118, 46, 're', f'RE_{number}', f'ResNet layer {number}' if number > 1 else 'stem, layer 1')
        yield box(x, MIDDLE, 118, 46, 'cffm', f'CFFM_{number}', '1 x 1 convolution')
        yield box(x, BOTTOM, 118, 46, 'te', f'TE_{number}', 'transformer')
        yield text(x, TOP - 32, f'f_{number} {size}', 12)
        yield arrow((x, TOP + 23), (x, MIDDLE - 25))
        yield text(x + 8, TOP + 48, f'f_{number}', 13, 'start')
        yield arrow((x, BOTTOM - 23), (x, MIDDLE + 25))
        yield text(x + 8, BOTTOM - 46, f'p_{number}', 13, 'start')
        yield arrow((x, BOTTOM + 23), (x, LAST - 27))
        yield text(x + 8, BOTTOM + 54, f'cls_{number}', 13, 'start')
        if number < 4:
            right, next_left = x + 59, COLUMNS[number] - 61
            yield arrow((right, TOP), (next_left, TOP))
            yield arrow((right, MIDDLE), (right + 33, MIDDLE), (right + 33, BOTTOM), (next_left, BOTTOM))
            yield text(right + 8, MIDDLE - 8, f'g_{number}', 13, 'start')
    middle = (COLUMNS[0] + COLUMNS[3]) / 2
    yield box(
        middle,
        LAST,
        COLUMNS[3] - COLUMNS[0] + 118,
        50,
        'hgae',
        'HGAE',
        'concatenate the four class tokens, linear 3840 to 2048, GELU',
    )


def head():
    """From the last stage to the feature F and its losses."""
    right, add, pool, total, neck = COLUMNS[3] + 59, 875, 935, 1000, 1120
    yield arrow((right, TOP), (add, TOP), (add, MIDDLE - 14))
    yield text(right + 8, TOP - 8, 'f_4', 13, 'start')
    yield arrow((right, MIDDLE), (add - 14, MIDDLE))
    yield text(right + 8, MIDDLE - 8, 'g_4', 13, 'start')
    yield plus(add, MIDDLE) + text(add, MIDDLE + 30, 'ADD', 12)
    yield arrow((add + 12, MIDDLE), (pool - 30, MIDDLE))
    yield box(pool, MIDDLE, 56, 46, 'head', 'GAP')
    yield arrow((pool + 28, MIDDLE), (total - 14, MIDDLE))
    yield arrow((right, LAST), (total, LAST), (total, MIDDLE + 14))
    yield text(right + 8, LAST - 8, 'F_GA (2048)', 13, 'start')
    yield plus(total, MIDDLE)
    yield arrow((total + 12, MIDDLE), (neck - 66, MIDDLE))
    yield text(total + 32, MIDDLE - 10, 'F', 15, weight=600)
    yield box(neck, MIDDLE, 128, 46, 'head', 'BNNeck', 'and classifier')
    yield box(neck, TOP, 128, 46, 'loss', 'ID', 'on the logits')
    yield arrow((neck, MIDDLE - 23), (neck, TOP + 25), color=RED, dashed=True)
    yield box(neck, BOTTOM, 128, 46, 'loss', 'HC-Tri, MMD', 'on F')
    yield arrow((total + 28, MIDDLE), (total + 28, BOTTOM), (neck - 66, BOTTOM), color=RED, dashed=True)
    yield box(neck, LAST, 128, 50, 'loss', 'AL (DSA)', 'HC-Tri on both')
    yield arrow((total, LAST), (neck - 66, LAST), color=RED, dashed=True)
    yield arrow(
        (COLUMNS[3] + 45, BOTTOM + 23), (COLUMNS[3] + 45, 345), (neck, 345), (neck, LAST - 27), color=RED, dashed=True
    )
    yield text(
        600,
        475,
        'f: local map · p: patch tokens · g: fused map · cls: class token · dashed: losses, in training only',
        13,
    )


def draw() -> str:
    """The SVG."""
    markers = ''.join(
        f'<marker id="{name}" viewBox="0 0 10 10" refX="9" refY="5" markerWidth="7" markerHeight="7" orient="auto">'
        f'<path d="M0,0 L10,5 L0,10 z" fill="{color}"/></marker>'
        for name, color in dict(ink=INK, loss=RED).items()
    )
    lines = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" role="img" '
        'font-family="Helvetica, Arial, \'DejaVu Sans\', sans-serif">',
        '<title>HAResformer: four stages of RE, TE and CFFM, then HGAE, the feature F and its losses</title>',
        f'<defs>{markers}</defs>',
        # a panel of its own, so that the picture reads on a dark page as well
        f'<rect width="{WIDTH}" height="{HEIGHT}" rx="14" fill="#ffffff"/>',
        *stages(),
        *head(),
        '</svg>',
    ]
    return '\n'.join(lines) + '\n'


if __name__ == '__main__':
    OUT.write_text(draw(), encoding='utf-8')
