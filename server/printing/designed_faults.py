"""What is wrong with a designed format, said of the block where it stands: faults of the template, tables that no paper is wide enough for."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from ..core.errors import Fault
from ..core.text import Text
from ..metadata.model import DocType, Model
from .columns import TYPE_SIZES, need_of
from .design import walk
from .format import PrintFormat
from .page import MM

_LEAST_EM = {"Date": 5.6, "Datetime": 5.6, "Currency": 4.0, "Float": 3.0, "Int": 1.6}


def at_blocks(faults: Iterable[Fault], file: str, form: PrintFormat) -> list[Fault]:
    """Faults of the template (`file.html:12`) as faults of the block that wrote the line."""
    written = form.written()
    found: list[Fault] = []
    for fault in faults:
        line = int(fault.where.rsplit(":", 1)[1])
        place = f"{file}: {written.place_at(line)}"
        zh, en = fault.text.zh.removeprefix(f"{fault.where}："), fault.text.en.removeprefix(f"{fault.where}: ")
        moved = replace(fault, where=place, text=Text(f"{place}：{zh}", f"{place}: {en}"))
        if moved not in found:
            found.append(moved)
    return found


def too_wide(file: str, form: PrintFormat, doctype: DocType, model: Model) -> list[Fault]:
    """Tables whose headings alone do not stand side by side in the smallest type."""
    faults = []
    for where, block, share in walk(form.blocks):
        room_points = form.page.room_points * share / 100
        holder = doctype.by_name.get(str(block.get("table"))) if block.get("kind") in ("table", "checklist") else None
        child = model.get(holder.options or "") if holder and holder.type.holds_rows else None
        if child is None:
            continue
        columns = [child.by_name[one["field"]] for one in block["columns"] if one["field"] in child.by_name]
        _, size, padding = TYPE_SIZES[-1]
        needed = 0.0
        for item in columns:
            heading = max(need_of([], item.label.zh).least, need_of([], item.label.en).least)
            needed += max(heading, _LEAST_EM.get(item.fieldtype, 2.0)) * size + padding
        if needed > room_points:
            place = f"{file}: {where}"
            wanted, room = round(needed / MM), round(room_points / MM)
            zh = f"表格太宽：{len(columns)} 列至少要 {wanted} 毫米，此处只有 {room} 毫米。请减少列，或改为横向"
            en = (
                f"the table is too wide: {len(columns)} columns need {wanted} mm at least, there are {room} mm. "
                "Take fewer columns, or turn the page"
            )
            faults.append(Fault(place, Text(f"{place}：{zh}", f"{place}: {en}")))
    return faults
