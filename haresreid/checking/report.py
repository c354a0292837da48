"""The outcome of a check, for people and for programs."""

from collections import defaultdict
from dataclasses import dataclass, field

from haresreid.files.printable import printable

from .finding import Finding, Severity, counted

__all__ = ['Report']

SHOWN = 3  # places printed per finding
DIGITS = 8  # of a fingerprint, printed


@dataclass
class Report:
    """What a check found.

    Attributes:
        title: Name of the data set.
        root: The folder that was checked.
        quick: Whether no image was opened.
        images: Number of images at their places.
        subsets: Subset ('train', or 'train 3' for RegDB's third split) -> {'ids', 'visible', 'infrared', 'images'}.
        galleries: SYSU-MM01 protocol -> gallery images of one trial.
        fingerprints: Subset -> SHA-256. That of a test subset is in the ``metrics.json`` of its evaluations.
        findings: All faults.
        unit: What the numbers of a subset count: 'image', or 'track'.
    """

    title: str
    root: str
    quick: bool
    images: int = 0
    subsets: dict[str, dict[str, int]] = field(default_factory=dict)
    galleries: dict[str, int] = field(default_factory=dict)
    fingerprints: dict[str, str] = field(default_factory=dict)
    findings: list[Finding] = field(default_factory=list)
    unit: str = 'image'

    @property
    def errors(self) -> list[Finding]:
        """Findings that spoil results or stop a run."""
        return [finding for finding in self.findings if finding.severity is Severity.ERROR]

    @property
    def warnings(self) -> list[Finding]:
        """Findings that deserve a look."""
        return [finding for finding in self.findings if finding.severity is Severity.WARNING]

    def to_dict(self) -> dict:
        """The whole report as JSON-ready values."""
        return dict(
            title=self.title,
            data_root=self.root,
            quick=self.quick,
            images=self.images,
            subsets=self.subsets,
            galleries=self.galleries,
            fingerprints=self.fingerprints,
            findings=[dict(finding._asdict(), severity=finding.severity.value) for finding in self.findings],
        )

    def to_text(self) -> str:
        """A few lines of numbers, then the faults, errors first."""
        lines = [f'{self.title} in {self.root}: {counted(self.images, "image")}']
        lines += [f'  {line}' for line in (*self._subset_lines(), *self._gallery_lines(), *self._fingerprint_lines())]
        for finding in (*self.errors, *self.warnings):
            lines += ['', f'{finding.severity.value.upper()} {finding.kind}: {finding.found}']
            lines += [f'    {place}' for place in finding.places[:SHOWN]]
            if len(finding.places) > SHOWN:
                lines.append(f'    ... and {len(finding.places) - SHOWN:,} more')
            lines.append(f'  What to do: {finding.fix}')
        if self.findings:
            lines.append('')
        opened = 'no image was opened' if self.quick else 'every image was opened'
        faults = ', '.join(
            counted(len(some), noun) for some, noun in ((self.errors, 'error'), (self.warnings, 'warning')) if some
        )
        lines.append((faults or 'no fault found') + (f' ({opened})' if self.images else ''))
        return '\n'.join(map(printable, lines))

    def _subset_lines(self) -> list[str]:
        groups = defaultdict(list)  # what -> splits; RegDB's ten have the same numbers
        for key, numbers in self.subsets.items():
            name, _, split = key.partition(' ')
            groups[
                f'{name}: {counted(numbers["ids"], "identity")}, {numbers["visible"]:,} visible and '
                f'{numbers["infrared"]:,} infrared {self.unit}s'
            ].append(split)
        return [what + _in_splits(splits) for what, splits in groups.items()]

    def _gallery_lines(self) -> list[str]:
        sizes = ', '.join(f'{name} {number:,}' for name, number in self.galleries.items())
        return [f'galleries: {sizes} images'] if sizes else []

    def _fingerprint_lines(self) -> list[str]:
        groups = defaultdict(list)
        for key, fingerprint in self.fingerprints.items():
            name, _, split = key.partition(' ')
            groups[name].append(f'{split} {fingerprint[:DIGITS]}'.strip())
        return [f'{name} fingerprint: {", ".join(digits)}' for name, digits in groups.items()]


def _in_splits(splits: list[str]) -> str:
    if splits == ['']:
        return ''
    return f' in each of {len(splits)} splits' if len(splits) > 9 else f' in split {", ".join(splits)}'
