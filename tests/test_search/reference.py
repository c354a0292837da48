"""A gallery as a list of rows that is searched one by one, and random rows for both."""

import numpy as np

from haresreid.search import Gallery

DIM = 8
FILTERS = [
    dict(),
    dict(cameras=3),
    dict(cameras=[1, 2]),
    dict(exclude_cameras=[1, 2]),
    dict(since=40),
    dict(until=40),
    dict(since='1970-01-01T00:00:20Z', until='1970-01-01T00:00:21Z'),
    dict(modality='infrared'),
    dict(modality='visible', exclude_cameras=1, since=10, until=90),
    dict(cameras=77),
    dict(tracks=[0, 4, 9]),
]
OWN = dict(size='int', quality='float', place='text')
# of a gallery that has these columns: what is asked, and whether a row meets it
OWN_FILTERS = [
    ('size > 20', lambda row: row['size'] > 20),
    ('size != -1', lambda row: row['size'] != -1),
    ('quality>=0.5', lambda row: row['quality'] is not None and row['quality'] >= 0.5),
    ('quality < 0.5', lambda row: row['quality'] is not None and row['quality'] < 0.5),
    ('quality != 2', lambda row: row['quality'] is not None),
    ("place = lift 'B'", lambda row: row['place'] == "lift 'B'"),
    ('place != hall', lambda row: row['place'] != 'hall'),
    ('place =', lambda row: not row['place']),
]


def make_rows(number: int, seed: int = 0, own: bool = False) -> dict:
    """Clustered unit vectors of six cameras, of which 3 and 6 are infrared; some of all else is unknown."""
    rng = np.random.default_rng(seed)
    centres = np.random.default_rng(99).standard_normal((10, DIM))
    features = centres[rng.integers(0, 10, number)] + 0.3 * rng.standard_normal((number, DIM))
    cameras = rng.integers(1, 7, number)
    rows = dict(
        features=(features / np.linalg.norm(features, axis=1, keepdims=True)).astype(np.float32),
        paths=[f'cam{camera}/ü{seed}_{index}.jpg' for index, camera in enumerate(cameras)],
        cameras=[None if camera == 5 and index % 2 else int(camera) for index, camera in enumerate(cameras)],
        times=[None if index % 7 == 0 else float(time) for index, time in enumerate(rng.uniform(0, 100, number))],
        modalities=['infrared' if camera in (3, 6) else 'visible' for camera in cameras],
        tracks=[None if index % 5 == 0 else int(track) for index, track in enumerate(rng.integers(0, 12, number))],
    )
    if own:
        rows['columns'] = dict(
            size=[-1 if index % 4 == 0 else int(size) for index, size in enumerate(rng.integers(0, 40, number))],
            quality=[None if index % 6 == 0 else float(value) for index, value in enumerate(rng.uniform(0, 1, number))],
            place=[['', 'hall', "lift 'B'", 'Tür\n"7" \\'][place] for place in rng.integers(0, 4, number)],
        )
    return rows


class Reference:
    """Rows in a list."""

    def __init__(self):
        self.rows: list[dict] = []

    def append(self, ids, features, paths, cameras, times, modalities, tracks, columns=None):
        given = dict(
            id=ids.tolist(),
            feature=features,
            path=paths,
            camera=cameras,
            time=times,
            modality=modalities,
            track=tracks,
            **(columns or {}),
        )
        self.rows += [dict(zip(given, values)) for values in zip(*given.values())]

    def passes(
        self,
        row,
        ids=None,
        cameras=None,
        exclude_cameras=None,
        since=None,
        until=None,
        modality=None,
        tracks=None,
        where=None,
    ) -> bool:
        seconds = {'1970-01-01T00:00:20Z': 20, '1970-01-01T00:00:21Z': 21}
        since, until = seconds.get(since, since), seconds.get(until, until)
        listed = [[value] if isinstance(value, int) else value for value in (cameras, exclude_cameras)]
        return (
            (ids is None or row['id'] in ids)
            and (cameras is None or row['camera'] in listed[0])
            and (exclude_cameras is None or row['camera'] not in listed[1])
            and (since is None or (row['time'] is not None and row['time'] >= since))
            and (until is None or (row['time'] is not None and row['time'] < until))
            and (modality is None or row['modality'] == modality)
            and (tracks is None or row['track'] in tracks)
            and (where is None or dict(OWN_FILTERS)[where](row))
        )

    def delete(self, **conditions):
        self.rows = [row for row in self.rows if not self.passes(row, **conditions)]

    def query(self, feature, top, **conditions):
        scored = [(float(np.dot(row['feature'], feature)), row) for row in self.rows if self.passes(row, **conditions)]
        return sorted(scored, key=lambda pair: -pair[0])[:top]


def check(gallery: Gallery, reference: Reference, queries: np.ndarray, top: int, exact: bool, **conditions) -> float:
    """Compare the hits; returns the recall, which is 1 where the search is exact."""
    hits = gallery.query(queries, top, **conditions)
    rows = {row['id']: row for row in reference.rows}
    recalls = []
    for number, query in enumerate(queries):
        expected = reference.query(query, top, **conditions)
        assert hits.scores.shape == hits.ids.shape == (len(queries), len(expected))
        assert len(set(hits.ids[number])) == len(expected)
        assert (np.diff(hits.scores[number]) <= 0).all()
        for rank, found in enumerate(hits.ids[number].tolist()):
            row = rows[found]
            assert reference.passes(row, **conditions)
            assert abs(hits.scores[number, rank] - np.dot(row['feature'], query)) < 1e-6
            assert hits.paths[number][rank] == row['path']
            assert hits.modalities[number, rank] == (row['modality'] == 'infrared')
            for values, value, unknown in (
                (hits.cameras, row['camera'], -1),
                (hits.tracks, row['track'], -1),
                (hits.times, row['time'], np.nan),
                *((values, row[name], np.nan) for name, values in hits.columns.items()),
            ):
                shown = values[number, rank]
                assert shown == (unknown if value is None else value) or (value is None and shown != shown)
        if exact:
            np.testing.assert_allclose(hits.scores[number], [score for score, _ in expected], rtol=0, atol=1e-6)
        missed = {row['id'] for _, row in expected} - set(hits.ids[number].tolist())
        recalls.append(1 - len(missed) / max(1, len(expected)))
    return float(np.mean(recalls))
