"""Tables in the house style: `blocks` says what stands in them, `columns` how wide it is; here the two become HTML.

Tables side by side are one table whose rows hold a row of each: a table within a cell could not be broken between two pages, and
the engine would shrink it until nobody can read it.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from markupsafe import Markup

from .columns import TYPE_SIZES, Demand, Need, layout, need_of

GAP_POINTS = 11.0  # between two tables
_GAP = Markup('<td class="gap" colspan="{}"></td>')


@dataclass
class Column:
    """A heading and the cells under it, finished HTML; `wanted` is the width that an author asked for (0: by content)."""

    heading: str
    kind: str = ""  # "center", "right" or nothing
    wanted: float = 0.0
    usual: float = 0.0  # em: what a column of this type takes while it is empty
    is_fixed: bool = False  # takes no more than it needs
    cells: list[Markup] = field(default_factory=list)
    below: str = ""  # what the row of sums holds

    def demand(self) -> Demand:
        found = need_of([*self.cells, self.below], self.heading)
        if not self.is_fixed and not any(self.cells):
            found |= Need(whole=self.usual)
        return Demand(found, self.wanted, self.is_fixed)


@dataclass(frozen=True)
class _Parts:
    """What a table is made of: `last` are the finished cells of its row of sums, `empty` is said where it has no row."""

    columns: Sequence[Column]
    last: Markup | None = None
    empty: str = ""

    def laid_out(self, room_points: float) -> tuple[str, list[float]]:
        return layout([column.demand() for column in self.columns], room_points)

    def heads(self, widths: Sequence[float]) -> Markup:
        return Markup().join(
            Markup('<th width="{}%">{}</th>').format(width, column.heading)
            for column, width in zip(self.columns, widths, strict=True)
        )

    def rows(self) -> list[Markup]:
        """The cells of each row under the heading."""
        count = max((len(column.cells) for column in self.columns), default=0)
        found = [Markup().join(td(column.kind, column.cells[index]) for column in self.columns) for index in range(count)]
        if not found:
            found = [Markup('<td class="center muted" colspan="{}">{}</td>').format(len(self.columns), self.empty)]
        return [*found, self.last] if self.last is not None else found


class Table(Markup):
    """A finished table that still knows what it is made of, so that it can stand beside another."""

    _parts: _Parts


def table_html(columns: Sequence[Column], room_points: float, last: Markup | None = None, empty: str = "") -> Table:
    """The table with its heading repeated on every page; `last` are the finished cells of a row of sums."""
    parts = _Parts(columns, last, empty)
    style, widths = parts.laid_out(room_points)
    made = Table(_written(style, parts.heads(widths), parts.rows()))
    made._parts = parts
    return made


def beside(tables: Sequence[object], shares: Sequence[float], room_points: float) -> Markup:
    """Tables side by side, of one size of type; each takes its share of the room, and what is no table leaves it empty."""
    gap = GAP_POINTS / room_points * 100
    free = 1 - gap / 100 * (len(tables) - 1)
    every = [table._parts if isinstance(table, Table) else None for table in tables]
    rooms = [free * share / sum(shares) for share in shares]
    laid = [
        parts.laid_out(room * room_points) if parts else ("grid", [100.0]) for parts, room in zip(every, rooms, strict=True)
    ]
    styles = [style for style, _, _ in TYPE_SIZES]
    heads = [
        parts.heads([round(width * room, 2) for width in widths])
        if parts
        else Markup('<td class="gap" width="{}%"></td>').format(round(room * 100, 2))
        for parts, (_, widths), room in zip(every, laid, rooms, strict=True)
    ]
    style = max((style for style, _ in laid), key=styles.index)
    between = Markup('<td class="gap" width="{}%"></td>').format(round(gap, 2))
    return _written(f"{style} beside", between.join(heads), list(_joined(every)))


def _joined(every: Sequence[_Parts | None]) -> Iterator[Markup]:
    rows = [parts.rows() if parts else [] for parts in every]
    for index in range(max(map(len, rows), default=0)):
        yield _GAP.format(1).join(
            own[index] if index < len(own) else _GAP.format(len(parts.columns) if parts else 1)
            for parts, own in zip(every, rows, strict=True)
        )


def _written(style: str, head: Markup, rows: Sequence[Markup]) -> Markup:
    body = Markup().join(Markup("<tr>{}</tr>").format(row) for row in rows)
    return Markup('<table class="{}" repeat="1"><thead><tr>{}</tr></thead><tbody>{}</tbody></table>').format(style, head, body)


def td(kind: str, content: Markup) -> Markup:
    return Markup('<td class="{}">{}</td>').format(kind, content) if kind else Markup("<td>{}</td>").format(content)
