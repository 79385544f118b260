"""A print format: one JSON file (what it is) and one HTML file (what is on it), read into one immutable value.

    print_formats/<module>/<name>.json    {"doctype": "Print Format", "name": ..., "doc_type": ..., "title": ..., ...}
    print_formats/<module>/<name>.html    a Jinja template of the body; see `template` for what it may use

`check_format` finds the faults of one JSON object alone, `check.check_templates` those of the templates and the fields they
name. The worker process imports this module too.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from ..core.errors import Fault
from ..core.text import EMPTY, Text, nearest

MM = 72 / 25.4  # in points
SIZES_MM = {"A3": (297, 420), "A4": (210, 297), "A5": (148, 210)}
SIZES = tuple(SIZES_MM)
ORIENTATIONS = ("portrait", "landscape")
LABEL_SIDES_MM = (20, 420)  # a label is given by its width and height
MARGINS_MM = (8, 60)
LABEL_MARGINS_MM = (0, 60)
LABEL_MARGIN_MM = 3.0
DEFAULT_MARGINS_MM = (20.0, 16.0, 16.0, 16.0)
MAX_TEMPLATE_CHARACTERS = 200_000
_NAME = re.compile(r"[^\W_][\w .()/&\-]{0,79}\Z")
_Add = Callable[[str, str, str], None]
_KNOWN = ("doctype", "name", "doc_type", "title", "form_number", "form_version", "source", "page", "needs", "html", "module")


@dataclass(frozen=True, slots=True)
class Page:
    """Paper and margins (top, right, bottom, left). A size in millimetres is a label: it has no header and no footer."""

    size: Literal["A3", "A4", "A5"] | tuple[float, float] = "A4"
    orientation: Literal["portrait", "landscape"] = "portrait"
    margins_mm: tuple[float, float, float, float] = DEFAULT_MARGINS_MM

    @property
    def size_mm(self) -> tuple[float, float]:
        """Width and height of the paper as it is read."""
        width, height = self.size if isinstance(self.size, tuple) else SIZES_MM[self.size]
        return (height, width) if self.orientation == "landscape" else (width, height)

    @property
    def is_label(self) -> bool:
        return isinstance(self.size, tuple)

    @property
    def room_points(self) -> float:
        """The width between the margins."""
        return (self.size_mm[0] - self.margins_mm[1] - self.margins_mm[3]) * MM


@dataclass(frozen=True, slots=True)
class PrintFormat:
    """How a record of `doctype` is printed. Without its `needs` it is not; properties that we do not know stay in `extra`."""

    name: str
    doctype: str
    title: Text = EMPTY
    form_number: str = ""
    form_version: str = ""
    source: tuple[str, ...] = ()
    page: Page = Page()
    needs: tuple[str, ...] = ()
    html: str = ""
    extra: Mapping[str, Any] = field(default_factory=dict, hash=False)


def read_format(raw: Mapping[str, Any]) -> PrintFormat:
    """Build a `PrintFormat` from its JSON object with the template under `html`; `check_shape` has found it right."""
    return PrintFormat(
        name=raw["name"],
        doctype=raw["doc_type"],
        title=Text.of(raw.get("title") or raw["name"]),
        form_number=str(raw.get("form_number") or ""),
        form_version=str(raw.get("form_version") or ""),
        source=tuple(raw.get("source") or ()),
        page=_read_page(raw.get("page") or {}),
        needs=tuple(raw.get("needs") or ()),
        html=str(raw.get("html") or ""),
        extra={name: value for name, value in raw.items() if name not in _KNOWN or name == "module"},
    )


def _read_page(raw: Mapping[str, Any]) -> Page:
    margin, size = raw.get("margin_mm"), raw.get("size", "A4")
    if isinstance(size, list):
        size = (float(size[0]), float(size[1]))
        given = margin if isinstance(margin, list) else [LABEL_MARGIN_MM if margin is None else margin] * 4
        top, right, bottom, left = (float(side) for side in given)
        return Page(size, "portrait", (top, right, bottom, left))
    if margin is None:
        margins = DEFAULT_MARGINS_MM
    elif isinstance(margin, list):
        margins = (float(margin[0]), float(margin[1]), float(margin[2]), float(margin[3]))
    else:  # the header needs its room above the body
        margins = (max(float(margin), DEFAULT_MARGINS_MM[0]), float(margin), max(float(margin), 14.0), float(margin))
    return Page(size, raw.get("orientation", "portrait"), margins)


def dump_format(item: PrintFormat) -> dict[str, Any]:
    """The JSON object again, the template under `html`."""
    found: dict[str, Any] = {
        "doctype": "Print Format",
        "name": item.name,
        "doc_type": item.doctype,
        "title": item.title.to_json(),
    }
    for name in ("form_number", "form_version"):
        if getattr(item, name):
            found[name] = getattr(item, name)
    if item.source:
        found["source"] = list(item.source)
    if item.page != Page():
        found["page"] = _dump_page(item.page)
    if item.needs:
        found["needs"] = list(item.needs)
    return found | dict(item.extra) | {"html": item.html}


def _dump_page(page: Page) -> dict[str, Any]:
    margins = [_plain(side) for side in page.margins_mm]
    if isinstance(page.size, tuple):
        return {"size": [_plain(side) for side in page.size], "margin_mm": margins}
    return {"size": page.size, "orientation": page.orientation, "margin_mm": margins}


def _plain(value: float) -> int | float:
    return int(value) if value == int(value) else value


def check_format(raw: Any, file: str) -> list[Fault]:
    """Every fault of one print format's JSON object, the template (under `html`) aside; `read_format` is safe when none."""
    faults: list[Fault] = []

    def add(path: str, zh: str, en: str) -> None:
        place = f"{file}: {path}" if path else file
        faults.append(Fault(place, Text(f"{place}：{zh}", f"{place}: {en}")))

    if not isinstance(raw, Mapping):
        add("", "应为 JSON 对象", "expected a JSON object")
        return faults
    if raw.get("doctype", "Print Format") != "Print Format":
        add(
            "doctype",
            f'应为 "Print Format"，现为 {raw["doctype"]!r}；单据类型写在 doc_type',
            f'expected "Print Format", got {raw["doctype"]!r}; the DocType to print goes into doc_type',
        )
    name = raw.get("name")
    if not isinstance(name, str) or not _NAME.match(name):
        add(
            "name",
            f"打印格式名 {name!r} 无效：1 到 80 个文字、数字、空格",
            f"{name!r} is not a name: 1 to 80 letters, digits or spaces",
        )
    if not isinstance(raw.get("doc_type"), str) or not raw.get("doc_type"):
        add("doc_type", "缺少要打印的单据类型", "the DocType to print is missing")
    try:
        Text.of(raw.get("title") or None)
    except (ValueError, AttributeError):
        add(
            "title",
            f'{raw["title"]!r} 应为文字或 {{"zh": …, "en": …}}',
            f'{raw["title"]!r} should be a text or {{"zh": ..., "en": ...}}',
        )
    for part in ("form_number", "form_version"):
        if raw.get(part) is not None and not (isinstance(raw[part], str) and len(raw[part]) <= 40):
            add(part, f"{raw[part]!r} 应为不超过 40 个字符的文字", f"{raw[part]!r} should be a text of at most 40 characters")
    source = raw.get("source")
    if source is not None and not (isinstance(source, list) and all(isinstance(clause, str) for clause in source)):
        add("source", "应为条款编号的列表", "expected a list of clause ids")
    needs = raw.get("needs")
    if needs is not None and not (isinstance(needs, list) and all(isinstance(path, str) for path in needs)):
        add("needs", "应为字段的列表，如 customer、items.qty", "expected a list of fields such as customer and items.qty")
    _check_page(raw.get("page"), add)
    html = raw.get("html")
    if html is None:
        add("html", "缺少模板（同名的 .html 文件）", "the template (the .html file of the same name) is missing")
    elif not isinstance(html, str) or len(html) > MAX_TEMPLATE_CHARACTERS:
        add(
            "html",
            f"模板最多 {MAX_TEMPLATE_CHARACTERS:,} 个字符",
            f"a template has at most {MAX_TEMPLATE_CHARACTERS:,} characters",
        )
    return faults


def _check_page(page: Any, add: _Add) -> None:
    if page is None:
        return
    if not isinstance(page, Mapping):
        add("page", '应为对象，如 {"size": "A4"}', 'expected an object, e.g. {"size": "A4"}')
        return
    is_label = isinstance(page.get("size"), list)
    if is_label:
        _check_label(page, add)
    for part, allowed in (("size", SIZES), ("orientation", ORIENTATIONS)):
        if part in page and not is_label and page[part] not in allowed:
            near = nearest(page[part], allowed)
            add(
                f"page.{part}",
                f"{page[part]!r} 不可用，可用：{'、'.join(allowed)}。{near.zh}",
                f"{page[part]!r} is not one of {', '.join(allowed)}.{near.en}",
            )
    margin = page.get("margin_mm")
    values = margin if isinstance(margin, list) else [] if margin is None else [margin]
    low, high = LABEL_MARGINS_MM if is_label else MARGINS_MM
    good = all(isinstance(value, int | float) and not isinstance(value, bool) and low <= value <= high for value in values)
    if not good or (isinstance(margin, list) and len(margin) != 4):
        add(
            "page.margin_mm",
            f"{margin!r} 应为 {low} 到 {high} 的数，或 [上, 右, 下, 左]",
            f"{margin!r} should be a number from {low} to {high}, or [top, right, bottom, left]",
        )
    for part in page:
        if part not in ("size", "orientation", "margin_mm"):
            near = nearest(part, ("size", "orientation", "margin_mm"))
            add(f"page.{part}", f"未知属性。{near.zh}", f"unknown property.{near.en}")


def _check_label(page: Mapping[str, Any], add: _Add) -> None:
    size, (low, high) = page["size"], LABEL_SIDES_MM
    numbers = all(isinstance(side, int | float) and not isinstance(side, bool) and low <= side <= high for side in size)
    if len(size) != 2 or not numbers:
        add(
            "page.size",
            f"{size!r} 应为 [宽, 高]，各 {low} 到 {high} 毫米",
            f"{size!r} should be [width, height], each {low} to {high} mm",
        )
    if "orientation" in page:
        add("page.orientation", "标签按宽、高给出，没有方向", "a label is given by its width and height; it has no orientation")
