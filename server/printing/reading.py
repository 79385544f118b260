"""Values of the record as people read them, in HTML: link titles, choice labels, dates in the site's zone, kept line breaks.

`Reader` knows one job. It is what the blocks are built on and what the functions `value`, `label` and `choices` call.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date, datetime, time
from decimal import Decimal
from typing import Any

import nh3
from markupsafe import Markup, escape

from ..core.markdown import markdown_html
from ..core.text import Text, nearest
from . import display
from .fields import FIXED_HTML, WIDE, PrintField
from .job import PrintJob
from .pictures import Picture, PictureRefused, bar_code, picture

_RICH_TAG_NAMES = (
    "p div span b strong i em u s strike del sub sup br hr h1 h2 h3 h4 ul ol li blockquote pre code "
    "table thead tbody tr th td img"
)
_RICH_TAGS = set(_RICH_TAG_NAMES.split())
_RICH_ATTRIBUTES = {"td": {"colspan", "rowspan"}, "th": {"colspan", "rowspan"}, "img": {"src"}}
SHORT_LABEL = 14
CELL_PICTURE_MM = 40
BAR_MM, BARS_HEIGHT_MM = 0.25, 9.0  # the narrowest bar that office printers draw and hand scanners read
_STANDARD = {
    "name": ("编号", "Number", "Data", ""),
    "owner": ("创建人", "Created by", "Link", "User"),
    "creation": ("创建时间", "Created", "Datetime", ""),
    "modified": ("修改时间", "Modified", "Datetime", ""),
    "modified_by": ("修改人", "Modified by", "Link", "User"),
    "idx": ("序号", "No.", "Int", ""),
}


class BlockMisused(ValueError):
    """A format asks for something the DocType does not have; `text` names it."""

    def __init__(self, text: Text) -> None:
        super().__init__(text.en)
        self.text = text


class Reader:
    """Reads the fields of one print job."""

    def __init__(self, job: PrintJob) -> None:
        self.job = job

    def field(self, path: str, table: PrintField | None = None) -> PrintField:
        """The field `customer`, the column `items.qty`, or a column of `table`."""
        fields = table.columns if table else self.job.layout.fields
        head, _, column = str(path).partition(".")
        found = fields.get(head) or self._standard(head)
        if found is None:
            hint = nearest(head, fields)
            place = table.label if table else self.job.label
            raise BlockMisused(Text(f"“{place}”没有字段 {head}。{hint.zh}", f'"{place}" has no field "{head}".{hint.en}'))
        return self.field(column, found) if column else found

    def table(self, path: str) -> PrintField:
        found = self.field(path)
        if not found.is_table:
            raise BlockMisused(Text(f"{path} 不是子表", f'"{path}" is not a child table'))
        return found

    def _standard(self, name: str) -> PrintField | None:
        if name not in _STANDARD:
            return None
        zh, en, kind, options = _STANDARD[name]
        return PrintField(name, kind, self.job.text(zh, en), options)

    def rows(self, table: PrintField) -> list[Mapping[str, Any]]:
        return [row for row in self.job.record.get(table.fieldname) or () if isinstance(row, Mapping)]

    def raw(self, item: PrintField, row: Mapping[str, Any] | None = None) -> Any:
        return (self.job.record if row is None else row).get(item.fieldname)

    def html(self, item: PrintField, row: Mapping[str, Any] | None = None) -> Markup:
        """The value, escaped, ready for a cell; nothing for an empty one."""
        if item.fieldtype == FIXED_HTML:
            return self.rich(item.options)
        value, kind = self.raw(item, row), item.print_as
        if kind == "check":
            return Markup(display.checkbox(value))
        if value in (None, ""):
            return Markup()
        if kind in ("rich", "markdown"):
            return self.marked_up(item, value)
        if kind == "picture":
            return self.image(value, CELL_PICTURE_MM, CELL_PICTURE_MM)
        if kind == "barcode":
            bars = image_html(bar_code(str(value), BAR_MM, BARS_HEIGHT_MM))
            return (bars + Markup("<br/>") if bars else Markup()) + escape(str(value))
        if kind in WIDE:
            return lines(value)
        return escape(self.text(item, value, row))

    def text(self, item: PrintField, value: Any, row: Mapping[str, Any] | None = None) -> str:
        """The value as plain text."""
        zone, kind = self.job.zone, item.fieldtype
        if value is None:
            return ""
        if item.choices:
            return item.choice(value)
        if kind in ("Link", "Dynamic Link"):
            target = item.options if kind == "Link" else str((self.job.record if row is None else row).get(item.options) or "")
            return self.job.link_titles.get((target, str(value))) or str(value)
        if kind == "Currency":
            return display.money(value, "", 2 if item.places is None else item.places)
        if kind == "Percent":
            return display.percent(value, 2 if item.places is None else item.places)
        if kind == "Duration":
            return display.duration(value, self.job.language)
        if kind == "Float":
            return display.number(value)
        if item.is_month and isinstance(value, date):
            return f"{value:%Y-%m}"
        if kind in ("Attach", "Attach Image"):
            return str(value).rsplit("/", 1)[-1]
        if kind == "Signature" and isinstance(value, Mapping):
            return " ".join(part for part in (str(value.get("name") or ""), display.moment(value.get("at"), zone)) if part)
        return item.type.input_text(value, zone) if isinstance(value, str) else self.plain(value)

    def plain(self, value: Any) -> str:
        """A value of no particular field."""
        if value is None:
            return ""
        if isinstance(value, datetime):
            return display.moment(value, self.job.zone)
        if isinstance(value, date):
            return display.day(value, self.job.zone)
        if isinstance(value, time):
            return display.clock(value, self.job.zone)
        return display.number(value) if isinstance(value, Decimal) else str(value)

    def choices(self, item: PrintField, row: Mapping[str, Any] | None = None) -> Markup:
        """Every choice with a box, the chosen one ticked; for a Check field yes and no."""
        value = self.raw(item, row)
        offered: tuple[tuple[object, str], ...] = item.choices
        if item.fieldtype == "Check":
            value, offered = bool(value), ((True, self.job.text("是", "Yes")), (False, self.job.text("否", "No")))
        boxes = (_box(display.checkbox(choice == value), label) for choice, label in offered)
        return Markup("&nbsp; ").join(boxes)

    def picture(self, address: object, width_mm: float, height_mm: float) -> Picture | None:
        content = self.job.images.get(str(address)) if address else None
        if content is None:
            return None
        try:
            return picture(content, width_mm, height_mm)
        except PictureRefused:
            return None

    def image(self, address: object, width_mm: float, height_mm: float) -> Markup:
        """The picture at a stored address, else its file name."""
        return image_html(self.picture(address, width_mm, height_mm)) or escape(str(address).rsplit("/", 1)[-1])

    def tags(self, table: PrintField) -> str:
        """The links of a Table MultiSelect, one after the other."""
        column = next((item for item in table.columns.values() if item.fieldtype == "Link"), None)
        if column is None:
            return ""
        return self.job.text("、", ", ").join(
            self.text(column, value, row) for row in self.rows(table) if (value := row.get(column.fieldname))
        )

    def marked_up(self, item: PrintField, value: object) -> Markup:
        """A value with markup of its own: rich text, HTML or Markdown."""
        return self.rich(markdown_html(str(value)) if item.print_as == "markdown" else value)

    def rich(self, value: object) -> Markup:
        """Text from the rich text editor, cleaned once more; its pictures from the job's images only."""

        def own_pictures(tag: str, name: str, given: str) -> str | None:
            if tag == "img" and name == "src":
                found = self.picture(given, 120, 160)
                return found.address if found else None
            return given

        cleaned = nh3.clean(
            str(value),
            tags=_RICH_TAGS,
            attributes=_RICH_ATTRIBUTES,
            attribute_filter=own_pictures,
            url_schemes=set(),
            link_rel=None,
        )
        return Markup(cleaned)  # nh3 has just cleaned it


def _box(box: str, label: str) -> Markup:
    """A box with its label, kept on one line when that is short."""
    whole = Markup('<span class="nowrap">{}\u00a0{}</span>') if len(label) <= SHORT_LABEL else Markup("{}\u00a0{}")
    return whole.format(box, label)


def image_html(found: Picture | None) -> Markup:
    if found is None:
        return Markup()
    return Markup('<img src="{}" style="width: {}mm; height: {}mm"/>').format(found.address, found.width_mm, found.height_mm)


def lines(value: object) -> Markup:
    """Text with its line breaks kept."""
    return Markup("<br/>").join(str(value).splitlines())


def paragraphs(value: object) -> Iterator[Markup]:
    """Each line of a long text as a paragraph of its own, so that any length runs over pages."""
    for line in str(value).splitlines():
        yield Markup("<p>{}</p>").format(line) if line.strip() else Markup("<p>&nbsp;</p>")
