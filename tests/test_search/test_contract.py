"""What every engine does: each hit is compared with a list of rows that is searched one by one."""

import os
import subprocess
import sys
import tempfile
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from haresreid.search import KINDS, Gallery, copy_gallery, create_gallery, open_gallery

from .engines import ENGINES, Engine
from .reference import DIM, FILTERS, OWN, OWN_FILTERS, Reference, check, make_rows

KILLS = Path(__file__).with_name('kills.py')
WHERE = [dict(where=text) for text, _ in OWN_FILTERS]


@pytest.fixture(params=ENGINES)
def engine(request) -> Engine:
    engine = ENGINES[request.param]
    if engine.package:
        pytest.importorskip(engine.package)
    return engine


@pytest.fixture
def uri(engine, tmp_path) -> str:
    return engine.uri(tmp_path)


def fill(gallery: Gallery, number: int = 60, seeds: tuple[int, ...] = (0, 1)) -> Reference:
    reference = Reference()
    for seed in seeds:
        rows = make_rows(number, seed, own=bool(gallery.columns))
        reference.append(gallery.append(**rows), **rows)
    return reference


@pytest.mark.parametrize('kind', KINDS)
def test_every_filter(uri, kind):
    gallery = create_gallery(uri, DIM, kind, columns=OWN)
    reference, queries = fill(gallery), make_rows(3, 2)['features']
    for conditions in [*FILTERS, *WHERE, dict(where='size > 20', modality='infrared')]:
        check(gallery, reference, queries, 7, exact=True, **conditions)  # so few rows are searched exactly
    hits = gallery.query(queries, 500, where=['size > 20', 'quality < 0.5'])
    kept = [row for row in reference.rows if row['size'] > 20 and row['quality'] is not None and row['quality'] < 0.5]
    assert sorted(hits.ids[0]) == sorted(row['id'] for row in kept)


OPERATIONS = st.lists(
    st.one_of(
        st.tuples(st.just('append'), st.integers(0, 30)),
        st.tuples(st.just('delete'), st.sampled_from([*FILTERS[1:], *WHERE])),
        st.tuples(st.just('delete'), st.lists(st.integers(0, 80), max_size=20).map(lambda ids: dict(ids=ids))),
        st.tuples(st.just('update'), st.integers(0, 20)),
        st.tuples(st.just('compact'), st.none()),
        st.tuples(st.just('reopen'), st.none()),
    ),
    max_size=6,
)


@pytest.mark.parametrize('name', ENGINES)
@settings(max_examples=6, deadline=None)
@given(operations=OPERATIONS, kind=st.sampled_from(KINDS), conditions=st.sampled_from([*FILTERS, *WHERE]))
def test_any_sequence_of_changes(name, operations, kind, conditions):
    if ENGINES[name].package:
        pytest.importorskip(ENGINES[name].package)
    with tempfile.TemporaryDirectory() as folder:
        uri, reference = ENGINES[name].uri(Path(folder)), Reference()
        gallery = create_gallery(uri, DIM, kind, columns=OWN)
        for seed, (operation, argument) in enumerate(operations):
            if operation == 'append':
                rows = make_rows(argument, seed, own=True)
                ids = gallery.append(**rows)
                assert len(set(ids) | {row['id'] for row in reference.rows}) == len(ids) + len(reference.rows)
                reference.append(ids, **rows)
            elif operation == 'update':
                changed = reference.rows[::3][:argument]
                for row in changed:
                    row.update(track=7, place=f'to {row["id"]}', quality=None)
                gallery.update(
                    [row['id'] for row in changed],
                    tracks=7,
                    columns=dict(place=[row['place'] for row in changed], quality=None),
                )
            elif operation == 'compact':
                gallery.compact()
            elif operation == 'reopen':
                gallery = open_gallery(uri)
            else:
                before = len(reference.rows)
                reference.delete(**argument)
                assert gallery.delete(**argument) == before - len(reference.rows)
            assert len(gallery) == len(reference.rows)
        assert sorted(gallery.paths()) == sorted(row['path'] for row in reference.rows)
        check(gallery, reference, make_rows(2, 1000)['features'], 5, exact=True, **conditions)


def test_an_update_changes_what_is_given_and_nothing_else(uri):
    gallery = create_gallery(uri, DIM, columns=OWN)
    reference = fill(gallery)
    chosen = reference.rows[5:15]
    for number, row in enumerate(chosen):
        row.update(camera=number, time=None, modality='infrared', size=number)
    gallery.update(
        [row['id'] for row in chosen], range(10), [None] * 10, 'infrared', columns=dict(size=list(range(10)))
    )
    check(open_gallery(uri), reference, make_rows(3, 2)['features'], 500, exact=True)
    for wrong, message in (
        (dict(ids=[5, 10**6], tracks=1), '1 of 2 ids are not in the gallery, the first is 1000000'),
        (dict(ids=[5, 5], tracks=1), 'id 5 stands twice'),
        (dict(ids=[5, 6], cameras=[1, 'door']), "row 1: camera 'door'"),
        (dict(ids=[5, 6], columns=dict(colour='red')), "no column 'colour' of its own: it has size, quality, place"),
    ):
        with pytest.raises(ValueError, match=message):
            gallery.update(**wrong)
    check(gallery, reference, make_rows(3, 2)['features'], 500, exact=True)


def test_ids_continue_after_the_largest_ever_used(uri):
    gallery = create_gallery(uri, 2)
    assert gallery.append(np.eye(2), ['a', 'b'], ids=[7, 3]).tolist() == [7, 3]
    assert gallery.append(np.eye(2), ['c', 'd']).tolist() == [8, 9]
    gallery.delete(ids=[9])
    gallery.compact()
    assert open_gallery(uri).append(np.eye(2), ['e', 'f']).tolist() == [10, 11]
    with pytest.raises(ValueError, match='1 of 2 ids are in the index already, the first is 3: delete'):
        gallery.append(np.eye(2), ['e', 'f'], ids=[3, 30])
    assert gallery.delete(ids=[3, 1000]) == 1 and gallery.append(np.eye(2)[:1], ['e'], ids=[3]) == [3]
    assert len(gallery) == 5


def test_files_are_added_once(uri):
    gallery = create_gallery(uri, 2)
    gallery.append(np.eye(2), ['a', 'b'])
    assert gallery.new_files(['b', 'c', 'c', '']) == [1, 3]
    assert len(open_gallery(uri).append(np.ones((4, 2)), ['b', 'c', 'c', ''], new_only=True)) == 2
    assert gallery.paths() == ['a', 'b', 'c', '']
    assert len(gallery.append(np.ones((4, 2)), ['b', 'c', 'c', ''], new_only=True)) == 1


def test_a_reader_sees_what_another_writes(uri):
    writer = create_gallery(uri, 2, info=dict(model='m'), columns=dict(place='text'))
    reader = open_gallery(uri)
    assert reader.query(np.eye(2)).ids.shape == (2, 0) and reader.query(np.eye(2)).paths == [[], []]
    assert reader.paths() == [] and not list(reader.blocks()) and reader.delete(cameras=1) == 0
    writer.append(2 * np.eye(2), ['a', 'b'], times='2026-11-24', modalities=1, cameras=4, tracks=[5, None])
    hits = reader.query([3, 0])  # scaled to unit length, as the rows are
    assert hits.ids.tolist() == [[0, 1]] and hits.paths == [['a', 'b']]
    np.testing.assert_allclose(hits.scores, [[1, 0]], atol=1e-6)
    assert hits.tracks.tolist() == [[5, -1]] and hits.columns['place'].tolist() == [['', '']]
    assert (reader.dim, reader.kind, reader.info, reader.columns) == (2, 'exact', dict(model='m'), dict(place='text'))
    stats = reader.stats()
    assert stats['rows'] == 2 and stats['cameras'] == {'4': 2} and stats['modalities'] == {'infrared': 2}
    assert stats['tracks'] == 1 and stats['first_time'] == stats['last_time'] == 1795478400
    writer.delete(cameras=4)
    writer.compact('hnsw')
    assert reader.query([1, 0]).ids.shape == (1, 0) and reader.stats()['cameras'] == {} and reader.kind == 'hnsw'


def test_a_snapshot_stays(engine, uri):
    gallery = create_gallery(uri, DIM, columns=OWN)
    if not engine.versions:
        with pytest.raises(ValueError, match='no versions'):
            gallery.snapshot()
        return
    reference, queries = fill(gallery), make_rows(3, 2)['features']
    snapshot = gallery.snapshot()
    gallery.delete(cameras=[1, 2, 3])
    gallery.update(gallery.query(queries, 1).ids[0, :1], tracks=3)
    gallery.append(**make_rows(20, 5, own=True))
    assert len(snapshot) == 120 and snapshot.paths() == [row['path'] for row in reference.rows]
    for conditions in (dict(), dict(cameras=3), dict(where='quality>=0.5')):
        check(snapshot, reference, queries, 9, exact=True, **conditions)
    for change in (lambda: snapshot.append(**make_rows(1, own=True)), lambda: snapshot.delete(cameras=4)):
        with pytest.raises(ValueError, match='is a snapshot'):
            change()
    assert len(gallery.snapshot()) == len(gallery) != 120


def test_a_gallery_is_brought_over_with_all_that_it_holds(engine, uri, tmp_path):
    old = create_gallery(str(tmp_path / 'old'), DIM, 'ivf', dict(model='m'), OWN)
    reference = fill(old)
    old.delete(cameras=2)
    reference.delete(cameras=2)
    new = copy_gallery(str(tmp_path / 'old'), uri)
    assert (new.dim, new.kind, new.info, new.columns) == (DIM, 'ivf', dict(model='m'), OWN)
    check(new, reference, make_rows(3, 2)['features'], 500, exact=True)
    back = copy_gallery(uri, str(tmp_path / 'back'), 'exact')
    assert back.paths() == old.paths() and back.kind == 'exact'
    check(back, reference, make_rows(3, 2)['features'], 500, exact=True)


def test_what_cannot_be_added_leaves_the_gallery_as_it_was(uri):
    gallery = create_gallery(uri, 2, columns=OWN)
    gallery.append(np.eye(2), ['a', 'b'])
    for change, message in (
        (dict(features=np.ones((2, 3))), r'numbers of shape \(N, 2\), as in the index'),
        (dict(features=np.array([[1, 0], [0, 0]])), "feature 1 of 'b' is zero or not finite"),
        (dict(paths=['a']), '2 features have 1 paths'),
        (dict(tracks=[1, 1.5]), "row 1: track '1.5' is no whole number"),
        (dict(columns=dict(colour='red')), "the gallery has no column 'colour' of its own: it has size, quality"),
        (dict(columns=dict(track=[1, 2])), "no column 'track' of its own"),
        (dict(columns=dict(size=['large', 1])), "row 0: size 'large' is no whole number"),
        (dict(columns=dict(quality='good')), "quality 'good' is no number"),
        (dict(columns=dict(place=['a', '\udc80'])), 'row 1: place .* is no UTF-8 text'),
    ):
        with pytest.raises(ValueError, match=message):
            gallery.append(**{**dict(features=np.eye(2), paths=['a', 'b']), **change})
    assert len(gallery) == 2 and gallery.query([1, 0], 4).paths == [['a', 'b']]


def test_what_cannot_be_made_opened_or_asked(engine, uri, tmp_path):
    with pytest.raises(FileNotFoundError, match='[Tt]here is no'):
        open_gallery(engine.uri(tmp_path / 'none'))
    for arguments, message in (
        ((2, 'lsh'), 'no kind of index'),
        ((0,), "dim '0' is no whole number from 1"),
        ((2, 'exact', None, dict(Place='text')), "'Place' cannot be the name of a column"),
        ((2, 'exact', None, dict(path='text')), "'path' cannot be the name of a column"),
        ((2, 'exact', None, dict(place='str')), "column place: 'str' is no type, there are int, float, text"),
    ):
        with pytest.raises(ValueError, match=message):
            create_gallery(uri, *arguments)
    gallery = create_gallery(uri, 2, columns=OWN)
    with pytest.raises(ValueError, match='there already'):
        create_gallery(uri, 2)
    with pytest.raises(ValueError, match='say what to delete'):
        gallery.delete()
    for conditions, message in (
        (dict(modality='IR'), "'IR' is no modality"),
        (dict(where='colour = red'), "no column 'colour' of its own: it has size, quality, place"),
        (dict(where='size'), "'size' is no condition: write it as quality>=0.5"),
        (dict(where='size > large'), "size 'large' is no whole number"),
        (dict(where='quality = nan'), 'quality = needs a number'),
        (dict(where='place < hall'), 'place is text, which has no order'),
    ):
        with pytest.raises(ValueError, match=message):
            gallery.query([1, 0], **conditions)


@pytest.mark.skipif(not hasattr(os, 'fork'), reason='the writers are forked')
@pytest.mark.parametrize(
    'mode',
    ['few', 'readers', pytest.param('moments', marks=pytest.mark.slow), pytest.param('two', marks=pytest.mark.slow)],
)
def test_kills(engine, uri, mode):
    """kills.py runs in a process of its own, which imports nothing but the gallery."""
    if not engine.processes:
        pytest.skip('one process at a time')
    result = subprocess.run([sys.executable, str(KILLS), uri, mode], capture_output=True, text=True)
    assert result.returncode == 0, result.stderr
