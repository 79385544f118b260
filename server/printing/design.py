"""The blocks that a format is designed from, as its JSON holds them: which kinds there are, what each is told, what is wrong with one.

    "blocks": [{"kind": "title"}, {"kind": "fields", "names": ["customer", "address"], "columns": 2}, ...]

`compiling` writes them as the template that is printed; the designer's forms follow from `KINDS`. Whether a field is there is not
asked here: `check` finds that in the template and names the block.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ..core.text import Text, nearest
from .page import Add, is_number
from .pictures import PictureRefused, embedded
from .places import PlaceUnknown, parts_of

Block = Mapping[str, Any]
MOST_BLOCKS = 200
MOST_PICTURE_CHARACTERS = 400_000
ALIGNS = ("left", "center", "right")
CODES = ("qr", "bar")


@dataclass(frozen=True, slots=True)
class Property:
    """One thing that a block is told. `type` names the editor and the check; a number lies from `low` to `high`."""

    name: str
    type: str
    usual: Any = None
    required: bool = False
    low: float = 0
    high: float = 0
    choices: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Kind:
    """One kind of block. `beside`: it may stand beside others in a block of columns."""

    name: str
    properties: tuple[Property, ...] = ()
    beside: bool = False

    def property(self, name: str) -> Property | None:
        return next((item for item in (*self.properties, ONLY_IF) if item.name == name), None)


def _number(name: str, usual: float, low: float, high: float) -> Property:
    return Property(name, "number", usual, low=low, high=high)


def _choice(name: str, *choices: str) -> Property:
    return Property(name, "choice", choices[0], choices=choices)


ONLY_IF = Property("only_if", "field")  # printed only where this field is filled in
_ALIGN = _choice("align", *ALIGNS)
_CONTENT = Property("content", "content", "address")
_BOXED = (
    Property("table", "table", required=True), Property("columns", "columns", required=True), Property("numbered", "check", 1),
)  # fmt: skip
KINDS: dict[str, Kind] = {
    kind.name: kind
    for kind in (
        Kind("header", (
            Property("picture", "picture"), _number("picture_mm", 26, 8, 80), Property("company", "check", 1),
            Property("title", "text"), Property("form", "check", 1), Property("number", "check", 1), Property("qr", "check", 0),
        )),
        Kind("title", (Property("text", "text"), Property("qr", "check", 1)), beside=True),
        Kind("section", (Property("text", "text", required=True),)),
        Kind("fields", (Property("names", "fields", required=True), _number("columns", 2, 1, 3), Property("wide", "fields"))),
        Kind("table", (*_BOXED, _number("min_rows", 0, 0, 60)), beside=True),
        Kind("checklist", _BOXED, beside=True),
        Kind("text", (
            Property("text", "places", required=True), _number("size_pt", 9.5, 6, 60), Property("bold", "check", 0), _ALIGN,
        ), beside=True),
        Kind("paragraph", (Property("field", "field", required=True), Property("heading", "check", 1))),
        Kind("signatures", (Property("boxes", "boxes", required=True), _number("columns", 2, 1, 4))),
        Kind("code", (
            _choice("code", *CODES), _CONTENT, _number("size_mm", 24, 10, 90), Property("caption", "check", 0), _ALIGN,
        ), beside=True),
        Kind("seal", (Property("picture", "picture"), Property("text", "text"), _number("size_mm", 40, 15, 80), _ALIGN), beside=True),
        Kind("image", (
            Property("field", "field"), Property("picture", "picture"), _number("width_mm", 80, 5, 260), _ALIGN,
        ), beside=True),
        Kind("photos", (
            Property("table", "table", required=True), Property("column", "column", required=True), Property("note", "column"),
            _number("columns", 3, 1, 6),
        )),
        Kind("approvals", (Property("title", "text"),)),
        Kind("e_signatures", (Property("title", "text"),)),
        Kind("columns", (Property("widths", "widths", (60, 40)), Property("cells", "cells", required=True))),
        Kind("space", (_number("height_mm", 6, 1, 200),), beside=True),
        Kind("line"),
        Kind("break"),
        Kind("html", (Property("html", "html", required=True),), beside=True),
    )
}  # fmt: skip


TABLES = ("table", "checklist")  # beside each other they go over pages together, row by row


def table_in(cell: Sequence[Block]) -> int | None:
    """Where in a column of blocks the table stands that goes over pages together with those of the others."""
    return next((at for at, block in enumerate(cell) if block.get("kind") in TABLES), None)


def shares(block: Block) -> list[float]:
    """The width of each column of a block of columns, in per cent."""
    cells = block["cells"]
    return list(block.get("widths") or [round(100 / len(cells), 2)] * len(cells))


def walk(blocks: Sequence[Block]) -> Iterator[tuple[str, Block, float]]:
    """Every block with its place, `blocks[2]` or `blocks[2].cells[0][1]`, and its share of the paper's width in per cent."""
    for index, block in enumerate(blocks):
        place = f"blocks[{index}]"
        yield place, block, 100.0
        cells = block.get("cells") or ()
        for column, (cell, share) in enumerate(zip(cells, shares(block) if cells else (), strict=True)):
            for at, inner in enumerate(cell):
                yield f"{place}.cells[{column}][{at}]", inner, share


def check_blocks(blocks: Any, add: Add) -> bool:
    """Tell `add` every fault in the shape of the blocks; True where `compiling` can write them."""
    if not isinstance(blocks, list) or not 0 < len(blocks) <= MOST_BLOCKS:
        add("blocks", f"应为 1 到 {MOST_BLOCKS} 块的列表", f"expected a list of 1 to {MOST_BLOCKS} blocks")
        return False
    told: list[str] = []

    def tell(place: str, zh: str, en: str) -> None:
        told.append(place)
        add(place, zh, en)

    for index, block in enumerate(blocks):
        _check_block(block, f"blocks[{index}]", tell, inside=False)
    return not told


def _check_block(block: Any, place: str, add: Add, inside: bool) -> None:
    if not isinstance(block, Mapping):
        add(place, "应为对象", "expected an object")
        return
    allowed = [name for name, kind in KINDS.items() if kind.beside or not inside]
    kind = KINDS.get(str(block.get("kind"))) if block.get("kind") in allowed else None
    if kind is None:
        near = nearest(str(block.get("kind")), allowed)
        add(
            f"{place}.kind",
            f"{block.get('kind')!r} 不可用，可用：{'、'.join(allowed)}。{near.zh}",
            f"{block.get('kind')!r} is not one of {', '.join(allowed)}.{near.en}",
        )
        return
    for name in block:
        if name != "kind" and kind.property(name) is None:
            near = nearest(name, [item.name for item in kind.properties])
            add(f"{place}.{name}", f"未知属性。{near.zh}", f"unknown property.{near.en}")
    for item in (*kind.properties, ONLY_IF):
        value = block.get(item.name)
        if value in (None, "", []):
            if item.required:
                add(f"{place}.{item.name}", "必填", "this is needed")
        elif item.type == "cells":
            _check_cells(value, block.get("widths"), f"{place}.{item.name}", add)
        elif fault := _CHECKS[item.type](value, item):
            add(f"{place}.{item.name}", fault.zh, fault.en)
    if kind.name == "image" and not block.get("field") and not block.get("picture"):
        add(f"{place}.field", "请选择图片字段，或放一张图片", "choose a field, or put a picture here")


def _check_cells(cells: Any, widths: Any, place: str, add: Add) -> None:
    if not isinstance(cells, list) or not 1 <= len(cells) <= 4 or not all(isinstance(cell, list) for cell in cells):
        add(place, "应为 1 到 4 列，每列是块的列表", "expected 1 to 4 columns, each a list of blocks")
        return
    if isinstance(widths, list) and len(widths) != len(cells):
        add(place.replace(".cells", ".widths"), f"应有 {len(cells)} 个列宽", f"expected {len(cells)} widths")
    for column, cell in enumerate(cells):
        for at, block in enumerate(cell):
            _check_block(block, f"{place}[{column}][{at}]", add, inside=True)
    counts = [sum(isinstance(block, Mapping) and block.get("kind") in TABLES for block in cell) for cell in cells]
    if any(counts) and set(counts) != {1}:
        zh = "有表格并排时，每列须有且只有一个表格：各表一同换页。请为其他列加上表格，或把表格移到并排之外"
        en = (
            "where a table stands in a column, every column holds exactly one: they go over pages together. "
            "Give the other columns a table, or move this one out of the columns"
        )
        add(f"{place}[{next(at for at, count in enumerate(counts) if count != 1)}]", zh, en)


def _is_names(value: Any) -> bool:
    return isinstance(value, list) and all(isinstance(name, str) and name for name in value)


def _bad_number(value: Any, item: Property) -> Text | None:
    zh, en = f"应为 {item.low} 到 {item.high} 的数", f"expected a number from {item.low} to {item.high}"
    return None if is_number(value, item.low, item.high) else Text(zh, en)


def _bad_choice(value: Any, item: Property) -> Text | None:
    zh, en = f"可用：{'、'.join(item.choices)}", f"expected one of {', '.join(item.choices)}"
    return None if value in item.choices else Text(zh, en)


def _bad_name(value: Any, item: Property) -> Text | None:
    return None if isinstance(value, str) else Text("应为字段名", "expected the name of a field")


def _bad_names(value: Any, item: Property) -> Text | None:
    return None if _is_names(value) else Text("应为字段名的列表", "expected a list of fields")


def _bad_text(value: Any, item: Property) -> Text | None:
    try:
        Text.of(value)
    except (ValueError, AttributeError):
        return Text('应为文字或 {"zh": …, "en": …}', 'expected a text or {"zh": ..., "en": ...}')
    return None


def _bad_places(value: Any, item: Property) -> Text | None:
    if bad := _bad_text(value, item):
        return bad
    try:
        for text in (Text.of(value).zh, Text.of(value).en):
            parts_of(text)
    except PlaceUnknown as error:
        return error.text
    return None


def _bad_columns(value: Any, item: Property) -> Text | None:
    rows = value if isinstance(value, list) else [None]
    for row in rows:
        if not isinstance(row, Mapping) or not isinstance(row.get("field"), str) or not row["field"]:
            return Text('每列应为 {"field": 字段名, "width": 宽}', 'each column should be {"field": name, "width": width}')
        if row.get("width") and not is_number(row["width"], 0, 100):
            return Text(f"{row['field']} 的列宽应为 0 到 100", f"the width of {row['field']} should be 0 to 100")
    return None


def _bad_boxes(value: Any, item: Property) -> Text | None:
    if not isinstance(value, list) or not all(
        isinstance(box, Mapping) and (box.get("field") or box.get("text")) for box in value
    ):
        return Text("每个签字框应有字段或文字", "each box should have a field or a text")
    return next((bad for box in value if box.get("text") and (bad := _bad_text(box["text"], item))), None)


def _bad_widths(value: Any, item: Property) -> Text | None:
    good = isinstance(value, list | tuple) and all(is_number(width, 5, 95) for width in value) and sum(value) <= 101
    return None if good else Text("列宽为百分数，合计 100", "widths are per cent, 100 together")


def _bad_picture(value: Any, item: Property) -> Text | None:
    if isinstance(value, str) and len(value) > MOST_PICTURE_CHARACTERS:
        return Text("图片太大；请缩小到 300 kB 以内", "the picture is too large; make it smaller than 300 kB")
    try:
        embedded(str(value), 10)
    except PictureRefused:
        return Text("不是可打印的 PNG 或 JPEG 图片", "this is no PNG or JPEG picture that can be printed")
    return None


def _bad_string(value: Any, item: Property) -> Text | None:
    return None if isinstance(value, str) else Text("应为文字", "expected a text")


def _bad_check(value: Any, item: Property) -> Text | None:
    return None if value in (0, 1) else Text("应为 0 或 1", "expected 0 or 1")


_CHECKS: dict[str, Callable[[Any, Property], Text | None]] = {
    "number": _bad_number, "choice": _bad_choice, "field": _bad_name, "table": _bad_name, "column": _bad_name, "content": _bad_name,
    "fields": _bad_names, "text": _bad_text, "places": _bad_places, "columns": _bad_columns, "boxes": _bad_boxes,
    "widths": _bad_widths, "picture": _bad_picture, "html": _bad_string, "check": _bad_check,
}  # fmt: skip
