"""Where the steps of a state stand in a drawing: one after the other from left to right, what is parallel one above the other."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from .model import Node, Parallel, Sequence, Step


@dataclass(frozen=True, slots=True)
class Placed:
    """A step with its column (when it is asked) and its row (beside what)."""

    step: Step
    column: int
    row: int


def placed(node: Node) -> list[Placed]:
    """Every step of a tree at its place."""
    return list(_placed(node, 0, 0))


def size(node: Node) -> tuple[int, int]:
    """How many columns and rows a tree takes."""
    match node:
        case Step():
            return 1, 1
        case Sequence(parts=parts):
            sizes = [size(part) for part in parts]
            return sum(width for width, _ in sizes), max((height for _, height in sizes), default=0)
        case Parallel(parts=parts):
            sizes = [size(part) for part in parts]
            return max((width for width, _ in sizes), default=0), sum(height for _, height in sizes)


def _placed(node: Node, column: int, row: int) -> Iterator[Placed]:
    match node:
        case Step():
            yield Placed(node, column, row)
        case Sequence(parts=parts):
            for part in parts:
                yield from _placed(part, column, row)
                column += size(part)[0]
        case Parallel(parts=parts):
            for part in parts:
                yield from _placed(part, column, row)
                row += size(part)[1]
