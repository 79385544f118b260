"""The conditions of many rules as a tree, so that what they share is decided once and what cannot hold is not looked at.

Conditions that compare one field with a literal are looked up rather than tried one by one: equal ones in a table, thresholds by
bisection. A thousand rules with a threshold each cost what one costs.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

R = TypeVar("R")
FEW = 4  # fewer are tried one by one


@dataclass(frozen=True, slots=True)
class Literal:
    """A condition that compares a field of the record with a literal, and does nothing else."""

    field: str
    operator: str
    value: Any


@dataclass(frozen=True, slots=True, eq=False)
class Branch(Generic[R]):
    """A condition, the rules that ask no more than those up to it, and what others ask beside it."""

    atom: int
    rules: tuple[R, ...]
    further: Level[R]


@dataclass(frozen=True, slots=True, eq=False)
class Lookup(Generic[R]):
    """Branches that compare one field by one operator; `hits` gives those that hold. It may raise what a comparison raises."""

    field: str
    branches: tuple[Branch[R], ...]
    hits: Callable[[Any], Sequence[Branch[R]]]


@dataclass(frozen=True, slots=True, eq=False)
class Level(Generic[R]):
    tried: tuple[Branch[R], ...] = ()
    looked_up: tuple[Lookup[R], ...] = ()


def tree(paths: Iterable[tuple[Sequence[int], R]], literals: Mapping[int, Literal]) -> Level[R]:
    """The tree of rules by their atoms, the most shared first."""
    known = [(list(dict.fromkeys(atoms)), rule) for atoms, rule in paths]
    uses = Counter(atom for atoms, _ in known for atom in atoms)
    ordered = [(tuple(sorted(atoms, key=lambda atom: (-uses[atom], atom))), rule) for atoms, rule in known if atoms]
    return _level(ordered, 0, literals)


def _level(paths: Sequence[tuple[tuple[int, ...], R]], depth: int, literals: Mapping[int, Literal]) -> Level[R]:
    by_atom: dict[int, list[tuple[tuple[int, ...], R]]] = {}
    for path, rule in paths:
        by_atom.setdefault(path[depth], []).append((path, rule))
    tried: list[Branch[R]] = []
    alike: dict[tuple[str, str], list[Branch[R]]] = {}
    for atom, here in by_atom.items():
        further = _level([item for item in here if len(item[0]) > depth + 1], depth + 1, literals)
        branch = Branch(atom, tuple(rule for path, rule in here if len(path) == depth + 1), further)
        literal = literals.get(atom)
        if literal is not None and literal.operator in _LOOKUPS:
            alike.setdefault((literal.field, literal.operator), []).append(branch)
        else:
            tried.append(branch)
    lookups: list[Lookup[R]] = []
    for (name, operator), branches in alike.items():
        if len(branches) < FEW:
            tried += branches
        else:
            values = [literals[branch.atom].value for branch in branches]
            lookups.append(Lookup(name, tuple(branches), _LOOKUPS[operator](values, branches)))
    return Level(tuple(tried), tuple(lookups))


Hits = Callable[[Any], Sequence[Any]]


def _equal(values: Sequence[Any], branches: Sequence[Any]) -> Hits:
    found: dict[Any, list[Any]] = {}
    for value, branch in zip(values, branches, strict=True):
        found.setdefault(value, []).append(branch)
    return lambda actual: found.get(actual, ())


def _threshold(cut: Callable[[Sequence[Any], Any], int], *, below: bool) -> Callable[[Sequence[Any], Sequence[Any]], Hits]:
    """`below`: the thresholds below the value hold, else those above it."""

    def build(values: Sequence[Any], branches: Sequence[Any]) -> Hits:
        order = sorted(range(len(values)), key=lambda index: values[index])
        limits, sorted_branches = [values[index] for index in order], [branches[index] for index in order]
        if below:
            return lambda actual: sorted_branches[: cut(limits, actual)]
        return lambda actual: sorted_branches[cut(limits, actual) :]

    return build


_LOOKUPS: Mapping[str, Callable[[Sequence[Any], Sequence[Any]], Hits]] = {
    "=": _equal,
    ">": _threshold(bisect_left, below=True),
    ">=": _threshold(bisect_right, below=True),
    "<": _threshold(bisect_right, below=False),
    "<=": _threshold(bisect_left, below=False),
}
