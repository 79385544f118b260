"""The inputs of the admin UI's record form: the desk's for plain fields, a choice for links, a row editor for child tables.

A link to few records is a list to choose from, one to many a search; a child table is JSON in a text area that `admin-rows.js`
turns into rows. Both work on without scripts.
"""

from __future__ import annotations

import json
from typing import Any

from markupsafe import Markup, escape
from wtforms import Field, StringField, TextAreaField
from wtforms.widgets import TextArea, TextInput, html_params

from .. import web
from ..core.errors import NotFound, PermissionRefused
from ..core.text import Text
from ..desk.form_fields import field_for
from ..metadata.model import DocField, DocType, Model

FEW = 50  # as many as a link field is offered at once
Choices = list[tuple[str, str]]
NOT_IN_ROWS = ("signature", "attach", "attach-image")  # a row keeps them unseen; the desk's form shows and changes them
ROW_KINDS = {"check": "check", "select": "select", "date": "date", "textarea": "long", "editor": "long"}


def record_field(item: DocField, model: Model, language: str) -> Field:
    """The form field of one field of a record."""
    if item.type.holds_rows:
        return RowsField(item, model.child(item), language, name=item.fieldname)
    if item.fieldtype == "Link" and item.options:
        return LinkField(item, language, name=item.fieldname)
    return field_for(item, language)


def link_choices(doctype: str) -> Choices | None:
    """(name, words) of every record that a link may take; None when there are too many to list, or none may be seen."""
    try:
        found = web.services().queries.search_link(web.current_user(), doctype, "", limit=FEW)
    except (NotFound, PermissionRefused):  # a DocType of another application that is not here
        return None
    if len(found) >= FEW:
        return None
    return [(item.value, _words(item.value, item.title)) for item in found]


def _words(value: str, title: str) -> str:
    return value if title == value else f"{title} ({value})"


class _LinkWidget:
    """A list to choose from where there are few records, else an input that suggests while one types."""

    def __call__(self, field: Any, **attributes: Any) -> Markup:
        choices = link_choices(field.doctype)
        if choices is None:
            attributes |= {"data-link": field.doctype, "list": f"{field.id}-choices", "autocomplete": "off"}
            return TextInput()(field, **attributes) + Markup(f"<datalist {html_params(id=f'{field.id}-choices')}></datalist>")
        present = field.data or ""
        options = [("", ""), *choices]
        if present not in {value for value, _ in options}:
            options.append((present, present))
        shown = Markup("").join(_option(value, label, value == present) for value, label in options)
        return Markup(f"<select {html_params(name=field.name, id=field.id, **attributes)}>{shown}</select>")


def _option(value: str, label: str, is_chosen: bool) -> Markup:
    return Markup(f"<option {html_params(value=value, selected=is_chosen)}>{escape(label)}</option>")


class LinkField(StringField):
    """A link; it carries the name of the record."""

    widget = _LinkWidget()

    def __init__(self, item: DocField, language: str, **options: Any) -> None:
        super().__init__(item.label.to(language), description=item.description.to(language), **options)
        self.doctype = item.options


class _RowsWidget(TextArea):
    def __call__(self, field: Any, **attributes: Any) -> Markup:
        words = {
            "add": Text("添加一行", "Add a row"),
            "remove": Text("删除此行", "Remove this row"),
            "none": Text("还没有行", "No rows yet"),
        }
        texts = {key: text.to(field.language) for key, text in words.items()}
        attributes |= {
            "data-columns": json.dumps(columns_of(field.child, field.language), ensure_ascii=False),
            "data-words": json.dumps(texts, ensure_ascii=False),
            "rows": 6,
            "class": f"{attributes.get('class', '')} code",
        }
        return super().__call__(field, **attributes)


class RowsField(TextAreaField):
    """The rows of a child table, as JSON."""

    widget = _RowsWidget()

    def __init__(self, item: DocField, child: DocType, language: str, **options: Any) -> None:
        super().__init__(item.label.to(language), description=item.description.to(language), **options)
        self.child = child
        self.language = language


def columns_of(child: DocType, language: str) -> list[dict[str, Any]]:
    """What the row editor needs to know of each column: its input, its choices, what a new row starts with."""
    shown = [item for item in child.stored_fields if not item.hidden and item.type.widget not in NOT_IN_ROWS]
    return [_column(item, language) for item in shown]


def _column(item: DocField, language: str) -> dict[str, Any]:
    kind, choices = ROW_KINDS.get(item.type.widget, "text"), None
    if kind == "select":
        choices = [(value, item.choice_label(value).to(language)) for value in item.choices]
    elif item.fieldtype == "Link" and item.options:
        choices = link_choices(item.options)
        kind = "link" if choices is None else "select"
    literal = item.default if item.default and not item.default.startswith(("eval:", "__", "Today", "Now")) else None
    return {
        "name": item.fieldname,
        "label": item.label.to(language),
        "kind": kind,
        "choices": choices,
        "link": item.options if kind == "link" else None,
        "required": bool(item.reqd),
        "fixed": item.is_computed or bool(item.read_only),
        "default": literal,
    }
