"""Finds every fault of one DocType's JSON object seen alone: file, JSON path, value, what is allowed, the nearest right word."""

from __future__ import annotations

import re
from collections.abc import Container, Mapping, Sequence
from typing import Any

from ..core.errors import Fault
from ..core.text import Text, nearest
from . import offline
from .dangling import is_frappes, reserved_names
from .fieldtypes import field_types

FIELDNAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]{0,63}\Z")  # 64 characters: the longest column of MariaDB, Frappe's limit
STORABLE_NAME = re.compile(r"\w{1,64}\Z")  # what Frappe takes: also digits first, letters of any script
DOCTYPE_NAME = re.compile(r"[^\W_][\w &()\-]{0,60}\Z")
CONDITIONS = ("depends_on", "mandatory_depends_on", "read_only_depends_on", "collapsible_depends_on")
MAX_FIELDS = 500
COLORS = ("Blue", "Cyan", "Gray", "Green", "Light Blue", "Orange", "Pink", "Purple", "Red", "Yellow")
ENOUGH_IS_ENOUGH = 200


class Shape:
    """Collects the faults of one file."""

    def __init__(self, file: str) -> None:
        self.file = file
        self.faults: list[Fault] = []

    def add(self, path: str, zh: str, en: str, near: Text | None = None) -> None:
        if len(self.faults) < ENOUGH_IS_ENOUGH:
            place = f"{self.file}: {path}" if path else self.file
            hint = near or Text("", "")
            self.faults.append(Fault(place, Text(f"{place}：{zh}{hint.zh}", f"{place}: {en}{hint.en}")))


def check_shape(raw: Any, file: str) -> list[Fault]:
    """Faults of one DocType's JSON object, seen alone; `read_doctype` is safe when there are none."""
    shape = Shape(file)
    if not isinstance(raw, Mapping):
        shape.add("", "应为 JSON 对象", "expected a JSON object")
        return shape.faults
    name = raw.get("name")
    if name in (None, ""):
        shape.add(
            "name",
            "缺少单据类型名，请填写：1 到 61 个文字、数字、空格，以文字开头",
            "the record type needs a name: 1 to 61 letters, digits or spaces, beginning with a letter",
        )
    elif not isinstance(name, str) or not DOCTYPE_NAME.match(name):
        shape.add(
            "name",
            f"单据类型名 {name!r} 无效：1 到 61 个文字、数字、空格，以文字开头",
            f"{name!r} is not a record type name: 1 to 61 letters, digits or spaces, beginning with a letter",
        )
    _check_texts(raw, "", ("label", "description"), shape)
    _check_lists(raw, shape)
    rows = raw.get("fields") or []
    if isinstance(rows, list):
        if len(rows) > MAX_FIELDS:
            shape.add("fields", f"有 {len(rows)} 个字段，最多 {MAX_FIELDS} 个", f"{len(rows)} fields; at most {MAX_FIELDS}")
        seen: dict[str, int] = {}
        taken = set() if is_frappes(raw) else reserved_names(raw.get("istable"))  # of Frappe's, `check` only tells
        names = STORABLE_NAME if is_frappes(raw) else FIELDNAME
        for index, item in enumerate(rows[:MAX_FIELDS]):
            if not any(item == rows[earlier] for earlier in _named_alike(item, seen)):  # written twice: read once
                _check_field(item, f"fields[{index}]", seen, index, taken, shape, names)
    for index, state in enumerate(_dicts(raw.get("states"))):
        if not isinstance(state.get("title"), str):
            shape.add(f"states[{index}].title", "状态缺少名称", "a state needs a title")
        elif state.get("color", "Gray") not in COLORS:
            shape.add(
                f"states[{index}].color",
                f"颜色 {state.get('color')!r} 不可用，可用：{'、'.join(COLORS)}",
                f"{state.get('color')!r} is not a colour; use one of {', '.join(COLORS)}.",
                nearest(state.get("color"), COLORS),
            )
    for index, item in enumerate(_dicts(raw.get("permissions"))):
        if not isinstance(item.get("role"), str) or not item["role"]:
            shape.add(f"permissions[{index}].role", "权限行缺少角色", "a permission row needs a role")
        if not _is_whole(item.get("permlevel", 0)):
            shape.add(f"permissions[{index}].permlevel", "权限级应为 0 到 9 的整数", "permlevel is a whole number from 0 to 9")
    for index, item in enumerate(_dicts(raw.get("maps_from"))):
        _check_mapping(item, f"maps_from[{index}]", shape)
    for fault in offline.shape_faults(raw):
        shape.add(*fault)
    if raw.get("is_virtual") in (1, "1", True):
        shape.add(
            "is_virtual",
            "虚拟单据类型的记录由程序现算，这里没有该程序；请去掉 is_virtual，改用普通单据类型",
            "the records of a virtual DocType are made by a program that is not here; take is_virtual out to keep records in a table",
        )
    if raw.get("is_tree") in (1, "1", True) and any(raw.get(name) in (1, "1", True) for name in ("istable", "issingle")):
        shape.add("is_tree", "子表和单条设置不能是树形", "a child table or a single DocType cannot be a tree")
    years = raw.get("retention_years")
    if years is not None and not _is_whole(years):
        shape.add("retention_years", f"保存年限 {years!r} 应为整数", f"retention_years is {years!r}; expected a whole number")
    return shape.faults


def _named_alike(item: Any, seen: Mapping[str, int]) -> Sequence[int]:
    name = item.get("fieldname") if isinstance(item, Mapping) else None
    return [seen[name.lower()]] if isinstance(name, str) and name.lower() in seen else []


def _dicts(value: Any) -> list[Mapping[str, Any]]:
    return [item for item in value if isinstance(item, Mapping)] if isinstance(value, list) else []


def _is_whole(value: Any) -> bool:
    return (isinstance(value, int) and value >= 0) or (isinstance(value, str) and value.isdigit()) or value in (None, "")


def _check_lists(raw: Mapping[str, Any], shape: Shape) -> None:
    for part in ("fields", "permissions", "states", "maps_from", "links", "actions"):
        value = raw.get(part)
        if value is not None and not (isinstance(value, list) and all(isinstance(item, Mapping) for item in value)):
            shape.add(part, "应为对象的列表", "expected a list of objects")
    for part in ("source", "print_formats"):
        value = raw.get(part)
        if value is not None and not (isinstance(value, list) and all(isinstance(item, str) for item in value)):
            shape.add(part, "应为文字的列表", "expected a list of texts")
    for index, link in enumerate(_dicts(raw.get("links"))):
        _check_texts(link, f"links[{index}]", ("group",), shape)


def _check_texts(raw: Mapping[str, Any], path: str, names: Sequence[str], shape: Shape) -> None:
    for name in names:
        value = raw.get(name)
        try:
            Text.of(value or None)
        except (ValueError, AttributeError):
            place = f"{path}.{name}" if path else name
            shape.add(
                place, f'{value!r} 应为文字或 {{"zh": …, "en": …}}', f'{value!r} should be a text or {{"zh": ..., "en": ...}}'
            )


def _check_field(
    item: Any,
    path: str,
    seen: dict[str, int],
    index: int,
    taken: Container[str],
    shape: Shape,
    names: re.Pattern[str] = FIELDNAME,
) -> None:
    if not isinstance(item, Mapping):
        return
    fieldtype = item.get("fieldtype", "Data")
    if fieldtype not in field_types():
        shape.add(
            f"{path}.fieldtype",
            f"没有字段类型 {fieldtype!r}。",
            f"{fieldtype!r} is not a field type.",
            nearest(fieldtype, field_types()),
        )
        return
    kind = field_types()[fieldtype]
    name = item.get("fieldname")
    if not name and not kind.is_layout:
        shape.add(f"{path}.fieldname", "字段缺少字段名", "the field has no fieldname")
    elif name:
        if not isinstance(name, str) or not names.match(name):
            shape.add(
                f"{path}.fieldname",
                f"字段名 {name!r} 无效：英文字母开头，只含字母、数字、下划线，最多 64 个字符",
                f"{name!r} is not a fieldname: letters, digits and underscores, beginning with a letter, at most 64 characters",
            )
        elif name.lower() in taken and not kind.is_layout:
            shape.add(f"{path}.fieldname", f"{name} 是系统保留的字段名", f"{name} is reserved for the system")
        elif name.lower() in seen:
            first = seen[name.lower()]
            shape.add(
                f"{path}.fieldname",
                f"字段名 {name} 与 fields[{first}] 重复",
                f"{name} is already the fieldname of fields[{first}]",
            )
        else:
            seen[name.lower()] = index
    _check_texts(item, path, ("label", "description", "placeholder"), shape)
    for part in ("permlevel", "length", "precision", "columns"):
        if not _is_whole(item.get(part)):
            shape.add(f"{path}.{part}", f"{item[part]!r} 应为整数", f"{item[part]!r} should be a whole number")
    if item.get("options") is not None and not isinstance(item["options"], str):
        shape.add(f"{path}.options", "options 应为文字", "options should be a text")
    elif (fieldtype in ("Link", "Dynamic Link") or kind.holds_rows) and not item.get("options"):
        wanted = (
            ("存放单据类型的字段名", "the field that holds the DocType")
            if fieldtype == "Dynamic Link"
            else ("一个单据类型名", "the name of a DocType")
        )
        shape.add(f"{path}.options", f"{fieldtype} 须填{wanted[0]}", f"{fieldtype} needs {wanted[1]}")
    labels = item.get("option_labels")
    if labels is not None and not isinstance(labels, Mapping):
        shape.add(f"{path}.option_labels", "应为对象：存储值 → 显示文字", "expected an object: stored value to text")
    elif labels:
        _check_texts(labels, f"{path}.option_labels", list(labels), shape)
    prefill = item.get("prefill")
    if prefill is not None and not (isinstance(prefill, list) and all(isinstance(row, Mapping) for row in prefill)):
        shape.add(f"{path}.prefill", "应为行的列表", "expected a list of rows")
    for part in (*CONDITIONS, "formula", "fetch_from"):
        if item.get(part) not in (None, "") and not isinstance(item[part], str):
            shape.add(f"{path}.{part}", "应为文字", "expected a text")


_MAPPING = ("doctype", "label", "fields", "values", "tables", "only_listed", "condition")


def _check_mapping(item: Mapping[str, Any], path: str, shape: Shape) -> None:
    for key in item:
        if key not in _MAPPING:
            words = ", ".join(_MAPPING)
            shape.add(
                f"{path}.{key}",
                f"不认识 {key!r}，可用：{words}。",
                f"{key!r} is not known here; allowed: {words}.",
                nearest(key, _MAPPING),
            )
    for ours, value in values.items() if isinstance(values := item.get("values") or {}, Mapping) else ():
        if not isinstance(value, str | int | float):
            shape.add(f"{path}.values.{ours}", f"{value!r} 应为文字或数字", f"{value!r} should be a text or a number")
    if not isinstance(values, Mapping):
        shape.add(f"{path}.values", "应为对象：本单字段 → 固定值", "expected an object: our field to a constant")
    if not isinstance(item.get("doctype"), str):
        shape.add(f"{path}.doctype", "缺少来源单据类型", "the source DocType is missing")
    if not isinstance(item.get("fields") or {}, Mapping):
        shape.add(f"{path}.fields", "应为对象：本单字段 → 来源字段", "expected an object: our field to their field")
    tables = item.get("tables") or {}
    good = isinstance(tables, Mapping) and all(
        isinstance(value, list) and len(value) == 2 and isinstance(value[0], str) and isinstance(value[1], Mapping)
        for value in tables.values()
    )
    if not good:
        shape.add(
            f"{path}.tables",
            "应为对象：本单子表 → [来源子表, {本单列: 来源列}]",
            "expected an object: our table to [their table, {our column: their column}]",
        )
