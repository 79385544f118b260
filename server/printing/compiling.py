"""Designed blocks written as the template that is printed: one source of truth, the blocks; what prints is always written from them.

A block begins on a line of its own, so that a fault of the template leads back to its block.
"""

from __future__ import annotations

import json
from bisect import bisect_right
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from html import escape
from typing import Any

from ..core.text import Text
from .design import KINDS, Block, shares, table_in
from .pictures import Picture, embedded
from .places import Place, parts_of


@dataclass
class Written:
    """The template, and at which of its lines (from 1) which block begins."""

    parts: list[str] = field(default_factory=list)
    lines: list[int] = field(default_factory=list)
    places: list[str] = field(default_factory=list)
    _line: int = 1

    @property
    def html(self) -> str:
        return "".join(self.parts)

    def write(self, text: str) -> None:
        self.parts.append(text + "\n")
        self._line += text.count("\n") + 1

    def begin(self, place: str) -> None:
        self.lines.append(self._line)
        self.places.append(place)

    def place_at(self, line: int) -> str:
        """The block that stands at a line of the template."""
        at = bisect_right(self.lines, line) - 1
        return self.places[at] if at >= 0 else "blocks"


def compiled(blocks: Sequence[Block]) -> Written:
    """The template of blocks in whose shape there is no fault."""
    written = Written()
    for index, block in enumerate(blocks):
        _write(written, block, f"blocks[{index}]")
    return written


def _write(written: Written, block: Block, place: str) -> None:
    written.begin(place)
    if condition := block.get("only_if"):
        written.write(f"{{% if doc.{condition} %}}")
    if block["kind"] == "columns":
        _write_columns(written, block, place)
    else:
        said = _Said(block)
        written.write(_WRITERS[block["kind"]](said))
    if condition:
        written.write("{% endif %}")


def _write_columns(written: Written, block: Block, place: str) -> None:
    """Blocks in the cells of a table without lines. Tables among them cannot stand in a cell, which no page breaks: what is above
    them and below them does, and they are written as one table."""
    cells, widths = block["cells"], shares(block)
    numbered = [
        [(f"{place}.cells[{column}][{at}]", inner) for at, inner in enumerate(cell)] for column, cell in enumerate(cells)
    ]
    tables = [table_in(cell) for cell in cells]
    if None in tables:
        _write_cells(written, numbered, widths)
        return
    _write_cells(written, [cell[:at] for cell, at in zip(numbered, tables, strict=True)], widths, "plain kept")
    written.write("{{ beside(")
    for cell, at in zip(numbered, tables, strict=True):
        inner_place, inner = cell[at or 0]
        written.begin(inner_place)
        written.write(f"{_expression(inner)},")
    written.write(f"widths={_list(widths)}) }}}}")
    _write_cells(written, [cell[(at or 0) + 1 :] for cell, at in zip(numbered, tables, strict=True)], widths)


def _write_cells(
    written: Written, cells: Sequence[Sequence[tuple[str, Block]]], widths: Sequence[float], style: str = "plain"
) -> None:
    if not any(cells):
        return
    written.write(f'<table class="{style}"><tr>')
    for cell, width in zip(cells, widths, strict=True):
        written.write(f'<td width="{width}%">')
        for place, inner in cell:
            _write(written, inner, place)
        written.write("</td>")
    written.write("</tr></table>")


def _expression(block: Block) -> str:
    """A table as the argument of a function, nothing where its field is empty."""
    call = _WRITERS[block["kind"]](_Said(block)).removeprefix("{{ ").removesuffix(" }}")
    condition = block.get("only_if")
    return f'({call} if doc.{condition} else "")' if condition else call


class _Said:
    """A block's properties, with what is usual where it says nothing."""

    def __init__(self, block: Block) -> None:
        self._block = block
        self._kind = KINDS[block["kind"]]

    def __getitem__(self, name: str) -> Any:
        value = self._block.get(name)
        item = self._kind.property(name)
        return (item.usual if item else None) if value in (None, "", []) else value

    def both(self, name: str) -> str:
        """A text as an argument of a function: `t("中文", "English")`, empty where there is none."""
        return _t(self._block.get(name))

    def picture(self, name: str, width_mm: float) -> Picture | None:
        return embedded(self._block[name], width_mm) if self._block.get(name) else None


def _quoted(value: Any) -> str:
    """A text as Jinja reads it in quotes. A bar would part two languages."""
    return json.dumps(str(value).replace("|", "｜"), ensure_ascii=False)


def _t(value: Any) -> str:
    if not value:
        return ""
    text = Text.of(value)
    return f"t({_quoted(text.zh)}, {_quoted(text.en)})"


def _call(function: str, *arguments: str, **named: Any) -> str:
    given = [*(part for part in arguments if part), *(f"{name}={value}" for name, value in named.items() if value is not None)]
    return f"{{{{ {function}({', '.join(given)}) }}}}"


def _names(values: Sequence[str]) -> list[str]:
    return [_quoted(value) for value in values]


def _list(values: Sequence[Any]) -> str:
    return f"[{', '.join(_quoted(value) if isinstance(value, str) else str(value) for value in values)}]"


def _image(found: Picture | None) -> str:
    return f'<img src="{found.address}" style="width: {found.width_mm}mm; height: {found.height_mm}mm"/>' if found else ""


def _aligned(said: _Said, content: str) -> str:
    align = said["align"]
    return f'<div class="{align}">{content}</div>' if align in ("center", "right") else f"<div>{content}</div>"


def _header(said: _Said) -> str:
    logo = _image(said.picture("picture", float(said["picture_mm"])))
    company = '<p class="strong" style="font-size: 12pt">{{ company }}</p>' if said["company"] else ""
    right = [
        '{% if form_number %}{{ t("表单编号", "Form") }} {{ form_number }}<br/>{% endif %}'
        '{% if form_version %}{{ t("版本", "Version") }} {{ form_version }}<br/>{% endif %}' if said["form"] else "",
        '{{ t("编号", "No.") }} {{ doc.name }}' if said["number"] else "",
    ]  # fmt: skip
    code = _call("code", "record_address", size_mm=18) if said["qr"] else ""
    side = max(18, min(34, float(said["picture_mm"]) / 1.7)) if logo else 24
    heading = _t(said["title"])
    title = f"<h1>{{{{ {heading} }}}}</h1>" if heading else "<h1>{{ form_title }}</h1>"
    return (
        f'<table class="plain"><tr><td width="{side:.0f}%">{logo}</td><td class="center">{company}{title}</td>'
        f'<td width="{side:.0f}%" class="right"><span class="small">{"".join(right)}</span>{code}</td></tr></table>'
    )


def _text(said: _Said) -> str:
    text = Text.of(said["text"])
    zh, en = _with_places(text.zh), _with_places(text.en)
    body = zh if zh == en else f'{{% if language == "zh" %}}{zh}{{% else %}}{en}{{% endif %}}'
    size = float(said["size_pt"])
    style = f"font-size: {size:g}pt; line-height: {130 if size > 12 else 145}%"
    classes = " ".join([*(["strong"] if said["bold"] else []), *([said["align"]] if said["align"] != "left" else [])])
    return f'<p class="{classes}" style="{style}">{body}</p>'


def _with_places(text: str) -> str:
    return "".join(_fixed(part) if isinstance(part, str) else _place(part) for part in parts_of(text))


def _fixed(text: str) -> str:
    """Text that nothing in it can turn into markup or template."""
    return "<br/>".join(escape(line).replace("{", "&#123;") for line in text.split("\n"))


def _place(place: Place) -> str:
    named = place.path if place.is_word else f"doc.{place.path}"
    if place.filter:
        return f"{{{{ {named} | {place.filter} }}}}"
    if place.is_word:
        return "{{ printed_at | datetime }}" if place.path == "printed_at" else f"{{{{ {named} }}}}"
    return f"{{{{ value({_quoted(place.path)}) }}}}"


def _table(said: _Said) -> str:
    columns = said["columns"]
    widths = [float(column.get("width") or 0) for column in columns]
    total = [column["field"] for column in columns if column.get("total")]
    return _call(
        "table", _quoted(said["table"]), *_names([column["field"] for column in columns]),
        widths=_list(widths) if any(widths) else None, total=_list(total) if total else None,
        numbered=None if said["numbered"] else "False", min_rows=said["min_rows"] or None,
    )  # fmt: skip


def _checklist(said: _Said) -> str:
    columns = said["columns"]
    widths = [float(column.get("width") or 0) for column in columns]
    return _call(
        "checklist", _quoted(said["table"]), *_names([column["field"] for column in columns]),
        widths=_list(widths) if any(widths) else None, numbered=None if said["numbered"] else "False",
    )  # fmt: skip


def _signatures(said: _Said) -> str:
    boxes = [_quoted(box["field"]) if box.get("field") else _t(box["text"]) for box in said["boxes"]]
    return _call("signatures", *boxes, columns=int(said["columns"]))


def _code(said: _Said) -> str:
    content = said["content"]
    given = "record_address" if content == "address" else f"doc.{content}"
    caption = "doc.name" if content == "address" else given
    call = _call("code", given, f'"{said["code"]}"', size_mm=float(said["size_mm"]))
    below = f'<br/><span class="small">{{{{ {caption} }}}}</span>' if said["caption"] else ""
    return _aligned(said, call + below)


def _seal(said: _Said) -> str:
    """A seal belongs on what is in force: a picture of one is left out of drafts and cancelled records."""
    shown = _image(said.picture("picture", float(said["size_mm"])))
    words = said.both("text") or 't("盖章处", "Seal")'
    empty = _call("seal_place", words, size_mm=float(said["size_mm"]))
    body = f"{{% if doc.docstatus != 0 and doc.docstatus != 2 %}}{shown}{{% else %}}{empty}{{% endif %}}" if shown else empty
    return _aligned(said, body)


def _picture(said: _Said) -> str:
    width = float(said["width_mm"])
    if said["field"]:
        return _aligned(said, _call("image", _quoted(said["field"]), width_mm=width))
    return _aligned(said, _image(said.picture("picture", width)))


def _photos(said: _Said) -> str:
    note = _quoted(said["note"]) if said["note"] else None
    return _call("photos", _quoted(said["table"]), _quoted(said["column"]), caption=note, columns=int(said["columns"]))


def _fields(said: _Said) -> str:
    wide = _list(said["wide"]) if said["wide"] else None
    return _call("fields", *_names(said["names"]), columns=int(said["columns"]), wide=wide)


_WRITERS: Mapping[str, Callable[[_Said], str]] = {
    "header": _header,
    "title": lambda said: _call("title", said.both("text"), qr=None if said["qr"] else "False"),
    "section": lambda said: _call("section", said.both("text")),
    "fields": _fields,
    "table": _table,
    "checklist": _checklist,
    "text": _text,
    "paragraph": lambda said: _call("paragraph", _quoted(said["field"]), heading=None if said["heading"] else "False"),
    "signatures": _signatures,
    "code": _code,
    "seal": _seal,
    "image": _picture,
    "photos": _photos,
    "approvals": lambda said: _call("approvals_table", said.both("title")),
    "e_signatures": lambda said: _call("e_signatures", said.both("title")),
    "space": lambda said: (
        f'<div style="height: {float(said["height_mm"]):g}mm; font-size: {float(said["height_mm"]) * 2.2:.1f}pt">&nbsp;</div>'
    ),
    "line": lambda said: "<hr/>",
    "break": lambda said: "<pdf:nextpage />",
    "html": lambda said: str(said["html"]),
}
