"""A print format: one JSON file (what it is) and what is on it, read into one immutable value.

    print_formats/<module>/<name>.json    {"doctype": "Print Format", "name": ..., "doc_type": ..., "title": ..., ...}
    print_formats/<module>/<name>.html    a Jinja template of the body; see `template` for what it may use
    print_formats/<module>/<name>.xlsx    or an Excel file with places (`workbook`); it stands in the JSON as base64
    "blocks": [...]                       or, in the JSON, the blocks it was designed from (`design`)

`check_format` finds the faults of one JSON object alone, `check.check_templates` those of the templates and the fields they
name. The worker process imports this module too.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from ..core.errors import Fault
from ..core.text import EMPTY, Text
from .compiling import Written, compiled
from .design import Block, check_blocks
from .linked import Linked, check_linked, read_linked
from .page import Add, Page, check_page, dump_page, read_page

UPRIGHT = Page()
MAX_TEMPLATE_CHARACTERS = 200_000
MAX_WORKBOOK_CHARACTERS = 1_000_000  # of base64
MOST_COPIES = 9
BODIES = ("html", "blocks", "workbook")
_NAME = re.compile(r"[^\W_][\w .()/&\-]{0,79}\Z")
_KNOWN = (
    "doctype", "name", "doc_type", "title", "form_number", "form_version", "source", "page", "copies", "needs", "linked", *BODIES,
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class PrintFormat:
    """How a record of `doctype` is printed. Without its `needs` it is not; properties that we do not know stay in `extra`.

    `linked` are the other records that it shows; `copies` are the marks of the copies that are printed of each record, one after the other. Of a designed format `html` is
    written from its `blocks`; a `workbook` (base64) makes an Excel file in place of a PDF.
    """

    name: str
    doctype: str
    title: Text = EMPTY
    form_number: str = ""
    form_version: str = ""
    source: tuple[str, ...] = ()
    page: Page = UPRIGHT
    copies: tuple[Text, ...] = ()
    needs: tuple[str, ...] = ()
    linked: tuple[Linked, ...] = ()
    html: str = ""
    blocks: Sequence[Block] = field(default=(), hash=False)
    workbook: str = ""
    extra: Mapping[str, Any] = field(default_factory=dict, hash=False)

    def written(self) -> Written:
        """Its template with the lines at which its blocks begin."""
        return compiled(self.blocks)


def read_format(raw: Mapping[str, Any]) -> PrintFormat:
    """Build a `PrintFormat` from its JSON object with the template under `html`; `check_format` has found it right."""
    blocks = raw.get("blocks") or ()
    return PrintFormat(
        name=raw["name"],
        doctype=raw["doc_type"],
        title=Text.of(raw.get("title") or raw["name"]),
        form_number=str(raw.get("form_number") or ""),
        form_version=str(raw.get("form_version") or ""),
        source=tuple(raw.get("source") or ()),
        page=read_page(raw.get("page") or {}),
        copies=tuple(Text.of(copy) for copy in raw.get("copies") or ()),
        needs=tuple(raw.get("needs") or ()),
        linked=read_linked(raw.get("linked") or {}),
        html=template_of(raw),
        blocks=blocks,
        workbook=str(raw.get("workbook") or ""),
        extra={name: value for name, value in raw.items() if name not in _KNOWN},
    )


def template_of(raw: Mapping[str, Any]) -> str:
    """The template of a format's JSON object, written from its blocks where it was designed."""
    blocks = raw.get("blocks")
    return compiled(blocks).html if blocks else str(raw.get("html") or "")


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
    if item.page != UPRIGHT:
        found["page"] = dump_page(item.page)
    if item.copies:
        found["copies"] = [copy.to_json() for copy in item.copies]
    if item.needs:
        found["needs"] = list(item.needs)
    if item.linked:
        found["linked"] = {one.key: one.to_json() for one in item.linked}
    if item.blocks:
        return found | dict(item.extra) | {"blocks": list(item.blocks)}
    return found | dict(item.extra) | ({"workbook": item.workbook} if item.workbook else {"html": item.html})


def check_format(raw: Any, file: str) -> list[Fault]:
    """Every fault of one print format's JSON object, the template (under `html`) aside; `read_format` is safe when none."""
    faults: list[Fault] = []

    def add(path: str, zh: str, en: str) -> None:
        place = f"{file}: {path}" if path else file
        faults.append(Fault(place, Text(f"{place}：{zh}", f"{place}: {en}")))

    if not isinstance(raw, Mapping):
        add("", "应为 JSON 对象", "expected a JSON object")
        return faults
    _check_names(raw, add)
    for part in ("form_number", "form_version"):
        if raw.get(part) is not None and not (isinstance(raw[part], str) and len(raw[part]) <= 40):
            add(part, f"{raw[part]!r} 应为不超过 40 个字符的文字", f"{raw[part]!r} should be a text of at most 40 characters")
    source = raw.get("source")
    if source is not None and not (isinstance(source, list) and all(isinstance(clause, str) for clause in source)):
        add("source", "应为条款编号的列表", "expected a list of clause ids")
    needs = raw.get("needs")
    if needs is not None and not (isinstance(needs, list) and all(isinstance(path, str) for path in needs)):
        add("needs", "应为字段的列表，如 customer、items.qty", "expected a list of fields such as customer and items.qty")
    check_linked(raw.get("linked"), add)
    if raw.get("linked") and raw.get("workbook") is not None:
        add(
            "linked",
            "Excel 模板不能读取其他单据；请改用 HTML 或删除",
            "an Excel template reads no other records; use HTML, or remove it",
        )
    check_page(raw.get("page"), add)
    _check_copies(raw.get("copies"), add)
    _check_body(raw, add)
    return faults


def _check_names(raw: Mapping[str, Any], add: Add) -> None:
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
    if not _is_text(raw.get("title") or None):
        add(
            "title",
            f'{raw["title"]!r} 应为文字或 {{"zh": …, "en": …}}',
            f'{raw["title"]!r} should be a text or {{"zh": ..., "en": ...}}',
        )


def _is_text(value: Any) -> bool:
    try:
        Text.of(value)
    except (ValueError, AttributeError):
        return False
    return True


def _check_copies(copies: Any, add: Add) -> None:
    if copies is None:
        return
    if not isinstance(copies, list) or len(copies) > MOST_COPIES or not all(copy and _is_text(copy) for copy in copies):
        add(
            "copies",
            f"应为至多 {MOST_COPIES} 联的名称，如 存根联、客户联",
            f"expected the marks of at most {MOST_COPIES} copies, such as Original and Copy 1",
        )


def _check_body(raw: Mapping[str, Any], add: Add) -> None:
    """A format has one body: a template, blocks or a workbook."""
    given = [name for name in BODIES if raw.get(name) is not None]
    if len(given) > 1:
        add(given[1], f"{'、'.join(given)} 只能有一个", f"a format has one of {', '.join(given)}, not several")
        return
    if not given:
        add("html", "缺少模板（同名的 .html 文件）", "the template (the .html file of the same name) is missing")
    elif given == ["blocks"]:
        check_blocks(raw["blocks"], add)
    else:
        body, most = raw[given[0]], MAX_TEMPLATE_CHARACTERS if given == ["html"] else MAX_WORKBOOK_CHARACTERS
        if not isinstance(body, str) or len(body) > most:
            add(given[0], f"模板最多 {most:,} 个字符", f"a template has at most {most:,} characters")
