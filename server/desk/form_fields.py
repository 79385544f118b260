"""WTForms classes generated from metadata: they render the main fields and take their text back.

One class per DocType, permlevels and language, made once. Judging values is the service's alone; a form field only carries
text, so that what a person typed comes back to them unchanged when the service refuses it.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from functools import lru_cache
from typing import Any
from zoneinfo import ZoneInfo

from wtforms import BooleanField, Field, Form, HiddenField, PasswordField, SelectField, StringField, TextAreaField
from wtforms.widgets import PasswordInput

from ..core.values import Masked
from ..metadata.model import DocField, DocType, Model
from .form_values import typed

TEXTAREAS = {"textarea", "editor", "code", "markdown", "html-editor"}


class RecordForm(Form):
    """The main fields of one record; child tables travel beside them as JSON in `table__<fieldname>`.

    A field stands under an attribute of its own making, for a fieldname can be any word: `data`, `meta`, `validate`, `_assign`.
    """

    def __getitem__(self, fieldname: str) -> Field:
        return super().__getitem__(attribute(fieldname))

    def __contains__(self, fieldname: str) -> bool:
        return super().__contains__(attribute(fieldname))

    def posted(self, names: set[str]) -> dict[str, Any]:
        """What was typed, by fieldname; only for inputs that the page held (`names`)."""
        values: dict[str, Any] = {}
        for field in self:
            fieldname = field.short_name
            if isinstance(field, BooleanField):
                if f"{fieldname}__shown" in names:
                    values[fieldname] = 1 if field.data else 0
            elif fieldname in names:
                values[fieldname] = field.data
        return values


def attribute(fieldname: str) -> str:
    return f"of_{fieldname}"


def field_for(item: DocField, language: str) -> Field:
    """The form field of one field of a record; it carries text."""
    label = item.label.to(language)
    described = {"description": item.description.to(language), "name": item.fieldname}
    widget = item.type.widget
    if widget == "check":
        return BooleanField(label, **described)
    if widget in ("select", "rating"):
        choices = [("", "")] + [(value, text.to(language)) for value, text in item.type.choices(item)]
        return SelectField(label, choices=choices, validate_choice=False, **described)
    if widget in TEXTAREAS:
        return TextAreaField(label, **described)
    if widget in ("signature", "attach", "attach-image"):
        return HiddenField(label, **described)
    if widget == "password":
        return PasswordField(label, widget=PasswordInput(hide_value=False), **described)  # the value is a mask already
    return StringField(label, **described)


@lru_cache(maxsize=256)
def form_class(doctype: DocType, levels: frozenset[int], language: str) -> type[RecordForm]:
    """The form class of a DocType for somebody who reads these permlevels."""
    fields = {
        attribute(item.fieldname): field_for(item, language)
        for item in doctype.stored_fields
        if not item.hidden and item.permlevel in levels
    }
    return type("GeneratedForm", (RecordForm,), fields)


def form_for(doctype: DocType, levels: frozenset[int], language: str, record: Mapping[str, Any], zone: ZoneInfo) -> RecordForm:
    """The form filled with a record."""
    values: dict[str, Any] = {}
    for item in doctype.stored_fields:
        value = record.get(item.fieldname)
        is_ticked = item.fieldtype == "Check" and not isinstance(value, Masked)
        values[attribute(item.fieldname)] = bool(value) if is_ticked else typed(item, value, zone)
    form = form_class(doctype, levels, language)(data=values)
    for field in form:
        if isinstance(field, SelectField):
            _keep_chosen(field)
    return form


def _keep_chosen(field: SelectField) -> None:
    """A value that is no longer among the choices stays in the list: opening and saving a record must not empty it."""
    chosen = field.data or ""
    if chosen not in {value for value, *_ in field.choices}:
        field.choices = [*field.choices, (chosen, chosen)]


def posted_values(doctype: DocType, levels: frozenset[int], language: str, posted: Any) -> tuple[RecordForm, dict[str, Any]]:
    """The form as posted and its values for the service; child tables are read from their JSON."""
    form = form_class(doctype, levels, language)(posted)
    values = form.posted(set(posted.keys()))
    if doctype.asks_name and "name" in posted:
        values["name"] = posted["name"]
    for item in doctype.table_fields:
        payload = posted.get(f"table__{item.fieldname}")
        if payload is not None and item.permlevel in levels:
            values[item.fieldname] = read_rows(payload)
    return form, values


def read_rows(payload: str) -> Any:
    """Rows from the grid; numbers come as `{"$n": "12.50"}` so that none loses a digit. Bad JSON is left to the service."""
    try:
        rows = json.loads(payload or "[]")
    except ValueError:
        return payload
    if not isinstance(rows, list):
        return rows
    return [{name: _plain(value) for name, value in row.items()} if isinstance(row, dict) else row for row in rows]


def _plain(value: Any) -> Any:
    return value["$n"] if isinstance(value, dict) and "$n" in value else value


def touched_only(
    model: Model, doctype: DocType, values: dict[str, Any], record: Mapping[str, Any], zone: ZoneInfo
) -> dict[str, Any]:
    """The values without texts that stand as the form showed them: an input shows minutes where the record keeps seconds, and a
    point where the record keeps a place with its properties."""
    found = _touched(doctype, values, record, zone)
    for item in doctype.table_fields:
        rows = found.get(item.fieldname)
        if isinstance(rows, list):
            before = {row["name"]: row for row in record.get(item.fieldname) or ()}
            child = model.child(item)
            found[item.fieldname] = [
                _touched(child, row, before.get(row.get("name"), {}), zone) if isinstance(row, dict) else row for row in rows
            ]
    return found


def _touched(doctype: DocType, values: Mapping[str, Any], record: Mapping[str, Any], zone: ZoneInfo) -> dict[str, Any]:
    same = {
        item.fieldname
        for item in doctype.stored_fields
        if values.get(item.fieldname)
        and not isinstance(record.get(item.fieldname), Masked)  # the service knows those that come back as shown
        and values[item.fieldname] == item.type.input_text(record.get(item.fieldname), zone)
    }
    return {name: value for name, value in values.items() if name not in same}


def browser_values(doctype: DocType, record: Mapping[str, Any], zone: ZoneInfo) -> dict[str, str]:
    """The fields of a linked record as the texts that inputs take."""
    texts = {"name": str(record.get("name") or "")}
    return texts | {
        item.fieldname: typed(item, record.get(item.fieldname), zone)
        for item in doctype.stored_fields
        if item.fieldname in record
    }
