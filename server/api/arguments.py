"""What a request asks, read into plain values: arguments from the address, a form or a JSON body; filters and fields.

Frappe's clients send lists and objects either as JSON or as JSON inside a text; both are taken. Whatever cannot be read is
refused by name.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from flask import request

from ..core.errors import Fault, ValidationFailed
from ..core.text import Text
from ..documents.ask import Filter
from ..documents.queries import MAX_PAGE
from ..web.json import body_object, read_json
from ..web.sign_in import CSRF_FIELD

DEFAULT_PAGE = 20
MAX_FILTERS = 50
NOT_FIELDS = (CSRF_FIELD, "cmd", "sid", "run_method")  # what clients send beside a record
AGGREGATE = re.compile(r"(count|sum|avg|min|max)\(\s*`?(\*|\w+)`?\s*\)(?:\s+as\s+`?(\w+)`?)?\Z", re.IGNORECASE)
QUOTED_TABLE = re.compile(r"`tab[^`]*`\.|`")


def refuse(name: str, zh: str, en: str) -> ValidationFailed:
    """The error for an argument that cannot be used."""
    return ValidationFailed(Text(f"参数 {name}：{zh}", f"Argument {name}: {en}"), [Fault(name, Text(zh, en))])


class Arguments:
    """The arguments of one call, wherever they stand; the body wins over the address."""

    def __init__(self, values: Mapping[str, Any]) -> None:
        self._values = values

    @classmethod
    def of_request(cls) -> Arguments:
        found: dict[str, Any] = dict(request.args.items())
        if request.method not in ("GET", "HEAD"):
            found |= body_object()
        return cls(found)

    def text(self, name: str, default: str = "") -> str:
        """A text; numbers are taken as they are written."""
        value = self._values.get(name)
        if value is None:
            return default
        if isinstance(value, str):
            return value
        if isinstance(value, int | float) and not isinstance(value, bool):
            return str(value)
        raise refuse(name, "应为文本。", "expected a text.")

    def required(self, name: str) -> str:
        value = self.text(name).strip()
        if not value:
            raise refuse(name, "必填。", "is required.")
        return value

    def number(self, name: str, default: int) -> int:
        value = self._values.get(name)
        if value in (None, ""):
            return default
        if re.fullmatch(r"\d{1,9}", str(value)) is None:
            raise refuse(name, f"“{str(value)[:40]}”应为非负整数。", f'"{str(value)[:40]}" should be a whole number from 0.')
        return int(str(value))

    def flag(self, name: str, default: bool) -> bool:
        value = self._values.get(name)
        return default if value in (None, "") else str(value).lower() not in ("0", "false")

    def structure(self, name: str) -> Any:
        """A list or an object, sent as such or as JSON inside a text; any other text as it is."""
        value = self._values.get(name)
        if isinstance(value, str) and value.strip()[:1] in ("[", "{"):
            return read_json(value, Text(f"参数 {name} ", f"Argument {name}"))
        return None if value == "" else value

    def record(self, name: str) -> dict[str, Any]:
        """A record: an object."""
        value = self.structure(name)
        if not isinstance(value, dict):
            raise refuse(name, "应为一条记录（JSON 对象）。", "expected a record (a JSON object).")
        return value

    # Lists

    def filters(self, name: str, doctype: str) -> list[Filter]:
        """Filters as a list of `[field, operator, value]`, `[DocType, field, operator, value]`, or an object."""
        given = self.structure(name)
        if given is None:
            return []
        if isinstance(given, Mapping):
            found = [_of_object(name, field, value) for field, value in given.items()]
        elif isinstance(given, list):
            rows = [given] if given and isinstance(given[0], str) and not isinstance(given[-1], dict) else given
            found = [_of_list(name, row, doctype) for row in rows]
        else:
            raise refuse(
                name, "应为 [[字段, 运算符, 值], …] 或对象。", "expected [[field, operator, value], ...] or an object."
            )
        if len(found) > MAX_FILTERS:
            raise refuse(name, f"最多 {MAX_FILTERS} 个条件。", f"at most {MAX_FILTERS} conditions.")
        return found

    def fields(self) -> list[str]:
        """The wanted fields; `name` when none are given."""
        given = self.structure("fields")
        if given is None:
            return ["name"]
        if isinstance(given, str):
            given = given.split(",")
        if not isinstance(given, list) or not all(isinstance(item, str) for item in given):
            raise refuse("fields", "应为字段名列表。", "expected a list of field names.")
        names = [QUOTED_TABLE.sub("", item).strip() for item in given]
        return ["*"] if "*" in names else list(dict.fromkeys(filter(None, names))) or ["name"]

    def page_size(self) -> int:
        """`limit_page_length` or `limit`: 20 unless said; 0 is all, of which at most 10,000 come at once."""
        size = self.number("limit_page_length", self.number("limit", DEFAULT_PAGE))
        return MAX_PAGE if size == 0 else min(size, MAX_PAGE)

    def bare(self, name: str) -> str:
        """A field name or an order without Frappe's backquotes and table names."""
        return QUOTED_TABLE.sub("", self.text(name)).strip()


@dataclass(frozen=True)
class Aggregate:
    """`count(name) as n`: what to compute over which field, and what to call it."""

    function: str
    fieldname: str
    alias: str


def aggregate_of(field: str) -> Aggregate | None:
    """The aggregate that a wanted field asks for; None for a plain field."""
    found = AGGREGATE.match(field)
    if found is None:
        return None
    function, name, alias = found.groups()
    return Aggregate(function.lower(), "name" if name == "*" else name, alias or field)


def body_record() -> dict[str, Any]:
    """The record that a request carries: a JSON body, a form, or Frappe's form field `data` with JSON inside."""
    found = body_object()
    if isinstance(found.get("data"), str) and set(found) <= {"data", *NOT_FIELDS}:
        return Arguments(found).record("data")
    return {name: value for name, value in found.items() if name not in NOT_FIELDS}


def _of_object(name: str, field: str, value: Any) -> Filter:
    if isinstance(value, list) and len(value) == 2 and isinstance(value[0], str):
        return field, value[0].strip().lower(), value[1]
    if isinstance(value, list | dict):
        raise refuse(name, f"“{field}”应为值或 [运算符, 值]。", f'"{field}" should be a value or [operator, value].')
    return field, "=", value


def _of_list(name: str, row: Any, doctype: str) -> Filter:
    if isinstance(row, list) and len(row) in (4, 5) and isinstance(row[0], str):
        if row[0] != doctype:
            raise refuse(name, f"不能按子表“{row[0]}”筛选。", f'filtering by rows of "{row[0]}" is not possible.')
        row = row[1:4]
    if not isinstance(row, list) or len(row) not in (2, 3) or not all(isinstance(part, str) for part in row[:-1]):
        shown = str(row)[:60]
        raise refuse(name, f"“{shown}”应为 [字段, 运算符, 值]。", f'"{shown}" should read [field, operator, value].')
    field, operator, value = row if len(row) == 3 else (row[0], "=", row[1])
    return QUOTED_TABLE.sub("", field), operator.strip().lower(), value
