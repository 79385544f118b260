"""The filters of a list: which there are, what they mean to the query service, how they read, and what their editors need."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date, datetime, timedelta
from typing import Any

from ..access.sight import Sight
from ..core.errors import Fault, ValidationFailed
from ..core.text import Text
from ..documents.ask import Filter
from ..documents.tag_filter import FIELD as TAGS
from ..metadata.fieldtypes.times import iso_text
from ..metadata.model import DocField, DocType, Model
from ..reporting import spans
from ..storage.tree import OPERATORS as TREE_OPERATORS
from .list_columns import STANDARD
from .list_state import FilterRow

TIMESPAN = "timespan"  # Frappe's word: days told from today
OPERATOR_TEXTS: Mapping[str, Text] = {
    "=": Text("等于", "is"), "!=": Text("不等于", "is not"), "like": Text("包含", "contains"), "not like": Text("不包含", "does not contain"),
    ">": Text("大于", "greater than"), ">=": Text("不小于", "at least"), "<": Text("小于", "less than"), "<=": Text("不大于", "at most"),
    "between": Text("介于", "between"), "in": Text("属于", "one of"), "not in": Text("不属于", "none of"),
    "is": Text("是否已填", "is set / not set"), TIMESPAN: Text("在（相对今天）", "within (from today)"),
    "descendants of (inclusive)": Text("在其中或其下", "at or below"), "not descendants of": Text("不在其下", "not below"),
}  # fmt: skip
SET_TEXTS = {"set": Text("已填", "set"), "not set": Text("未填", "not set")}
YES_NO = {"1": Text("是", "yes"), "0": Text("否", "no")}
MANY = ("between", "in", "not in")
SPANS = (*spans.OFFERED[:10], "7 d", *spans.OFFERED[10:])


BESIDE = DocField(TAGS, "Data", Text("标签", "Tags"))  # lies beside the record, and is filtered by like a field
TAG_OPERATORS = ("=", "!=", "like", "not like", "in", "not in", "is")


class Filters:
    """The filters of one record type for one reader."""

    def __init__(self, model: Model, doctype: DocType, sight: Sight, now: datetime) -> None:
        self._model = model
        self._doctype = doctype
        self._sight = sight
        self._now = now

    @property
    def fields(self) -> list[DocField]:
        """What one may filter by, in form order, then what every record has."""
        own = [
            item
            for item in self._doctype.stored_fields
            if self._sight.sees_plainly(item) and not item.hidden and item.type.operators
        ]
        standard = [item for name, item in STANDARD.items() if name != "docstatus" or self._doctype.is_submittable]
        return [*own, *standard, BESIDE]

    def operators_of(self, item: DocField) -> list[str]:
        """The operators that a field takes, in the order in which they are offered."""
        if item is BESIDE:
            return [*TAG_OPERATORS]
        taken = {*item.type.operators, *((TIMESPAN,) if item.type.kind in ("date", "datetime") else ())}
        linked = self._model.get(item.options or "") if item.fieldtype == "Link" else None
        if (linked is not None and linked.parent_link) or (item.fieldname == "name" and self._doctype.parent_link):
            taken |= set(TREE_OPERATORS)
        return [name for name in OPERATOR_TEXTS if name in taken]

    @property
    def operators(self) -> Mapping[str, Text]:
        """All that any of the fields takes."""
        taken = {name for item in self.fields for name in self.operators_of(item)}
        return {name: text for name, text in OPERATOR_TEXTS.items() if name in taken}

    def asked(self, rows: Iterable[FilterRow]) -> list[Filter]:
        """The rows as the query service takes them, days told from today as what they are now. Raises ValidationFailed."""
        return [(row.fieldname, *self._meant(row)) for row in rows]

    def _meant(self, row: FilterRow) -> tuple[str, Any]:
        if row.operator == TIMESPAN:
            return self._span(row)
        if row.operator in MANY:
            return row.operator, [self._dated(row, part.strip()) for part in row.value.replace("，", ",").split(",")]
        if row.operator in ("like", "not like") and "%" not in row.value:  # people mean anywhere in it
            return row.operator, f"%{row.value}%"
        return row.operator, self._dated(row, row.value) or ("set" if row.operator == "is" else None)

    def _dated(self, row: FilterRow, value: str) -> str:
        """A day as people type it, 2026/3/5, where the field holds days or moments."""
        item = self._item(row.fieldname)
        return iso_text(value) if item and item.type.kind in ("date", "datetime") else value

    def _span(self, row: FilterRow) -> tuple[str, Any]:
        item = self._item(row.fieldname)
        kind = item.type.kind if item else None
        try:
            if kind not in ("date", "datetime"):
                raise ValueError(kind)
            bounds = spans.conditions_of(row.value, self._now, kind)
        except ValueError:
            text = Text(
                f"筛选条件 {row.fieldname}：“{row.value}”不是相对今天的一段日子，应如 this month、30 d。",
                f'Filter {row.fieldname}: "{row.value}" is no span of days from today; expected e.g. "this month", "30 d".',
            )
            raise ValidationFailed(text, [Fault(row.fieldname, text)]) from None
        if len(bounds) == 1:
            return bounds[0]
        (_, first), (operator, last) = bounds
        return "between", [first, _just_before(last) if operator == "<" else last]

    def words(self, row: FilterRow, language: str, titles: Mapping[tuple[str, str], str]) -> str:
        """A filter in words."""
        item = self._item(row.fieldname)
        name = item.label.to(language) if item else row.fieldname
        if row.operator == TIMESPAN and spans.is_span(row.value):
            return Text(f"{name} 在{spans.span_text(row.value).zh}", f"{name} {spans.span_text(row.value).en}").to(language)
        value = _value_words(item, row, language, titles)
        return f"{name} {OPERATOR_TEXTS.get(row.operator, Text(row.operator, row.operator)).to(language)} {value}"

    def _item(self, fieldname: str) -> DocField | None:
        return self._doctype.by_name.get(fieldname) or (BESIDE if fieldname == TAGS else STANDARD.get(fieldname))

    def editors(self, language: str) -> list[dict[str, Any]]:
        """What the page's script needs to offer the right operators and editors."""
        return [self.editor(item, language) for item in self.fields]

    def editor(self, item: DocField, language: str) -> dict[str, Any]:
        """What the editor of one field's values needs."""
        found: dict[str, Any] = {
            "fieldname": item.fieldname,
            "kind": item.type.kind,
            "widget": item.type.widget,
            "operators": self.operators_of(item),
        }
        if item.fieldtype == "Link":
            found["options"] = item.options
        if item.fieldtype == "Check":
            found["choices"] = [[key, text.to(language)] for key, text in YES_NO.items()]
        elif choices := item.type.choices(item):
            found["choices"] = [[value, text.to(language)] for value, text in choices]
        return found


def fixed_choices(language: str) -> dict[str, list[list[str]]]:
    """The values of operators that take the same whatever the field."""
    return {
        TIMESPAN: [[span, spans.span_text(span).to(language)] for span in SPANS],
        "is": [[key, text.to(language)] for key, text in SET_TEXTS.items()],
    }


def _just_before(end: Any) -> Any:
    """The last value before the end of a span, so that it can be said with both ends included."""
    return (
        end - (timedelta(microseconds=1) if isinstance(end, datetime) else timedelta(days=1)) if isinstance(end, date) else end
    )


def _value_words(item: DocField | None, row: FilterRow, language: str, titles: Mapping[tuple[str, str], str]) -> str:
    if row.operator == "is":
        return SET_TEXTS.get(row.value or "set", Text(row.value, row.value)).to(language)
    if item is None:
        return row.value
    if item.fieldtype == "Check":
        return YES_NO.get(row.value, Text(row.value, row.value)).to(language)
    if item.fieldtype == "Select":
        return ", ".join(item.choice_label(part.strip()).to(language) for part in row.value.split(","))
    return titles.get((item.options or "", row.value), row.value) if item.fieldtype == "Link" else row.value
