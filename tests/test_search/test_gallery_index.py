"""Every answer is compared with a list of rows that is searched one by one."""

import json
import sys
import tempfile
import warnings

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from haresreid.search import KINDS, GalleryIndex, structure
from haresreid.search.manifest import MANIFEST

from .reference import DIM, FILTERS, Reference, check, make_rows


@pytest.fixture
def small_structures(monkeypatch):
    """Structures from 20 rows on."""
    monkeypatch.setattr(structure, 'EXACT_ROWS', 20)


@pytest.fixture(params=KINDS)
def filled(request, tmp_path, small_structures):
    """An index of 600 rows in two appends, its reference, and queries."""
    index, reference = GalleryIndex.create(tmp_path / 'index', DIM, request.param), Reference()
    for seed in (0, 1):
        rows = make_rows(300, seed)
        reference.append(index.append(**rows), **rows)
    index.compact()
    return index, reference, make_rows(5, 2)['features']


@pytest.mark.parametrize('conditions', FILTERS, ids=str)
def test_equals_the_reference_under_every_filter(filled, conditions):
    index, reference, queries = filled
    recall = check(index, reference, queries, 10, exact=index.kind == 'exact', **conditions)
    assert recall == 1 if index.kind == 'exact' else recall >= 0.8


def test_structures_answer_and_a_narrow_filter_is_exact(filled, monkeypatch):
    index, reference, queries = filled
    asked = []
    candidates = structure.Structure.candidates
    monkeypatch.setattr(structure.Structure, 'candidates', lambda *args: asked.append(1) or candidates(*args))
    index.query(queries)
    assert len(asked) == (0 if index.kind == 'exact' else 2)  # a structure per modality
    asked.clear()
    check(index, reference, queries, 10, exact=True, since=20, until=23)
    check(index, reference, queries, 300, exact=True)  # nearly all rows of a structure
    assert not asked


def test_a_query_that_looked_where_the_filter_left_nothing_is_searched_exactly(tmp_path, small_structures, monkeypatch):
    """Two far clusters, of which the filter leaves the one where the query is not."""
    monkeypatch.setattr(structure, 'NPROBE', 1)
    monkeypatch.setattr(structure, 'EF_SEARCH', 1)
    centres = np.repeat(np.eye(DIM, dtype=np.float32)[:2], 200, axis=0)
    features = centres + 0.01 * np.random.default_rng(0).standard_normal((400, DIM), dtype=np.float32)
    for kind in ('ivf', 'hnsw'):
        index = GalleryIndex.create(tmp_path / kind, DIM, kind)
        index.append(features, [''] * 400, cameras=np.repeat([1, 2], 200), modalities=0)
        hits = index.query(features[:3], 10, cameras=2)
        expected = np.sort(index.query(features[:3], 400).scores * (index.query(features[:3], 400).cameras == 2))
        np.testing.assert_allclose(hits.scores, expected[:, :-11:-1], atol=1e-6)


def test_rows_behind_the_structure_are_found(filled):
    index, reference, queries = filled
    before = index.stats()['rows_in_structures']
    rows = make_rows(15, 3)
    reference.append(index.append(**rows), **rows)
    assert index.stats()['rows_in_structures'] == before  # a tail so short is searched exactly
    hits = index.query(rows['features'], 1)
    np.testing.assert_allclose(hits.scores, 1, atol=1e-6)
    rows = make_rows(300, 4)
    reference.append(index.append(**rows), **rows)
    assert index.stats()['rows_in_structures'] == (0 if index.kind == 'exact' else 915)
    assert check(index, reference, queries, 10, exact=False) >= 0.8


def test_without_faiss_the_same_ids(filled, monkeypatch):
    index, reference, queries = filled
    with_faiss = index.query(queries, 10, effort=100)
    monkeypatch.setitem(sys.modules, 'faiss', None)
    without = GalleryIndex(index._store.root).query(queries, 10)
    np.testing.assert_array_equal(without.ids, with_faiss.ids)
    rows = make_rows(300, 5)
    reference.append(index.append(**rows), **rows)
    check(index, reference, queries, 10, exact=True)


@pytest.mark.parametrize('harm', ['remove', 'truncate', 'flip'])
def test_damaged_structures_are_told_and_made_anew(filled, harm):
    index, reference, queries = filled
    files = sorted(index._store.root.glob('g*/*.faiss'))
    if index.kind == 'exact':
        assert not files
        return
    content = bytearray(files[0].read_bytes())
    content[len(content) // 2] ^= 1
    if harm == 'remove':
        files[0].unlink()
    else:
        files[0].write_bytes(content[:-5] if harm == 'truncate' else content)
    index = GalleryIndex(index._store.root)
    with pytest.warns(UserWarning, match='missing or damaged: its rows are searched exactly until compact'):
        assert check(index, reference, queries, 10, exact=False) >= 0.8
    index.compact()
    with warnings.catch_warnings():
        warnings.simplefilter('error')
        assert check(index, reference, queries, 10, exact=False) >= 0.8


def forged(kind: str, rows: int) -> dict[str, object]:
    """What faiss reads as well, and is not the structure that was written."""
    faiss = pytest.importorskip('faiss')
    vectors = np.random.default_rng(0).standard_normal((rows + 1, DIM + 1), dtype=np.float32)
    made = {}
    for name, (text, number, dim) in dict(
        flat=('Flat', rows, DIM),
        narrow=('IVF2,SQ8', rows, DIM - 1),
        wide=('HNSW16,SQ8', rows, DIM + 1),
        more=('IVF2,SQ8', rows + 1, DIM),
        none=('IVF2,SQ8', 0, DIM),
        numbered=('IVF2,SQ8', rows, DIM),
    ).items():
        made[name] = index = faiss.index_factory(dim, text, faiss.METRIC_INNER_PRODUCT)
        index.train(vectors[:, :dim].copy())
        if name == 'numbered':
            index.add_with_ids(vectors[:rows, :dim].copy(), np.arange(rows) + 10**6)
        elif number:
            index.add(vectors[:number, :dim].copy())
    return made


@pytest.mark.filterwarnings('ignore')
@pytest.mark.parametrize('what', ['text', 'cut', 'flat', 'narrow', 'wide', 'more', 'none', 'numbered'])
def test_structures_that_faiss_cannot_use_are_told_though_their_sum_is_right(filled, what):
    index, reference, queries = filled
    if index.kind == 'exact':
        return
    root = index._store.root
    manifest = json.loads((root / MANIFEST).read_text())
    for entry in manifest['structures'].values():
        file = root / f'g{manifest["generation"]:06d}' / entry['name']
        if what in ('text', 'cut'):
            file.write_bytes(b'no index of faiss' if what == 'text' else file.read_bytes()[:200])
        else:
            import faiss

            faiss.write_index(forged(index.kind, entry['rows'])[what], str(file))
        entry['bytes'], entry['sum'] = structure._sum(file)
    (root / MANIFEST).write_text(json.dumps(manifest))
    index = GalleryIndex(root)
    if what == 'flat':  # searches, though not as it is asked to
        index.query(queries)
    else:
        with pytest.warns(UserWarning, match='searched exactly'):
            check(index, reference, queries, 10, exact=True)
    rows = make_rows(300, 3)  # the structures grow, or are made anew
    reference.append(index.append(**rows), **rows)
    check(index, reference, queries, 10, exact=False)


@pytest.mark.parametrize('call', ['read_index', 'search'])
def test_whatever_error_faiss_raises_the_search_is_exact(filled, monkeypatch, call):
    faiss = pytest.importorskip('faiss')
    index, reference, queries = filled
    if index.kind == 'exact':
        return
    for error in (RuntimeError, MemoryError, AssertionError, OSError, KeyError, TypeError, SystemError):

        def broken(*args, error=error, **kwargs):
            raise error('from C++')

        for owner in (faiss,) if call == 'read_index' else (faiss.IndexIVFScalarQuantizer, faiss.IndexHNSWSQ):
            monkeypatch.setattr(owner, call, broken)
        index = GalleryIndex(index._store.root)
        with pytest.warns(UserWarning, match='searched exactly'):
            check(index, reference, queries, 10, exact=True)


OPERATIONS = st.lists(
    st.one_of(
        st.tuples(st.just('append'), st.integers(0, 40)),
        st.tuples(st.just('delete'), st.sampled_from([conditions for conditions in FILTERS if conditions])),
        st.tuples(st.just('delete ids'), st.lists(st.integers(0, 80), max_size=20)),
        st.tuples(st.just('compact'), st.none()),
        st.tuples(st.just('reopen'), st.none()),
    ),
    max_size=8,
)


@settings(max_examples=25, deadline=None)
@given(operations=OPERATIONS, kind=st.sampled_from(KINDS), conditions=st.sampled_from(FILTERS), top=st.integers(1, 12))
def test_any_sequence_of_changes(operations, kind, conditions, top):
    queries = make_rows(3, 1000)['features']
    with tempfile.TemporaryDirectory() as folder, pytest.MonkeyPatch.context() as patch:
        patch.setattr(structure, 'EXACT_ROWS', 10)
        index, reference = GalleryIndex.create(f'{folder}/index', DIM, kind), Reference()
        for seed, (operation, argument) in enumerate(operations):
            if operation == 'append':
                rows = make_rows(argument, seed)
                ids = index.append(**rows)
                assert len(set(ids) | {row['id'] for row in reference.rows}) == len(ids) + len(reference.rows)
                reference.append(ids, **rows)
            elif operation == 'compact':
                index.compact()
                assert index.stats()['deleted'] == 0
            elif operation == 'reopen':
                index = GalleryIndex(f'{folder}/index')
            else:
                argument = dict(ids=argument) if operation == 'delete ids' else argument
                before = len(reference.rows)
                reference.delete(**argument)
                assert index.delete(**argument) == before - len(reference.rows)
            assert len(index) == len(reference.rows)
        assert index.paths() == [row['path'] for row in reference.rows]
        check(index, reference, queries, top, exact=kind == 'exact', **conditions)


def test_given_ids(tmp_path):
    index = GalleryIndex.create(tmp_path, 2)
    assert index.append(np.eye(2), ['a', 'b'], ids=[7, 3]).tolist() == [7, 3]
    assert index.append(np.eye(2), ['c', 'd']).tolist() == [8, 9]
    with pytest.raises(ValueError, match='1 of 2 ids are in the index already, the first is 3: delete'):
        index.append(np.eye(2), ['e', 'f'], ids=[3, 30])
    with pytest.raises(ValueError, match='id 5 stands twice among the 2 that are given'):
        index.append(np.eye(2), ['e', 'f'], ids=[5, 5])
    assert index.delete(ids=[3, 1000]) == 1 and index.append(np.eye(2)[:1], ['e'], ids=[3]) == [3]
    assert len(index) == 4


def test_a_reader_sees_what_another_writes(tmp_path):
    writer = GalleryIndex.create(tmp_path / 'index', 2, info=dict(model='m'))
    reader = GalleryIndex(tmp_path / 'index')
    assert reader.query(np.eye(2)).ids.shape == (2, 0) and reader.query(np.eye(2)).paths == [[], []]
    writer.append(2 * np.eye(2), ['a', 'b'], times='2026-11-24', modalities=1, cameras=4)
    hits = reader.query([3, 0])  # scaled to unit length, as the rows are
    assert hits.ids.tolist() == [[0, 1]] and hits.scores.tolist() == [[1, 0]] and hits.paths == [['a', 'b']]
    assert reader.info == dict(model='m') and reader.stats()['cameras'] == {'4': 2}
    writer.delete(cameras=4)
    writer.compact()
    assert reader.query([1, 0]).ids.shape == (1, 0)
    assert reader.stats() | dict(bytes=0) == dict(
        rows=0,
        deleted=0,
        dim=2,
        kind='exact',
        cameras={},
        modalities={},
        tracks=0,
        columns={},
        first_time=None,
        last_time=None,
        bytes=0,
        rows_in_structures=0,
        info=dict(model='m'),
    )


@pytest.mark.parametrize(
    'change, message',
    [
        (dict(features=np.ones((2, 3))), r'numbers of shape \(N, 2\), as in the index; got float64 of shape \(2, 3\)'),
        (dict(features=np.array([[1, 0], [0, 0]])), "feature 1 of 'b' is zero or not finite"),
        (dict(features=np.array([[np.nan, 0], [0, 1]])), "feature 0 of 'a' is zero or not finite"),
        (dict(paths=['a']), '2 features have 1 paths'),
        (dict(cameras=[1, 2, 3]), '2 features have 3 values of camera'),
        (dict(times=['now', None]), "'now' is no time"),
        (dict(modalities='thermal'), "'thermal' is no modality: there are visible and infrared"),
    ],
)
def test_what_cannot_be_added_leaves_the_index_as_it_was(tmp_path, change, message):
    index = GalleryIndex.create(tmp_path, 2)
    index.append(np.eye(2), ['a', 'b'])
    with pytest.raises(ValueError, match=message):
        index.append(**{**dict(features=np.eye(2), paths=['a', 'b']), **change})
    assert len(index) == 2 and index.append(np.eye(2), ['c', 'd']).tolist() == [2, 3]
    assert index.query([1, 0], 4).paths == [['a', 'c', 'b', 'd']]


def test_what_cannot_be_made_opened_or_asked(tmp_path):
    (tmp_path / 'full').mkdir()
    (tmp_path / 'full/notes.txt').write_text('mine')
    for arguments, message in (
        (('full', 2), 'there already and not empty'),
        (('new', 2, 'lsh'), 'no kind of index'),
        (('new', 0), "dim '0' is no whole number from 1"),
        (('new', 2.5), "dim '2.5'"),
    ):
        with pytest.raises(ValueError, match=message):
            GalleryIndex.create(tmp_path / arguments[0], *arguments[1:])
    with pytest.raises(FileNotFoundError, match='There is no index in .*full'):
        GalleryIndex(tmp_path / 'full')
    index = GalleryIndex.create(tmp_path / 'new', 2)
    with pytest.raises(ValueError, match='say what to delete'):
        index.delete()
    with pytest.raises(ValueError, match='top must be at least 1'):
        index.query([1, 0], top=0)
    with pytest.raises(ValueError, match="'IR' is no modality"):
        index.query([1, 0], modality='IR')
