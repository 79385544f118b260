"""A DocType file that Frappe exported, with what such files leave loose settled before it is checked and read.

Frappe's own editor and years of merges leave fields written twice, numbers as texts, colours by other names, a virtual field whose
program is elsewhere. Nobody here can mend those files, so that each is read in the one harmless way and told as a warning; a file of
ours comes back as it is and is refused for the same. What needs the other DocTypes to be seen stands in `dangling`.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from typing import Any

from ..core.errors import Fault
from ..core.text import Text
from .check_shape import COLORS, CONDITIONS, STORABLE_NAME
from .dangling import is_frappes
from .fieldtypes import field_types
from .load import POSITION
from .model import STANDARD_FIELDS

Json = dict[str, Any]
WHOLE = ("permlevel", "length", "precision", "columns")
OTHER_COLORS = {
    "grey": "Gray",
    "darkgrey": "Gray",
    "darkgray": "Gray",
    "lightgray": "Gray",
    "violet": "Purple",
    "success": "Green",
}
OF_ROWS = ("Table", "Table MultiSelect")
OF_LINKS = ("Link", "Dynamic Link")


def settled(raw: Any, file: str) -> tuple[Any, list[Fault]]:
    """The file as it is read, and what was settled; one that Frappe did not export comes back unchanged."""
    if not isinstance(raw, Mapping) or not is_frappes(raw):
        return raw, []
    work = _Settling(file)
    return work.doctype(raw), work.told


class _Settling:
    def __init__(self, file: str) -> None:
        self._file = file
        self.told: list[Fault] = []

    def _tell(self, path: str, zh: str, en: str) -> None:
        place = f"{self._file}: {path}"
        self.told.append(Fault(place, Text(f"{place}：{zh}", f"{place}: {en}")))

    def doctype(self, raw: Mapping[str, Any]) -> Json:
        found = {key: value for key, value in raw.items() if not key.startswith("__")}  # of the editor's page
        for part in ("label", "description"):
            if part in found and not isinstance(found[part], str | Mapping):
                found[part] = str(found[part]) if found[part] else ""
        if isinstance(raw.get("fields"), list):
            found["fields"] = self._in_order(self._fields(raw["fields"]), raw.get("field_order"))
            self._sort(found)
        for part, settle in (("states", self._state), ("permissions", self._permission)):
            rows = raw.get(part)
            if isinstance(rows, list):
                found[part] = [kept for index, row in enumerate(rows) if (kept := settle(row, f"{part}[{index}]")) is not None]
        return found

    # Fields

    def _fields(self, rows: Sequence[Any]) -> list[Any]:
        kept: list[Any] = []
        seen: dict[str, Any] = {}
        for position, row in enumerate(rows):
            field = self._field(row, f"fields[{position}]") if isinstance(row, Mapping) else row
            if field is None:
                continue
            name = field.get("fieldname") if isinstance(field, Mapping) else None
            if isinstance(name, str) and name.lower() in seen:
                if row != seen[name.lower()]:
                    self._tell(
                        f"fields[{position}].fieldname",
                        f"{name} 已有同名字段，只取先写的那个",
                        f"{name} is already the fieldname of a field before it; the first is kept",
                    )
                continue
            if isinstance(name, str):
                seen[name.lower()] = row
            kept.append({**field, POSITION: position} if isinstance(field, Mapping) else field)
        return kept

    def _field(self, row: Mapping[str, Any], path: str) -> Json | None:
        """One field as it is kept; None for one that has no place here."""
        field = dict(row)
        kind = field_types().get(field.get("fieldtype") or "Data")
        if kind is None:
            return field  # told by the check, with the nearest type
        field["fieldtype"] = kind.name
        if not kind.is_layout and not self._name(field, path):
            return None
        if field.get("is_virtual") in (1, "1", True):
            self._tell(
                f"{path}.is_virtual",
                f"{field.get('fieldname')} 的值由程序现算，这里没有该程序，不予保存",
                f"the value of {field.get('fieldname')} is made by a program that is not here; it is not kept",
            )
            return None
        self._plain(field, path)
        return self._options(field, path)

    def _name(self, field: Json, path: str) -> bool:
        """Whether the field can be stored under a name; one without is named after its label, as Frappe does on saving."""
        name = str(field.get("fieldname") or "").strip()
        if not name:
            name = re.sub(r"\W+", "_", str(field.get("label") or "").lower()).strip("_")[:64]
        field["fieldname"] = name
        if STORABLE_NAME.match(name):
            return True
        self._tell(
            f"{path}.fieldname",
            f"{name!r} 不能用作字段名，不予保存" if name else "字段没有名称，不予保存",
            f"{name!r} cannot be a fieldname; it is not kept" if name else "the field has no name; it is not kept",
        )
        return False

    def _plain(self, field: Json, path: str) -> None:
        """Texts that are texts, numbers that are numbers."""
        for part in ("label", "description", "placeholder"):
            if part in field and not isinstance(field[part], str | Mapping):
                field[part] = "" if field[part] is None else str(field[part])
        for part in WHOLE:
            value = field.get(part)
            if isinstance(value, float) and value.is_integer():
                field[part] = value = int(value)
            if value not in (None, "") and not (isinstance(value, int) and value >= 0) and not str(value).isdigit():
                self._tell(f"{path}.{part}", f"{value!r} 应为整数，不起作用", f"{value!r} is no whole number; it has no effect")
                del field[part]
        for part in (*CONDITIONS, "fetch_from"):
            value = field.get(part)
            text = value.strip() if isinstance(value, str) else ""
            if part in field and text in ("", "eval:", "."):
                del field[part]
            elif part in field:
                field[part] = text
        if isinstance(field.get("link_filters"), list | Mapping):
            field["link_filters"] = json.dumps(field["link_filters"], ensure_ascii=False)

    def _options(self, field: Json, path: str) -> Json | None:
        options = field.get("options")
        if isinstance(options, list):
            options = "\n".join(str(line) for line in options)
        elif options is not None and not isinstance(options, str):
            options = str(options)
        if field["fieldtype"] in (*OF_ROWS, *OF_LINKS):
            options = (options or "").strip()
        if options is not None:
            field["options"] = options
        if options != "" or field["fieldtype"] not in (*OF_ROWS, *OF_LINKS):
            return field
        zh, en = f"{field['fieldtype']} 没有填 options", f"{field['fieldtype']} has no options"
        if field["fieldtype"] in OF_ROWS:
            self._tell(f"{path}.options", f"{zh}，不予保存", f"{en}; it is not kept")
            return None
        self._tell(f"{path}.options", f"{zh}，按单行文字处理", f"{en}; it is taken as a line of text")
        return {**field, "fieldtype": "Data"}

    def _in_order(self, fields: list[Any], order: Any) -> list[Any]:
        """In the order of `field_order`, which is the one that counts there; fields that it leaves out come last."""
        named = all(isinstance(field, Mapping) and field.get("fieldname") for field in fields)
        if not isinstance(order, list) or not named:
            return fields
        places = {name: place for place, name in reversed(list(enumerate(order))) if isinstance(name, str)}
        return sorted(fields, key=lambda field: places.get(field["fieldname"], len(order)))

    # What stands beside the fields

    def _sort(self, found: Json) -> None:
        """`sort_field` may hold an ORDER BY of several fields there: its first one is taken, if there is such a field."""
        asked = str(found.get("sort_field") or "")
        name, _, direction = asked.split(",")[0].strip().partition(" ")
        if name == asked and not name:
            found.pop("sort_field", None)
        if direction.strip().upper() in ("ASC", "DESC"):
            found["sort_order"] = direction.strip().upper()
        if str(found.get("sort_order") or "").upper() not in ("ASC", "DESC"):
            found.pop("sort_order", None)
        if not name:
            return
        names = {field.get("fieldname") for field in found["fields"] if isinstance(field, Mapping)}
        if name in names or name in STANDARD_FIELDS:
            found["sort_field"] = name
        else:
            found.pop("sort_field")
            if name != "idx":  # the order of Frappe's hand-sorted lists: here the newest come first
                self._tell(
                    "sort_field", f"没有字段 {name!r}，按修改时间排列", f"{name!r} is not a field; the newest come first"
                )

    def _state(self, row: Any, path: str) -> Any:
        if not isinstance(row, Mapping):
            return row
        if not row.get("title") or not isinstance(row["title"], str):
            self._tell(f"{path}.title", "状态缺少名称，不起作用", "the state has no title; it has no effect")
            return None
        color = row.get("color") or "Blue"  # Frappe's default
        if color in COLORS:
            return {**row, "color": color}
        bare = re.sub(r"[^a-z]", "", str(color).lower())
        known = {re.sub(r"[^a-z]", "", each.lower()): each for each in COLORS} | OTHER_COLORS
        if bare not in known:
            self._tell(f"{path}.color", f"没有颜色 {color!r}，以灰色显示", f"{color!r} is not a colour; it is shown gray")
        return {**row, "color": known.get(bare, "Gray")}

    def _permission(self, row: Any, path: str) -> Any:
        if not isinstance(row, Mapping) or (isinstance(row.get("role"), str) and row["role"].strip()):
            return row
        self._tell(f"{path}.role", "权限行缺少角色，不起作用", "the permission row has no role; it has no effect")
        return None
