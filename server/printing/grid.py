"""The key-value table of a form: so many pairs of label and value a line, wide values on lines of their own."""

from __future__ import annotations

from markupsafe import Markup

from .columns import need_of

LABEL_WIDTHS = {1: 16.0, 2: 16.0, 3: 13.0}  # per cent of the page, by pairs a line; one and two stand in line below each other
MAX_LABEL_WIDTH = 30.0
_TYPE_POINTS, _PADDING_POINTS = 9.5, 9.6
_Pair = tuple[str, Markup]


class KeyValueGrid:
    """Filled pair by pair, then written once."""

    def __init__(self, columns: int, room_points: float) -> None:
        self.columns = columns if columns in LABEL_WIDTHS else 2
        self._room = room_points
        self._lines: list[list[_Pair]] = []
        self._open: list[_Pair] = []

    def add(self, label: str, value: Markup) -> None:
        self._open.append((label, value))
        if len(self._open) == self.columns:
            self._close()

    def add_wide(self, label: str, value: Markup) -> None:
        self._close()
        self._lines.append([(label, value)])

    def _close(self) -> None:
        if self._open:
            self._lines.append(self._open)
            self._open = []

    def html(self) -> Markup:
        """The table; nothing when nothing was added."""
        self._close()
        if not self._lines:
            return Markup()
        columns = max(len(line) for line in self._lines)
        label_width = self._label_width(columns)
        rows = Markup().join(_row(line, columns, label_width) for line in self._lines)
        return Markup('<table class="fields">{}</table>').format(rows)

    def _label_width(self, columns: int) -> float:
        """Per cent for each label: the usual width, more where a word of a label is longer."""
        piece = max(need_of([], label).least for line in self._lines for label, _ in line)
        needed = (piece * _TYPE_POINTS + _PADDING_POINTS) / self._room * 100
        return round(min(max(LABEL_WIDTHS[columns], needed), MAX_LABEL_WIDTH), 2)


def _row(line: list[_Pair], columns: int, label_width: float) -> Markup:
    """One line of the table; the last value takes what room is left. Only cells without a span size the columns."""
    value_width = round(100 / columns - label_width, 2)
    span = 2 * (columns - len(line)) + 1
    cells = []
    for position, (label, value) in enumerate(line, 1):
        room = (
            Markup(' colspan="{}"').format(span)
            if position == len(line) and span > 1
            else Markup(' width="{}%"').format(value_width)
        )
        cells.append(Markup('<th width="{}%">{}</th><td{}>{}</td>').format(label_width, label, room, value))
    return Markup("<tr>{}</tr>").format(Markup().join(cells))
