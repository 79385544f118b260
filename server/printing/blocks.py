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
from . import display, marks
from .columns import fits
from .fields import CENTERED, FIXED_HTML, WIDE, PrintField
from .grid import KeyValueGrid
from .job import PrintJob
from .page import MM, Page
from .pictures import PictureRefused, drawing, picture
from .reading import CELL_PICTURE_MM, BlockMisused, Reader, image_html, lines, paragraphs
from .tables import Column, beside, table_html, td

# A text longer than this is printed as a paragraph under its label: a table cell is for what is seen at a glance.
LONG_VALUE = 300
MAX_TABLE_ROWS = 2_000
SIGNATURE_POINTS = 74
TITLE_CODE_MM = 17.0
_USUAL_WIDTHS = {
    "Check": 3,
    "Int": 4,
    "Float": 5,
    "Percent": 5,
    "Currency": 6,
    "Date": 6,
    "Datetime": 9,
    "Time": 4,
    "Select": 6,
}
Cell = Callable[[PrintField, Mapping[str, Any]], Markup]


class Blocks:
    """The blocks of one print job."""

    def __init__(self, job: PrintJob, page: Page) -> None:
        self.job = job
        self.reader = Reader(job)
        self.room_points = page.room_points
        self.shows_e_signatures = False

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

    def title(self, text: str | None = None, qr: bool = True) -> Markup:
        """The title in the middle of the page, the record's number under it; beside it the code that leads to the record.

        The generated format says the state too. On a designed one, which may go to a customer, it is our own affair: a
        draft and a cancelled record are marked across the page.
        """
        shown = self.job.pick(text) if text else self.job.title
        number = f"{self.job.text('编号', 'No.')} {self.job.name}" if self.job.name else ""
        state = "" if self.job.format else self.job.status
        below = display.GAP.join(part for part in (number, state) if part)
        said = Markup('<h1>{}</h1><div class="subtitle">{}</div>').format(shown, below)
        if not (qr and self.job.format and self.job.record_address.startswith("http")):
            return said
        side = round((TITLE_CODE_MM + 3) * MM / self.room_points * 100, 2)
        return Markup(
            '<table class="plain title"><tr><td width="{0}%"></td><td width="{1}%">{2}</td><td width="{0}%" class="right">{3}</td></tr></table>'
        ).format(side, round(100 - 2 * side, 2), said, marks.code(self.job.record_address, "qr", TITLE_CODE_MM))

    def section(self, text: str) -> Markup:
        return Markup("<h2>{}</h2>").format(self.job.pick(text))

    def line(self, label: str, value: Any) -> Markup:
        """One bordered line: a label and any text."""
        shown = value if isinstance(value, Markup) else escape(self.reader.plain(value))
        grid = KeyValueGrid(1, self.room_points)
        grid.add(self.job.pick(label), shown)
        return grid.html()

    def fields(self, *names: str, columns: int = 2, wide: Sequence[str] = ()) -> Markup:
        """Labels and values, `columns` pairs a line; long texts break out into paragraphs between the lines."""
        parts: list[Markup] = []
        grid = KeyValueGrid(columns, self.room_points)
        for name in names:
            item = self.reader.field(name)
            if self._is_long(item):
                parts += [grid.html(), self.paragraph(name, heading=item.fieldtype != FIXED_HTML)]
                grid = KeyValueGrid(columns, self.room_points)
            elif name in wide or self.is_wide(item):
                grid.add_wide(item.label, self._cell(item))
            else:
                grid.add(item.label, self._cell(item))
        return Markup().join([*parts, grid.html()])

    def is_wide(self, item: PrintField) -> bool:
        """Whether the field takes a whole line wherever it stands."""
        return item.print_as in WIDE or item.print_as == "signature"

    def _cell(self, item: PrintField) -> Markup:
        if item.print_as == "tags":
            return escape(self.reader.tags(item))
        if item.is_table:
            count = len(self.reader.rows(item))
            return escape(self.job.text(f"{count} 行", f"{count} rows") if count else self.job.text("无", "None"))
        if item.fieldtype == "Signature":
            return self._signed(self.reader.raw(item))
        return self.reader.choices(item) if item.fieldtype == "Check" else self.reader.html(item)

    def _is_long(self, item: PrintField) -> bool:
        if item.fieldtype == FIXED_HTML:
            return True
        value = self.reader.raw(item)
        if item.print_as not in WIDE or not value:
            return False
        return item.print_as in ("rich", "markdown") or len(str(value)) > LONG_VALUE or str(value).count("\n") > 8

    def paragraph(self, name: str, heading: bool = True, empty: str = "") -> Markup:
        """A long text in full width, over as many pages as it needs."""
        item = self.reader.field(name)
        value = item.options if item.fieldtype == FIXED_HTML else self.reader.raw(item)
        head = Markup("<h3>{}</h3>").format(item.label) if heading else Markup()
        if value in (None, ""):
            body = escape(self.job.pick(empty)) if empty else Markup("&nbsp;")
        elif item.print_as in ("rich", "markdown"):
            body = self.reader.marked_up(item, value)
        elif item.print_as in WIDE:
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

    def beside(self, *tables: object, widths: Sequence[float] = ()) -> Markup:
        """Tables side by side that go over pages together; what is empty leaves its place empty."""
        shares = [max(1.0, float(width)) for width in widths] or [1.0] * len(tables)
        if not 0 < len(tables) <= 4 or len(shares) != len(tables):
            zh, en = "beside 应有 1 到 4 个表格，每个一个列宽", "beside takes one to four tables, with a width for each"
            raise BlockMisused(Text(zh, en))
        return beside(tables, shares, self.room_points)

    def _table(
        self,
        name: str,
        columns: Sequence[str],
        widths: Sequence[float],
        total: Sequence[str],
        numbered: bool,
        min_rows: int,
        cell: Cell,
    ) -> Markup:
        table = self.reader.table(name)
        rows = self._rows(table)
        shown = [self.reader.field(column, table) for column in columns] or _printable(table, rows)
        built = self._columns(shown, rows, numbered, cell)
        for column, width in zip(built[numbered:], widths, strict=False):
            column.wanted = max(0.0, float(width))
        for column in built:
            column.cells += [Markup("&nbsp;")] * (max(0, min(60, int(min_rows)) - len(rows)))
        sums = self._sums(shown, rows, total)
        for column, item in zip(built[numbered:], shown, strict=True):
            column.below = sums.get(item.fieldname, "")
        last = _total_row(shown, sums, numbered, self.job.text("合计", "Total")) if sums else None
        return table_html(built, self.room_points, last, self.job.text("无", "None"))

    def _rows(self, table: PrintField) -> list[Mapping[str, Any]]:
        rows = self.reader.rows(table)
        if len(rows) > MAX_TABLE_ROWS:
            raise BlockMisused(
                Text(
                    f"“{table.label}”有 {len(rows):,} 行，最多打印 {MAX_TABLE_ROWS:,} 行；请导出为 Excel",
                    f'"{table.label}" has {len(rows):,} rows; at most {MAX_TABLE_ROWS:,} print. Export it to Excel instead',
                )
            )
        return rows

    def _columns(
        self, shown: Sequence[PrintField], rows: Sequence[Mapping[str, Any]], numbered: bool, cell: Cell
    ) -> list[Column]:
        numbers = [Markup(number) for number in range(1, len(rows) + 1)]
        first = [Column(self.job.text("序号", "No."), "center", is_fixed=True, cells=numbers)] if numbered else []
        return first + [
            Column(item.label, _kind(item), usual=_usual_width(item), cells=[cell(item, row) for row in rows]) for item in shown
        ]

    def table_fits(self, name: str) -> bool:
        """Whether the generated table stands on this page without crowding, in smaller type if need be."""
        table = self.reader.table(name)
        rows = self._rows(table)
        columns = self._columns(_printable(table, rows), rows, True, self._sketch)
        return fits([column.demand() for column in columns], self.room_points)

    def _sketch(self, item: PrintField, row: Mapping[str, Any]) -> Markup:
        """A cell to be measured: the place of a picture without the picture."""
        if item.print_as == "picture" and self.reader.raw(item, row):
            return Markup('<img style="width: {}mm"/>').format(CELL_PICTURE_MM)
        return self.reader.html(item, row)

    def _sums(self, shown: Sequence[PrintField], rows: Sequence[Mapping[str, Any]], total: Sequence[str]) -> dict[str, Markup]:
        return {
            item.fieldname: Markup("<b>{}</b>").format(
                self.reader.text(item, sum((to_decimal(row.get(item.fieldname)) or Decimal(0) for row in rows), Decimal(0)))
            )
            for item in shown
            if item.fieldname in total and _adds_up(item, rows)
        }

    def signatures(self, *names: str, columns: int = 2) -> Markup:
        """Boxes to sign in: a Signature field shows drawing, name and time; a text is a box to be signed by hand."""
        columns = max(1, min(4, int(columns), len(names) or 1))
        cells = []
        for name in names:
            item = self.job.layout.fields.get(str(name))
            label = item.label if item else self.job.pick(name)
            cells.append(
                Markup("<b>{}</b><br/>{}").format(label, self._signed(self.reader.raw(item) if item else None, columns))
            )
        cells += [Markup()] * (-len(cells) % columns)
        cell = Markup(f'<td width="{100 / columns:.2f}%">{{}}</td>')
        rows = [
            Markup("<tr>{}</tr>").format(Markup().join(map(cell.format, cells[start : start + columns])))
            for start in range(0, len(cells), columns)
        ]
        # A height of the table, not of its cells: what is taller makes the table taller, where a cell would shrink it.
        height = SIGNATURE_POINTS * len(rows)
        return Markup('<table class="signing" style="height: {}pt">{}</table>').format(height, Markup().join(rows))

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
        heads = ("审批事项|Approval", "应审批人|Asked of", "结论|Decision", "审批人|By", "时间|Time", "意见|Comment")
        columns = [Column(self.job.pick(head), wanted=part) for head, part in zip(heads, (25, 13, 8, 10, 18, 26), strict=True)]
        for item in self.job.approvals:
            given = [item.get("title"), item.get("role"), self.decision(item)]
            given += [item.get("by_name"), item.get("at"), item.get("comment")]
            for column, part in zip(columns, given, strict=True):
                column.cells.append(lines(self.job.pick(part) if isinstance(part, Text) else self.reader.plain(part)))
        table = table_html(columns, self.room_points)
        return Markup("{}{}").format(self.section(title) if title else Markup(), table)

    def e_signatures(self, title: str = "电子签名|E-signatures") -> Markup:
        """Who signed electronically, when, what for, and whether it still holds; nothing when nobody did."""
        self.shows_e_signatures = True
        if not self.job.signatures:
            return Markup()
        heads = ("含义|Meaning", "签名人|Signed by", "签名时间|Time", "说明|Reason", "状态|State")
        columns = [Column(self.job.pick(head), wanted=part) for head, part in zip(heads, (12, 20, 20, 22, 26), strict=True)]
        for item in self.job.signatures:
            name, login = str(item["full_name"]), str(item["signer"])
            given = [self.job.pick(item["meaning"]), name if name == login else f"{name}\n{login}"]
            given += [self.reader.plain(item["at"]), str(item["reason"] or ""), self._signature_state(item)]
            for column, part in zip(columns, given, strict=True):
                column.cells.append(lines(part))
        return Markup("{}{}").format(self.section(title) if title else Markup(), table_html(columns, self.room_points))

    def _signature_state(self, item: Mapping[str, Any]) -> str:
        if item["is_valid"]:
            return self.job.text("有效", "Valid")
        changed = self.job.text("、", ", ").join(dict.fromkeys(self.job.pick(label) for label in item["changed"]))
        return self.job.text("已失效；签名后更改：", "VOID; changed after signing: ") + (changed or "—")

    def decision(self, approval: Mapping[str, Any]) -> str:
        words = {"approved": ("同意", "Approved"), "rejected": ("不同意", "Rejected"), None: ("待审批", "Open")}
        zh, en = words.get(approval.get("decision"), words[None])
        return self.job.text(zh, en)

    def image(self, name: str, width_mm: float = 80) -> Markup:
        """A picture field, at most so wide."""
        width = max(5.0, min(260.0, float(width_mm)))
        return Markup("<p>{}</p>").format(self.reader.image(self.reader.raw(self.reader.field(name)) or "", width, 200))

    def code(self, content: object, kind: str = "qr", size_mm: float = 24) -> Markup:
        """A QR code (`qr`) or bars (`bar`) of a text."""
        return marks.code(content, kind, size_mm)

    def seal_place(self, words: str, size_mm: float = 40) -> Markup:
        """Where a seal is stamped by hand."""
        return marks.seal_place(self.job.pick(words), size_mm)

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
OTHER_FUNCTIONS = (
    "t",
    "title",
    "section",
    "line",
    "signatures",
    "approvals_table",
    "e_signatures",
    "code",
    "seal_place",
    "beside",
)


def _kind(item: PrintField) -> str:
    return "right" if item.print_as == "number" else "center" if item.print_as in CENTERED else ""


def _total_row(shown: Sequence[PrintField], sums: Mapping[str, Markup], numbered: bool, word: str) -> Markup:
    """The cells of the row of sums: the word stands across the columns before the first."""
    first = next((index for index, item in enumerate(shown) if item.fieldname in sums), len(shown))
    span = first + numbered
    cells = [Markup('<td colspan="{}" class="center"><b>{}</b></td>').format(span, word)] if span else []
    cells += [
        td(_kind(item), sums[item.fieldname]) if item.fieldname in sums else Markup("<td></td>") for item in shown[first:]
    ]
    return Markup().join(cells)


def _adds_up(item: PrintField, rows: Sequence[Mapping[str, Any]]) -> bool:
    """Whether this reader may see the sum of a column: of one that is in no row, or masked there, it would be wrong or telling."""
    there = [row[item.fieldname] for row in rows if item.fieldname in row]
    return not rows or (bool(there) and all(value in (None, "") or to_decimal(value) is not None for value in there))


def _printable(table: PrintField, rows: Sequence[Mapping[str, Any]]) -> list[PrintField]:
    """The columns of a table nobody chose columns for; one that is in no row is kept from this reader."""
    return [
        item for item in table.columns.values() if item.printed and (not rows or any(item.fieldname in row for row in rows))
    ]


def _usual_width(item: PrintField) -> float:
    """In em, of a column in which nothing stands yet: by the metadata, else by the type."""
    return item.width * 5 or _USUAL_WIDTHS.get(item.fieldtype, 16 if item.print_as in WIDE else 9)
