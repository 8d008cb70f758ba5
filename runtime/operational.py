"""Whether what stands at some selectors of a step is operational data, S1 at most: asked of a release's lineage."""

from __future__ import annotations

from functools import cached_property

from flows.lineage import NOTHING, Lineage, lineage
from flows.structure import shape
from flows.vocabulary import S1, DataClass
from runtime.expansion import Release

_ONLY = frozenset({DataClass.OPERATIONAL})


class Operational:
    """Asked of one release. Its lineage is computed at the first question, each question once."""

    def __init__(self, release: Release) -> None:
        self._release = release
        self._known: dict[tuple[str, tuple[str, ...]], bool] = {}

    def __call__(self, step: str, reads: tuple[str, ...]) -> bool:
        """``reads`` are selectors as the step's config has them; an empty one is a value that a master gave."""
        known = self._known.get((step, reads))
        if known is None:
            known = self._known[step, reads] = any(reads) and all(self._fits(step, text) for text in reads if text)
        return known

    def _fits(self, step: str, text: str) -> bool:
        line = self._lineage
        value = line.read(line.before.get(step, NOTHING).tree, text)
        atoms = line.atoms.members(value)
        return bool(atoms) and all(atom.nature.sensitivity <= S1 and atom.nature.classes <= _ONLY for atom in atoms)

    @cached_property
    def _lineage(self) -> Lineage:
        declarations = dict(self._release.declarations)
        whole = shape(self._release.flow, declarations)
        return lineage(whole.order, whole.inputs, declarations)
