"""Tables in the house style: `blocks` says what stands in them, `columns` how wide it is; here the two become HTML."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from markupsafe import Markup

from .columns import Demand, Need, layout, need_of


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


def table_html(columns: Sequence[Column], room_points: float, last: Markup | None = None, empty: str = "") -> Markup:
    """The table with its heading repeated on every page; `last` is a finished row of sums."""
    style, widths = layout([column.demand() for column in columns], room_points)
    head = Markup().join(
        Markup('<th width="{}%">{}</th>').format(width, column.heading) for column, width in zip(columns, widths, strict=True)
    )
    rows = [_row(columns, index) for index in range(max((len(column.cells) for column in columns), default=0))]
    if not rows:
        rows = [Markup('<tr><td class="center muted" colspan="{}">{}</td></tr>').format(len(columns), empty)]
    return Markup('<table class="{}" repeat="1"><thead><tr>{}</tr></thead><tbody>{}{}</tbody></table>').format(
        style, head, Markup().join(rows), last or Markup()
    )


def td(kind: str, content: Markup) -> Markup:
    return Markup('<td class="{}">{}</td>').format(kind, content) if kind else Markup("<td>{}</td>").format(content)


def _row(columns: Sequence[Column], index: int) -> Markup:
    return Markup("<tr>{}</tr>").format(Markup().join(td(column.kind, column.cells[index]) for column in columns))
