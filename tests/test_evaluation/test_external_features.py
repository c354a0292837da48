"""Files in the names of published scripts give the figures of the same features read by :class:`FeatureSet`."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.io import savemat

from haresreid.apis import Features
from haresreid.evaluation import METRIC_NAMES, FeatureSet, evaluate, protocol_by_name
from haresreid.evaluation.external_features import load_external_features
from haresreid.evaluation.functional import l2_normalize

LAYUMI = ('query_f', 'query_label', 'query_cam', 'gallery_f', 'gallery_label', 'gallery_cam')
TORCHREID = ('qf', 'q_pids', 'q_camids', 'gf', 'g_pids', 'g_camids')
AGW = ('query_feat', 'query_label', 'query_cam', 'gall_feat', 'gall_label', 'gall_cam')


@pytest.fixture(scope='module')
def test_set():
    """30 people, 2 images in each of SYSU-MM01's cameras, features that know a little; person 29 is never visible."""
    rng = np.random.default_rng(0)
    pids, camids, shots = (part.ravel() for part in np.meshgrid(range(30), range(1, 7), (1, 2), indexing='ij'))
    kept = (pids != 29) | np.isin(camids, (3, 6))
    pids, camids, shots = pids[kept], camids[kept], shots[kept]
    features = l2_normalize(rng.standard_normal((30, 16))[pids] + 1.5 * rng.standard_normal((len(pids), 16)))
    paths = [f'cam{camid}/{pid:04d}/{shot:04d}.jpg' for pid, camid, shot in zip(pids, camids, shots)]
    return FeatureSet(features, pids, camids, np.isin(camids, (3, 6)), paths)


def apart(test_set, query, gallery):
    """The six arrays that a script has when it computes its distances."""
    return [getattr(test_set, name)[indices] for indices in (query, gallery) for name in ('features', 'pids', 'camids')]


def save(path, content):
    savemat(path, content) if path.suffix == '.mat' else np.savez(path, **content)
    return path


def read(path, *names, **options):
    return load_external_features(path, [protocol_by_name(name) for name in names], **options)


def figures(result, trial=0):
    return [result.figures[metric][trial] for metric in METRIC_NAMES]


def loop_figures(distances, query_pids, query_cams, gallery_pids, gallery_cams, hidden, count_people):
    """One query after the other, as the field's scripts evaluate: ``hidden`` is the camera rule."""
    first_hits, precisions, penalties = [], [], []
    for row, pid, cam in zip(distances, query_pids, query_cams):
        seen = [
            other
            for other in np.argsort(row, kind='stable')
            if not hidden(pid, cam, gallery_pids[other], gallery_cams[other])
        ]
        ranked = [gallery_pids[other] for other in seen]
        hits = [rank for rank, other in enumerate(ranked, start=1) if other == pid]
        if not hits:
            continue
        answers = list(dict.fromkeys(ranked)) if count_people else ranked
        first_hits.append(answers.index(pid) + 1)
        precisions.append(np.mean([number / rank for number, rank in enumerate(hits, start=1)]))
        penalties.append(len(hits) / hits[-1])
    curve = [np.mean(np.array(first_hits) <= rank) for rank in (1, 5, 10, 20)]
    return [*curve, np.mean(precisions), np.mean(penalties)]


CAMERA_RULES = {
    'sysu/all': lambda pid, cam, other_pid, other_cam: cam == 3 and other_cam == 2,
    'llcm/i2v': lambda pid, cam, other_pid, other_cam: pid == other_pid and cam == other_cam,
    'regdb/i2v': lambda *labels: False,
}


@pytest.mark.parametrize('name', CAMERA_RULES)
@pytest.mark.parametrize('keys', [LAYUMI, TORCHREID, AGW])
@pytest.mark.parametrize('suffix', ['.npz', '.mat'])
def test_query_and_gallery_apart_equal_the_drawn_trial_and_a_loop_per_query(test_set, tmp_path, name, keys, suffix):
    protocol = protocol_by_name(name)
    query, gallery = protocol.draw(test_set, 0)
    content = dict(zip(keys, apart(test_set, query, gallery)))
    external = read(save(tmp_path / f'theirs{suffix}', content), name)
    (given,) = external.protocols
    result = evaluate(external.feature_set, given)
    assert result.name == given.name == f'{name} (given gallery)' and result.trials == (0,)
    assert name in given.description
    assert figures(result) == figures(evaluate(test_set, protocol))
    assert (result.num_queries, result.num_gallery.tolist()) == (len(query), [len(gallery)])
    query_f, query_label, query_cam, gallery_f, gallery_label, gallery_cam = content.values()
    expected = loop_figures(
        -query_f.astype(float) @ gallery_f.T.astype(float),
        query_label,
        query_cam,
        gallery_label,
        gallery_cam,
        CAMERA_RULES[name],
        protocol.count_identities,
    )
    assert figures(result) == pytest.approx(expected, abs=1e-12)
    assert external.notes == []


@pytest.mark.parametrize('suffix', ['.npz', '.mat'])
@pytest.mark.parametrize('name', ['sysu/all', 'sysu/indoor', 'llcm/v2i', 'own/i2v'])
def test_all_images_together_are_drawn_from(test_set, tmp_path, suffix, name):
    content = {key: getattr(test_set, key) for key in ('features', 'pids', 'camids', 'modalities', 'img_paths')}
    external = read(save(tmp_path / f'all{suffix}', content), name)
    ours, theirs = evaluate(test_set, protocol_by_name(name)), evaluate(external.feature_set, external.protocols[0])
    assert theirs.name == name and theirs.trials == ours.trials and external.notes == []
    assert all(np.array_equal(theirs.figures[metric], ours.figures[metric]) for metric in METRIC_NAMES)


def test_sysu_without_modalities_and_paths(test_set, tmp_path):
    # MPANet's names; the rows of the set are in the order of the paths, so the same galleries are drawn
    path = save(tmp_path / 'all.mat', dict(feat=test_set.features, ids=test_set.pids, cam_ids=test_set.camids))
    external = read(path, 'sysu/all')
    assert external.feature_set.img_paths[12] == 'row 000012'
    assert np.array_equal(external.feature_set.modalities, test_set.modalities)
    assert figures(evaluate(external.feature_set, external.protocols[0]), 7) == figures(
        evaluate(test_set, protocol_by_name('sysu/all')), 7
    )
    assert ['img_paths' in note or 'cameras 3 and 6' in note for note in external.notes] == [True, True]


def test_modalities_of_the_agw_family(test_set, tmp_path):
    content = dict(features=test_set.features, pids=test_set.pids, modalities=test_set.modalities + 1)
    path = save(tmp_path / 'all.npz', content)
    external = read(path, 'regdb/v2i')
    assert np.array_equal(external.feature_set.modalities, test_set.modalities)
    assert any('1 and 2 are read as visible and infrared' in note for note in external.notes)


def test_raw_features_of_other_shapes_and_types(test_set, tmp_path):
    protocol = protocol_by_name('regdb/v2i')
    arrays = apart(test_set, *protocol.draw(test_set, 0))
    expected = figures(evaluate(test_set, protocol))
    raw = arrays[0].astype(float) * np.linspace(2, 9, len(arrays[0]))[:, None]
    content = dict(
        query_f=raw, query_label=arrays[1][None].astype(float), gallery_f=arrays[3].T, gallery_label=arrays[4][:, None]
    )
    external = read(save(tmp_path / 'odd.npz', content), 'regdb/v2i')
    assert figures(evaluate(external.feature_set, external.protocols[0])) == expected
    assert np.linalg.norm(external.feature_set.features, axis=1) == pytest.approx(1, abs=1e-6)
    transposed, normalised = external.notes
    assert 'transposed' in transposed and 'lengths from 1 to 9 and were L2-normalised' in normalised


def test_a_matrix_of_distances(test_set, tmp_path):
    protocol = protocol_by_name('sysu/all')
    arrays = apart(test_set, *protocol.draw(test_set, 0))
    query_f, query_label, query_cam, gallery_f, gallery_label, gallery_cam = arrays
    labels = dict(q_pids=query_label, q_camids=query_cam, g_pids=gallery_label, g_camids=gallery_cam)
    distances = np.linalg.norm(query_f[:, None] - gallery_f, axis=-1)
    external = read(save(tmp_path / 'distances.npz', dict(labels, distmat=distances)), 'sysu/all')
    assert external.distances.shape == distances.shape and external.notes == []
    assert figures(external.evaluate_distances(external.protocols[0])) == figures(evaluate(test_set, protocol))
    similarities = read(save(tmp_path / 'similarities.npz', dict(labels, distmat=-distances)), 'sysu/all')
    assert 'save it with a minus sign' in similarities.notes[0]


def test_a_gallery_that_the_protocol_would_not_draw_is_told_and_kept(test_set, tmp_path):
    query, gallery = protocol_by_name('sysu/all').draw(test_set, 0)
    path = save(tmp_path / 'all.npz', dict(zip(LAYUMI, apart(test_set, query, gallery))))
    external = read(path, 'sysu/all', 'sysu/indoor')
    (note,) = external.notes
    assert 'sysu/indoor would never have' in note and '58 of them' in note
    of_all, of_indoor = (evaluate(external.feature_set, protocol) for protocol in external.protocols)
    assert figures(of_all) == figures(of_indoor) and of_indoor.num_gallery == len(gallery)


def test_given_roles_of_the_legacy_rule(test_set, tmp_path):
    protocol = protocol_by_name('llcm/v2i-legacy')
    query, gallery = protocol.draw(test_set, 0)  # drawn infrared images against all visible ones
    external = read(
        save(tmp_path / 'legacy.npz', dict(zip(LAYUMI, apart(test_set, query, gallery)))), 'llcm/v2i-legacy'
    )
    assert external.notes == [] and external.protocols[0].name == 'llcm/v2i-legacy (given gallery)'
    assert figures(evaluate(external.feature_set, external.protocols[0])) == figures(evaluate(test_set, protocol))


def test_other_names(test_set, tmp_path):
    arrays = apart(test_set, *protocol_by_name('regdb/v2i').draw(test_set, 0))
    keys = ('query_feat_fc', 'query_label', 'query_cam', 'gall_feat_fc', 'gall_label', 'gall_cam')
    path = save(tmp_path / 'two.npz', dict(zip(keys, arrays)))
    with pytest.raises(ValueError, match='holds gall_cam, gall_feat_fc, .* needed are .*--names query_f=NAME'):
        read(path, 'regdb/v2i')
    external = read(path, 'regdb/v2i', names=dict(query_f='query_feat_fc', gallery_f='gall_feat_fc'))
    assert np.array_equal(external.feature_set.features[: len(arrays[0])], arrays[0])


VECTOR, SQUARE = np.arange(4), np.eye(4)
GIVEN = dict(
    query_f=np.ones((4, 5)),
    query_label=VECTOR,
    query_cam=[3, 6, 3, 6],
    gallery_f=np.ones((3, 5)),
    gallery_label=VECTOR[:3],
    gallery_cam=[1, 2, 4],
)
TOGETHER = dict(features=np.ones((4, 5)), pids=[1, 1, 2, 2], camids=[1, 3, 1, 3])


@pytest.mark.parametrize(
    'content, name, message',
    [
        (dict(GIVEN, query_f=SQUARE), 'regdb/v2i', 'query_f is 4 x 4 for 4 images, so rows and columns cannot be told'),
        (dict(GIVEN, query_f=SQUARE[:3, :3]), 'regdb/v2i', 'query_f is 3 x 3, but there are labels for 4 images'),
        (dict(GIVEN, query_f=SQUARE[None]), 'regdb/v2i', r'query_f must be a matrix of numbers, .*\(1, 4, 4\)'),
        (dict(GIVEN, query_f=np.full((4, 3), 'a')), 'regdb/v2i', 'query_f must be a matrix of numbers'),
        (
            dict(GIVEN, gallery_f=[[1, 2], [3, 4], [5, 6]]),
            'regdb/v2i',
            'gallery_f has features of width 2, but query_f of',
        ),
        (
            dict(GIVEN, gallery_f=np.diag([1, np.nan, 1])),
            'regdb/v2i',
            'gallery_f is not finite in 1 of 3 rows, .* row 1',
        ),
        (dict(GIVEN, query_label=[]), 'regdb/v2i', 'query_label is empty'),
        (dict(GIVEN, query_label=SQUARE), 'regdb/v2i', r'query_label must be a list of numbers, not .*\(4, 4\)'),
        (dict(GIVEN, query_label=[0.5, 1, 2, 3]), 'regdb/v2i', "query_label, row 0: '0.5' is no whole number from -9"),
        (dict(GIVEN, query_label=[0, 1, 2, np.nan]), 'regdb/v2i', "query_label, row 3: 'nan' is no whole number"),
        (dict(GIVEN, query_label=np.array([0, 1, 2, 2**64 - 1], 'u8')), 'regdb/v2i', 'to 9223372036854775807'),
        (dict(GIVEN, query_label=[0, 1, 2, 1e20]), 'regdb/v2i', r"query_label, row 3: '1e\+20' is no whole number"),
        (dict(GIVEN, query_cam=[3, 6, 3, 6.5]), 'sysu/all', "query_cam, row 3: '6.5' is no whole number"),
        (
            dict(GIVEN, query_cam=[3, 6, np.nan, 6]),
            'sysu/all',
            'row 2 of query_cam is NaN, and sysu/all has a rule about',
        ),
        (dict(GIVEN, query_cam=[3, 6]), 'sysu/all', 'query_cam has 2 entries, but there are 4 images'),
        (dict(GIVEN, query_cam=[2, 5, 2, 5]), 'sysu/all', 'query_cam holds cameras 2, 5; under SYSU-MM01 queries'),
        (dict(GIVEN, gallery_cam=[1, 4, 5]), 'sysu/indoor-10shot-official', 'name sysu/indoor-10shot instead of'),
        (dict(GIVEN, gallery_cam=[4, 4, 5]), 'sysu/indoor', 'sysu/indoor finds no visible gallery image'),
        (
            dict(GIVEN, qf=SQUARE),
            'regdb/v2i',
            'holds query_f and qf, either of which could be query_f: say which, --names',
        ),
        (dict(GIVEN, distmat=SQUARE[:, :3]), 'regdb/v2i', 'holds both query_f and distmat'),
        (
            dict(q_pids=VECTOR, g_pids=VECTOR[:3], distmat=SQUARE[:3]),
            'regdb/v2i',
            r'distmat has the shape \(3, 4\), but',
        ),
        (dict(q_pids=VECTOR, g_pids=VECTOR, distmat=SQUARE), 'llcm/v2i', 'holds no query_cam, and llcm/v2i has a rule'),
        (dict(TOGETHER, camids=[0, 2, 0, 2]), 'sysu/all', 'camids holds cameras 0, 2, but SYSU-MM01 .* 1 to 6'),
        (TOGETHER, 'llcm/v2i', r'holds no modalities \(0 visible, 1 infrared\)'),
        (dict(TOGETHER, modalities=[0, 1, 0, 3]), 'llcm/v2i', r'modalities holds 0, 1, 3 instead of 0 \(visible\)'),
        (dict(TOGETHER, modalities=[1, 0, 1, 0]), 'sysu/all', 'modalities contradicts camids'),
        (dict(TOGETHER, pids=np.array([{}] * 4)), 'sysu/all', 'pids holds Python objects, which are not read'),
        (dict(weights=SQUARE), 'regdb/v2i', 'holds weights; needed are features, pids'),
    ],
)
def test_refusals(tmp_path, monkeypatch, content, name, message):
    monkeypatch.setattr('haresreid.evaluation.protocols.sysu.OfficialGalleries', lambda path: object())
    path = save(tmp_path / 'theirs.npz', content)
    with pytest.raises(ValueError, match=message) as raised:
        load_external_features(path, [protocol_by_name(name, rand_perm_cam='rand_perm_cam.mat')])
    assert '\n' not in str(raised.value)


def test_a_camera_that_nobody_knows_counts_where_no_rule_asks(tmp_path):
    external = read(save(tmp_path / 'theirs.npz', dict(GIVEN, query_cam=[3, np.nan, 3, 6])), 'regdb/v2i')
    assert external.feature_set.camids.tolist() == [3, -1, 3, 6, 1, 2, 4]


@settings(max_examples=200)
@given(place=st.integers(0), byte=st.integers(0, 255), cut=st.booleans())
def test_a_damaged_file_gives_what_it_held_or_one_sentence(damaged, place, byte, cut):
    file, content = damaged
    place %= len(content)
    file.write_bytes(content[:place] if cut else content[:place] + bytes([byte]) + content[place + 1 :])
    for job in (lambda: read(file, 'own/v2i'), lambda: FeatureSet.load(file), lambda: Features.load(file)):
        try:
            job()
        except ValueError as error:
            assert file.name in str(error) and '\n' not in str(error)


@pytest.fixture(scope='module')
def damaged(tmp_path_factory):
    folder = tmp_path_factory.mktemp('damaged')
    content = dict(TOGETHER, features=np.eye(4, 5, dtype=np.float32), modalities=[0, 1, 0, 1], img_paths=list('abcd'))
    np.savez_compressed(folder / 'whole.npz', **content)
    return folder / 'damaged.npz', (folder / 'whole.npz').read_bytes()


def test_names_that_are_not_there(tmp_path):
    path = save(tmp_path / 'theirs.npz', GIVEN)
    with pytest.raises(ValueError, match='--names maps query, which no file needs; the names are features'):
        read(path, 'regdb/v2i', names=dict(query='query_f'))
    with pytest.raises(ValueError, match="has no array 'q', only gallery_cam"):
        read(path, 'regdb/v2i', names=dict(query_f='q'))


def test_one_direction(tmp_path):
    with pytest.raises(ValueError, match='one direction, but the protocols regdb/v2i, regdb/i2v have two'):
        read(save(tmp_path / 'theirs.npz', GIVEN), 'regdb/v2i', 'regdb/i2v')
    with pytest.raises(ValueError, match='gives a gallery of one modality, and that of own/v2m holds both'):
        read(tmp_path / 'theirs.npz', 'own/v2m')


def test_files_of_something_else(tmp_path):
    with pytest.raises(FileNotFoundError, match='There is no feature file'):
        read(tmp_path / 'none.npz', 'own/v2i')
    for name in ('text.npz', 'text.mat', 'text.pkl', 'short.mat'):
        (tmp_path / name).write_bytes(b'' if name.startswith('short') else b'not what the name says' * 10)
        with pytest.raises(ValueError, match=f'{name} is neither an .npz file'):
            read(tmp_path / name, 'own/v2i')
    np.save(tmp_path / 'array.npy', SQUARE)
    with pytest.raises(ValueError, match='neither an .npz'):
        read(tmp_path / 'array.npy', 'own/v2i')
    # the header of MATLAB 7.3: 116 bytes of text, 8 of subsystem, version 0x0200, little endian
    (tmp_path / 'hdf.mat').write_bytes(b'MATLAB 7.3 MAT-file'.ljust(116) + bytes(8) + b'\x00\x02IM' + bytes(512))
    with pytest.raises(ValueError, match=r'hdf.mat is a MATLAB v7.3 \(HDF5\) file; save it with'):
        read(tmp_path / 'hdf.mat', 'own/v2i')
