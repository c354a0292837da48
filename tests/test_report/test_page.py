"""The page of a tiny run, read as a browser reads it."""

import base64
import io
import re
from html.parser import HTMLParser

import pytest
from PIL import Image

from haresreid.report import SECTIONS, NotShown, Section, make_section, read_run, render
from haresreid.report.blocks import Table

VOID = {'meta', 'link', 'img'}
ADDRESSES = {'src', 'href', 'srcset', 'data', 'action', 'poster', 'xlink:href'}


class Page(HTMLParser):
    """Fails at a tag that is not closed in its turn; keeps what the tests ask for."""

    def __init__(self, html):
        super().__init__()
        self.open, self.addresses, self.ids, self.pictures, self.headings = [], [], [], [], []
        self.text = ''
        self.feed(html)
        self.close()
        assert not self.open

    def handle_starttag(self, tag, attributes):
        if tag not in VOID:
            self.open.append(tag)
        attributes = dict(attributes)
        self.addresses += [value for name, value in attributes.items() if name in ADDRESSES]
        self.ids += [attributes['id']] if 'id' in attributes else []
        self.pictures += [attributes] if tag == 'img' else []
        assert tag not in ('script', 'iframe', 'object', 'embed') and not any(name[:2] == 'on' for name in attributes)

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_data(self, data):
        if self.open[-1:] == ['h2']:
            self.headings.append(data)
        if 'style' not in self.open:
            self.text += data


def assert_loads_nothing(page, html):
    for address in page.addresses:
        assert address.startswith('data:') or (address[0] == '#' and address[1:] in page.ids)
    assert len(set(page.ids)) == len(page.ids)
    assert '@import' not in html and 'url(' not in html
    assert "default-src 'none'; img-src data:; style-src 'unsafe-inline'" in html


@pytest.fixture(scope='module')
def sections(finished):
    run = read_run(finished)
    return {title: make_section(title, run) for title in SECTIONS}


def test_whole_page(sections):
    missing = {
        title: [block.reason for block in section.blocks if isinstance(block, NotShown)]
        for title, section in sections.items()
    }
    (reason,) = missing.pop('Config')  # no config of the repository has this run's name
    assert re.match('There is no own.py below .*configs, .* --config', reason)
    (reason,) = missing.pop('Is it the same person?')
    assert reason == 'The features are of 3 people: a calibration needs 10 or more.'
    assert not any(missing.values()), missing

    html = render('Report of own', list(sections.values()))
    page = Page(html)
    assert_loads_nothing(page, html)
    assert page.headings == list(SECTIONS)
    assert len(html) < 10e6
    assert 'Not shown: There is no own.py' in page.text
    assert 'GPU 0' in page.text and 'Imagined <GPU> & Sons' in page.text and 'not the machine' not in page.text
    assert '3 of 30 epochs begun, 27 steps logged, 0.25 s per step' in page.text


def test_pictures(sections):
    page = Page(render('Report of own', list(sections.values())))
    kinds = [picture['src'].split(';')[0].removeprefix('data:image/') for picture in page.pictures]
    # curves, CMC, random and hardest queries, CAMs, similarities, t-SNE, curves and bars of the branches, costs
    assert kinds == ['svg+xml', 'svg+xml', 'jpeg', 'jpeg', 'jpeg', *['svg+xml'] * 5]
    for kind, picture in zip(kinds, page.pictures):
        assert len(picture['alt']) > 20 and int(picture['width']) > 200
        content = base64.b64decode(picture['src'].split(',')[1], validate=True)
        if kind == 'jpeg':
            Image.open(io.BytesIO(content)).load()
        else:
            assert re.findall(rb'href="(?!#)[^"]*"|url\((?!#)[^)]*\)|@import', content) == []


def test_figures_are_those_of_the_run(sections, finished):
    results = read_run(finished).metrics['protocols']['own/v2i']
    table, *_ = sections['Metrics'].blocks
    assert table.head == ('own/v2i', 'R1', 'R5', 'R10', 'R20', 'mAP', 'mINP')
    assert [row[0] for row in table.rows] == ['ours', 'chance', 'hog']
    for name, *cells in table.rows:
        assert cells == [f'{100 * results[name]["mean"][metric]:.2f}' for metric in table.head[1:]]


def test_branches_are_those_of_the_checkpoint(sections, finished):
    tables = [block for block in sections['Branches'].blocks if isinstance(block, Table)]
    spreads, *_, gradients, retrieval = tables
    assert spreads.head == ['spread / size, 24 images; stage', '1', '2', '3', '4']
    assert [row[0] for row in spreads.rows] == ['class token', 'mean of the patch tokens', 'patch map', 'fused map']
    assert [row[0] for row in gradients.rows] == ['RE', 'TE'] and float(gradients.rows[1][1]) > 0
    mean = read_run(finished).metrics['protocols']['own/v2i']['ours']['mean']
    assert retrieval.rows[0] == ['as trained', f'{100 * mean["R1"]:.2f}', f'{100 * mean["mAP"]:.2f}']
    assert [row[0] for row in retrieval.rows[1:]] == ['class tokens held', 'patch maps held', 'both held']


def test_every_text_is_escaped():
    nasty = '<script src="https://a.example/b.js"></script>"\'&'
    html = render(nasty, [Section(nasty, [Table([nasty], [[nasty]], nasty), NotShown(nasty)])])
    page = Page(html)
    assert page.text.count(nasty) == 8  # title, heading, contents, section, head, cell, caption, reason


@pytest.mark.parametrize('columns, hinted', [(4, False), (5, True)])
def test_a_wide_table_says_that_it_scrolls(columns, hinted):
    html = render('Report', [Section('Metrics', [Table(['R1'] * columns, [['11.24'] * columns], 'in percent')])])
    assert ('class="hint"' in html) == hinted
    assert 'tabindex="0" aria-label="Table: in percent"' in html  # arrow keys scroll it
