"""Checks of identities: leaks between subsets, missing modalities or cameras, unlisted images, wrong numbers."""

from collections import defaultdict
from collections.abc import Iterator
from itertools import combinations

from haresreid.structures import Modality

from .expected import Expected, camera_counts
from .finding import Finding, Severity, counted, few
from .layouts import Image, Layout, Subset
from .tree import Tree

__all__ = ['check_cameras', 'check_counts', 'check_identities', 'check_leaks', 'check_unlisted', 'subset_numbers']

RELEASE = 'Take the lists from the official release again.'


def check_leaks(subsets: list[Subset]) -> Iterator[Finding]:
    """Find identities in both training and test, or in two lists of a subset that exclude each other."""
    for train, test in ((a, b) for a, b in combinations(subsets, 2) if a.split == b.split):
        shared = train.pids & test.pids
        if shared:
            places = [path for path, pids in {**train.identities, **test.identities}.items() if pids & shared]
            yield Finding(
                Severity.ERROR,
                'leak',
                f'{counted(len(shared), "identity")} in training and in test: '
                f'{few(sorted(shared))}; results on identities seen in training mean nothing.',
                RELEASE,
                tuple(places),
            )
    for subset in subsets:
        id_lists = [(path, pids) for path, pids in subset.identities.items() if path.endswith('_id.txt')]
        for (first, ones), (second, others) in combinations(id_lists, 2):
            if ones & others:
                yield Finding(
                    Severity.ERROR,
                    'leak',
                    f'{counted(len(ones & others), "identity")} in {first} and in {second}: '
                    f'{few(sorted(ones & others))}.',
                    RELEASE,
                    (first, second),
                )


def check_identities(subsets: list[Subset], tree: Tree) -> Iterator[Finding]:
    """Find listed identities without any image, or with images of one modality only."""
    reported = set()
    complete = [subset for subset in subsets if subset.complete]
    for subset in sorted(complete, key=lambda subset: subset.name != 'train'):  # the graver finding first, told once
        modalities, folders = defaultdict(set), {}
        for image in subset.images:
            if image.path in tree.files:
                modalities[image.pid].add(image.modality)
                folders.setdefault(image.pid, image.path.rpartition('/')[0])
        absent = sorted(subset.pids - set(modalities) - reported)
        if absent:
            lists = [path for path, pids in subset.identities.items() if pids & set(absent)]
            yield Finding(
                Severity.ERROR,
                'missing identity',
                f'{counted(len(absent), "listed identity")} without any image: {few(absent)}.',
                'Unpack the data set again.',
                tuple(lists),
            )
        reported.update(absent)
        # in the test set such an identity is merely an invalid query, but training cannot use it
        severity = Severity.ERROR if subset.name == 'train' else Severity.WARNING
        for modality in Modality:
            only = sorted(pid for pid, seen in modalities.items() if seen == {modality} and pid not in reported)
            if only:
                yield Finding(
                    severity,
                    'one modality',
                    f'{counted(len(only), "identity")} of the {subset.name} subset with '
                    f'{modality.name.lower()} images only: {few(only)}.',
                    'Unpack the data set again, or restore the other folder.',
                    tuple(folders[pid] for pid in only),
                )
            reported.update(only)


def check_cameras(layout: Layout, subsets: list[Subset], expected: Expected, tree: Tree) -> Iterator[Finding]:
    """Find cameras without any image of a subset. A missing folder is reported elsewhere."""
    lacking = defaultdict(list)  # (modality, camera, folder) -> subsets
    for name in ('train', 'test'):
        chosen = [subset for subset in subsets if subset.name == name]
        if not all(subset.complete for subset in chosen):
            continue
        seen = {(image.modality, image.camid) for subset in chosen for image in subset.images}
        release = [(modality, camid) for modality, camids in layout.cameras.items() for camid in camids]
        for modality, camid in expected.cameras.get(name, release):
            folder = layout.camera_folder(name, camid, modality)
            if (modality, camid) not in seen and folder.split('/')[0] in tree.folders:
                lacking[modality, camid, folder].append(name)
    for (modality, camid, folder), names in lacking.items():
        yield Finding(
            Severity.ERROR,
            'missing camera',
            f'{modality.name.capitalize()} camera {camid} shows no identity of the {" and the ".join(names)} subset.',
            'Unpack its folder again.',
            (folder,),
        )


def check_unlisted(layout: Layout, subsets: list[Subset], images: list[Image]) -> Iterator[Finding]:
    """Find images on disk that no list names, unless the release has such images too."""
    if not all(subset.complete for subset in subsets):
        return
    listed = {image.path for subset in subsets for image in subset.images}
    test_pids = {pid for subset in subsets if subset.name == 'test' for pid in subset.pids}
    unlisted = [
        image.path for image in images if image.path not in listed and not layout.may_be_unlisted(image, test_pids)
    ]
    if unlisted:
        yield Finding(
            Severity.WARNING,
            'unlisted',
            f'{counted(len(unlisted), "image")} in no list: never used.',
            'Compare lists and folders with the official release.',
            tuple(unlisted),
        )


def check_counts(
    layout: Layout, subsets: list[Subset], galleries: dict[str, int], expected: Expected
) -> Iterator[Finding]:
    """Find numbers that differ from the expected ones. Each place states its own numbers."""
    wrong = defaultdict(list)  # what -> places, so that splits with the same fault are reported together
    for subset in filter(lambda subset: subset.complete, subsets):
        numbers, noun = subset_numbers(subset), 'image' if subset.tracks is None else 'track'
        what = [
            f'{counted(numbers[key], _NOUNS[key].format(noun))} instead of {number:,}'
            for key, number in expected.subsets.get(subset.key, {}).items()
            if numbers[key] != number
        ]
        places = [
            f'{path} ({counted(len(pids), "identity")} instead of {expected.lists[path]})'
            for path, pids in subset.identities.items()
            if len(pids) != expected.lists.get(path, len(pids))
        ]
        found = camera_counts(subset.items)
        for (modality, camid), (ids, number) in expected.cameras.get(subset.name, {}).items():
            has_ids, has_number = found.get((modality, camid), (0, 0))
            if (has_ids, has_number) != (ids, number):
                folder = layout.camera_folder(subset.name, camid, modality)
                places.append(
                    f'{folder} ({counted(has_number, noun)} of {counted(has_ids, "identity")} instead of '
                    f'{number:,} of {ids})'
                )
        if what or places:
            wrong[
                f'The {subset.name} subset has {", ".join(what) or "numbers that differ from the expected ones"}.'
            ] += places or [path for path in subset.identities if path not in expected.lists]
    sizes = [
        f'{name} ({number:,} instead of {expected.galleries[name]:,})'
        for name, number in galleries.items()
        if number != expected.galleries.get(name, number)
    ]
    if sizes:
        wrong['Gallery sizes differ from the expected ones.'] = sizes
    for what, places in wrong.items():
        yield Finding(
            Severity.ERROR,
            'count',
            what,
            'Unpack the data set again, or compare with the official release.',
            tuple(places),
        )


_NOUNS = dict(ids='identity', visible='visible {}', infrared='infrared {}', images='{}')


def subset_numbers(subset: Subset) -> dict[str, int]:
    """Its identities and images, or tracks, by the keys of ``COUNTS``."""
    modalities = [image.modality for image in subset.items]
    return dict(
        ids=len({image.pid for image in subset.items}),
        visible=modalities.count(Modality.VISIBLE),
        infrared=modalities.count(Modality.INFRARED),
        images=len(modalities),
    )
