"""The blocks that forms are made of: title, key-value table, child-row table, long text, boxes to tick, signatures, approvals.

Each is a function that formats call by name (`{{ fields("customer", "contact") }}`) and that the generated default uses
too. They return finished, escaped HTML in the house style of `sheet`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from decimal import Decimal
from typing import Any

from markupsafe import Markup, escape

from ..core.text import Text
from ..core.values import to_decimal
from . import display
from .fields import CENTERED, LONG_TEXTS, NUMBERS, WIDE_TYPES, PrintField
from .grid import KeyValueGrid
from .job import PrintJob
from .kinsoku import is_ideographic
from .pictures import PictureRefused, drawing, picture
from .reading import BlockMisused, Reader, image_html, lines, paragraphs

# A text longer than this is printed as a paragraph under its label: a table cell is for what is seen at a glance.
LONG_VALUE = 300
MAX_TABLE_ROWS = 2_000
_COLUMN_WIDTHS = {
    "Check": 7,
    "Int": 8,
    "Float": 10,
    "Percent": 11,
    "Currency": 13,
    "Date": 13,
    "Datetime": 18,
    "Time": 9,
    "Select": 12,
}


class Blocks:
    """The blocks of one print job."""

    def __init__(self, job: PrintJob) -> None:
        self.job = job
        self.reader = Reader(job)

    def functions(self) -> dict[str, Callable[..., Any]]:
        """What templates may call, by name."""
        names = (*FIELD_FUNCTIONS, *OTHER_FUNCTIONS)
        return {name: getattr(self, name) for name in names}

    def t(self, zh: str, en: str) -> str:
        return self.job.text(str(zh), str(en))

    def label(self, path: str) -> str:
        return self.reader.field(path).label

    def value(self, path: str, row: Mapping[str, Any] | None = None) -> Markup:
        return self.reader.html(self.reader.field(path), row)

    def choices(self, path: str, row: Mapping[str, Any] | None = None) -> Markup:
        return self.reader.choices(self.reader.field(path), row)

    def title(self, text: str | None = None) -> Markup:
        """The title in the middle of the page, the record's number and state under it."""
        shown = self.job.pick(text) if text else self.job.title
        number = f"{self.job.text('编号', 'No.')} {self.job.name}" if self.job.name else ""
        below = display.GAP.join(part for part in (number, self.job.status) if part)
        return Markup('<h1>{}</h1><div class="subtitle">{}</div>').format(shown, below)

    def section(self, text: str) -> Markup:
        return Markup("<h2>{}</h2>").format(self.job.pick(text))

    def line(self, label: str, value: Any) -> Markup:
        """One bordered line: a label and any text."""
        shown = value if isinstance(value, Markup) else escape(self.reader.plain(value))
        grid = KeyValueGrid(1)
        grid.add(self.job.pick(label), shown)
        return grid.html()

    def fields(self, *names: str, columns: int = 2, wide: Sequence[str] = ()) -> Markup:
        """Labels and values, `columns` pairs a line; long texts break out into paragraphs between the lines."""
        parts: list[Markup] = []
        grid = KeyValueGrid(columns)
        for name in names:
            item = self.reader.field(name)
            if self._is_long(item):
                parts += [grid.html(), self.paragraph(name)]
                grid = KeyValueGrid(columns)
            elif name in wide or item.fieldtype in WIDE_TYPES or item.fieldtype == "Signature":
                grid.add_wide(item.label, self._cell(item))
            else:
                grid.add(item.label, self._cell(item))
        return Markup().join([*parts, grid.html()])

    def _cell(self, item: PrintField) -> Markup:
        if item.fieldtype == "Signature":
            return self._signed(self.reader.raw(item))
        return self.reader.choices(item) if item.fieldtype == "Check" else self.reader.html(item)

    def _is_long(self, item: PrintField) -> bool:
        value = self.reader.raw(item)
        if item.fieldtype not in WIDE_TYPES or not value:
            return False
        return item.fieldtype == "Text Editor" or len(str(value)) > LONG_VALUE or str(value).count("\n") > 8

    def paragraph(self, name: str, heading: bool = True, empty: str = "") -> Markup:
        """A long text in full width, over as many pages as it needs."""
        item = self.reader.field(name)
        value = self.reader.raw(item)
        head = Markup("<h3>{}</h3>").format(item.label) if heading else Markup()
        if value in (None, ""):
            body = escape(self.job.pick(empty)) if empty else Markup("&nbsp;")
        elif item.fieldtype == "Text Editor":
            body = self.reader.rich(value)
        elif item.fieldtype in LONG_TEXTS or item.fieldtype == "Small Text":
            body = Markup().join(paragraphs(value))
        else:
            body = self.reader.html(item)
        return Markup('{}<div class="text">{}</div>').format(head, body)

    def table(
        self,
        name: str,
        *columns: str,
        widths: Sequence[float] = (),
        total: Sequence[str] = (),
        numbered: bool = True,
        min_rows: int = 0,
    ) -> Markup:
        """A child table; its header is repeated on every page."""
        return self._table(name, columns, widths, total, numbered, min_rows, self.reader.html)

    def checklist(self, name: str, *columns: str, widths: Sequence[float] = (), numbered: bool = True) -> Markup:
        """A child table whose Select and Check columns show every choice with a box."""

        def cell(item: PrintField, row: Mapping[str, Any]) -> Markup:
            return self.reader.choices(item, row) if item.choices or item.fieldtype == "Check" else self.reader.html(item, row)

        return self._table(name, columns, widths, (), numbered, 0, cell)

    def _table(
        self,
        name: str,
        columns: Sequence[str],
        widths: Sequence[float],
        total: Sequence[str],
        numbered: bool,
        min_rows: int,
        cell: Callable[[PrintField, Mapping[str, Any]], Markup],
    ) -> Markup:
        table = self.reader.table(name)
        rows = self.reader.rows(table)
        if len(rows) > MAX_TABLE_ROWS:
            raise BlockMisused(
                Text(
                    f"“{table.label}”有 {len(rows):,} 行，最多打印 {MAX_TABLE_ROWS:,} 行；请导出为 Excel",
                    f'"{table.label}" has {len(rows):,} rows; at most {MAX_TABLE_ROWS:,} print. Export it to Excel instead',
                )
            )
        shown = [self.reader.field(column, table) for column in columns] or _printable(table, rows)
        percents = _percents(shown, widths, 6 if numbered else 0)
        heads = [Markup('<th width="6%">{}</th>').format(self.job.text("序号", "No."))] if numbered else []
        heads += [
            Markup('<th width="{}%">{}</th>').format(width, item.label) for item, width in zip(shown, percents, strict=True)
        ]
        body = []
        for number, row in enumerate(rows, 1):
            cells = [Markup('<td class="center">{}</td>').format(number)] if numbered else []
            cells += [_td(item, cell(item, row)) for item in shown]
            body.append(Markup("<tr>{}</tr>").format(Markup().join(cells)))
        blank = Markup("<tr>{}</tr>").format(Markup("<td>&nbsp;</td>") * len(heads))
        body += [blank] * max(0, min(60, int(min_rows)) - len(rows))
        if not body:
            none = self.job.text("无", "None")
            body.append(Markup('<tr><td class="center muted" colspan="{}">{}</td></tr>').format(len(heads), none))
        if total:
            body.append(self._total_row(shown, rows, total, numbered))
        head = Markup("<thead><tr>{}</tr></thead>").format(Markup().join(heads))
        return Markup('<table class="grid" repeat="1">{}<tbody>{}</tbody></table>').format(head, Markup().join(body))

    def _total_row(
        self, shown: Sequence[PrintField], rows: Sequence[Mapping[str, Any]], total: Sequence[str], numbered: bool
    ) -> Markup:
        """The word stands across the columns before the first sum."""
        first = next((index for index, item in enumerate(shown) if item.fieldname in total), len(shown))
        span = first + numbered
        cells = (
            [Markup('<td colspan="{}" class="center"><b>{}</b></td>').format(span, self.job.text("合计", "Total"))]
            if span
            else []
        )
        for item in shown[first:]:
            if item.fieldname in total:
                amount = sum((to_decimal(row.get(item.fieldname)) or Decimal(0) for row in rows), Decimal(0))
                cells.append(_td(item, Markup("<b>{}</b>").format(self.reader.text(item, amount))))
            else:
                cells.append(Markup("<td></td>"))
        return Markup("<tr>{}</tr>").format(Markup().join(cells))

    def signatures(self, *names: str, columns: int = 2) -> Markup:
        """Boxes to sign in: a Signature field shows drawing, name and time; a text is a box to be signed by hand."""
        columns = max(1, min(4, int(columns)))
        cells = []
        for name in names:
            item = self.job.layout.fields.get(str(name))
            label = item.label if item else self.job.pick(name)
            cells.append(
                Markup("<b>{}</b><br/>{}").format(label, self._signed(self.reader.raw(item) if item else None, columns))
            )
        cells += [Markup()] * (-len(cells) % columns)
        width = round(100 / columns, 2)
        rows = [
            Markup().join(Markup('<td width="{}%">{}</td>').format(width, cell) for cell in cells[start : start + columns])
            for start in range(0, len(cells), columns)
        ]
        return Markup('<table class="signing">{}</table>').format(
            Markup().join(Markup("<tr>{}</tr>").format(row) for row in rows)
        )

    def _signed(self, value: Any, columns: int = 2) -> Markup:
        """The drawing with name and time under it, or where to sign by hand."""
        drawn = drawing(value)
        if drawn is None:
            between = Markup("<br/>") if columns > 2 else 5 * display.GAP
            sign, date = self.job.text("签字：", "Signature:"), self.job.text("日期：", "Date:")
            return Markup('<br/><br/><span class="muted small">{}{}{}</span>').format(sign, between, date)
        try:
            shown = image_html(picture(drawn, min(46, 170 / columns - 6), 12))
        except PictureRefused:
            shown = Markup()
        name, at = (value.get("name"), value.get("at")) if isinstance(value, Mapping) else (None, None)
        below = display.GAP.join(part for part in (str(name or ""), display.moment(at, self.job.zone)) if part)
        return Markup('{}<br/><span class="small">{}</span>').format(shown, below)

    def approvals_table(self, title: str = "审批记录|Approvals") -> Markup:
        """Who approved or rejected what and when; nothing when there were no approvals."""
        if not self.job.approvals:
            return Markup()
        text = self.job.text
        labels = (
            text("审批事项", "Approval"),
            text("角色", "Role"),
            text("结论", "Decision"),
            text("审批人", "By"),
            text("时间", "Time"),
            text("意见", "Comment"),
        )
        heads = zip(labels, (25, 14, 10, 12, 19, 20), strict=True)
        head = Markup().join(Markup('<th width="{}%">{}</th>').format(width, label) for label, width in heads)
        rows = []
        for item in self.job.approvals:
            given = (
                item.get("title"),
                item.get("role"),
                self.decision(item),
                item.get("by_name"),
                item.get("at"),
                item.get("comment"),
            )
            shown = (lines(self.job.pick(part) if isinstance(part, Text) else self.reader.plain(part)) for part in given)
            rows.append(Markup("<tr>{}</tr>").format(Markup().join(Markup("<td>{}</td>").format(part) for part in shown)))
        table = Markup('<table class="grid" repeat="1"><thead><tr>{}</tr></thead><tbody>{}</tbody></table>').format(
            head, Markup().join(rows)
        )
        return Markup("{}{}").format(self.section(title) if title else Markup(), table)

    def decision(self, approval: Mapping[str, Any]) -> str:
        words = {"approved": ("同意", "Approved"), "rejected": ("不同意", "Rejected"), None: ("待审批", "Open")}
        zh, en = words.get(approval.get("decision"), words[None])
        return self.job.text(zh, en)

    def image(self, name: str, width_mm: float = 80) -> Markup:
        """A picture field, at most so wide."""
        width = max(5.0, min(260.0, float(width_mm)))
        return Markup("<p>{}</p>").format(self.reader.image(self.reader.raw(self.reader.field(name)) or "", width, 200))

    def photos(self, name: str, column: str, caption: str | None = None, columns: int = 3) -> Markup:
        """The pictures of a child table side by side."""
        table = self.reader.table(name)
        shown, below = self.reader.field(column, table), self.reader.field(caption, table) if caption else None
        columns = max(1, min(6, int(columns)))
        width = 170 / columns - 4
        cells = [
            Markup('{}<br/><span class="small">{}</span>').format(
                self.reader.image(self.reader.raw(shown, row), width, width), self.reader.html(below, row) if below else ""
            )
            for row in self.reader.rows(table)
            if self.reader.raw(shown, row)
        ]
        if not cells:
            return Markup()
        cells += [Markup()] * (-len(cells) % columns)
        rows = (cells[start : start + columns] for start in range(0, len(cells), columns))
        cell = Markup(f'<td class="center" width="{100 / columns:.2f}%">{{}}</td>')
        body = Markup().join(Markup("<tr>{}</tr>").format(Markup().join(cell.format(part) for part in row)) for row in rows)
        return Markup('<table class="plain">{}</table>').format(body)


# Functions whose arguments name fields (checked when a format is published) and the others.
FIELD_FUNCTIONS = ("value", "label", "choices", "fields", "paragraph", "image", "table", "checklist", "photos")
OTHER_FUNCTIONS = ("t", "title", "section", "line", "signatures", "approvals_table")


def _td(item: PrintField, content: Markup) -> Markup:
    kind = "right" if item.fieldtype in NUMBERS else "center" if item.fieldtype in CENTERED else ""
    return Markup('<td class="{}">{}</td>').format(kind, content) if kind else Markup("<td>{}</td>").format(content)


def _printable(table: PrintField, rows: Sequence[Mapping[str, Any]]) -> list[PrintField]:
    """The columns of a table nobody chose columns for; one that is in no row is kept from this reader."""
    return [
        item for item in table.columns.values() if item.printed and (not rows or any(item.fieldname in row for row in rows))
    ]


def _percents(shown: Sequence[PrintField], widths: Sequence[float], used: float) -> list[float]:
    given = [float(width) for width in widths]
    parts = [
        given[index] if index < len(given) and given[index] > 0 else _natural_width(item) for index, item in enumerate(shown)
    ]
    whole = sum(parts) or 1
    return [round(part / whole * (100 - used), 2) for part in parts]


def _natural_width(item: PrintField) -> float:
    """By what the metadata says or the type, but never narrower than the heading in one line (as far as that is sensible)."""
    usual = item.width * 8 or _COLUMN_WIDTHS.get(item.fieldtype, 28 if item.fieldtype in WIDE_TYPES else 16)
    heading = sum(2 if is_ideographic(character) else 1.1 for character in item.label) + 3
    return max(usual, min(heading, 16))
