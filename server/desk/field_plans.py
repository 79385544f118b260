"""The HTML of a form's fields, made once for each DocType, permlevels and language, with gaps where the value of a record goes.

What is made is what the macro `field` of `form_fields.html` says for a sample, so that a field is described in one place. Fields whose
HTML depends on more than their value (files, signatures, dynamic links, what a phone dials) have no plan: the macro renders each.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from functools import lru_cache
from typing import Any
from urllib.parse import quote

from flask import current_app
from markupsafe import Markup, escape

from ..metadata.model import DocField, DocType
from .field_help import FieldHelp
from .form_fields import RecordForm, attribute, form_class

VALUE, SHOWN = "\ue000", "\ue001"  # characters that no text has: where the value goes, and what people read for it
_GAP = re.compile(f"({VALUE}|{quote(VALUE)}|{SHOWN})")
_TYPED = frozenset(("input", "textarea", "number", "date", "datetime", "time", "duration", "phone", "autocomplete", "link"))
_CHOSEN = frozenset(("select", "rating", "check"))
_MOST_CHOICES = 50

Pieces = tuple[str, ...]


class FieldPlans:
    """The plans of one DocType for one kind of reader."""

    def __init__(self, doctype: DocType, levels: frozenset[int], language: str) -> None:
        self._doctype = doctype
        self._form = form_class(doctype, levels, language)
        self._language = language
        self._made: dict[tuple[str, bool, str, FieldHelp | None], Pieces] = {}

    def html(
        self, item: DocField, *, is_open: bool, value: str, shown: Callable[[], str], help: FieldHelp | None
    ) -> Markup | None:
        """The field with the `value` that its input holds, or (closed) with what is `shown`; None where it has no plan.

        `help` is no gap: it follows from the rules and from the words of clauses, which a record of theirs changes without a new version.
        """
        widget = item.type.widget
        if is_open and widget in _CHOSEN:  # each choice has a plan of its own
            variant = value
            if widget != "check" and not self._is_few(item, value):
                return None
        elif widget in _TYPED or (widget in _CHOSEN and not is_open):
            variant = VALUE if (value if is_open else shown()) else ""
        else:
            return None
        key = (item.fieldname, is_open, variant, help)
        if key not in self._made:
            self._made[key] = self._sampled(item, is_open, variant, help)
        return Markup("".join(_filled(self._made[key], value, shown)))

    def _is_few(self, item: DocField, value: str) -> bool:
        choices = item.type.choices(item)
        return len(choices) <= _MOST_CHOICES and (not value or any(value == known for known, _ in choices))

    def _sampled(self, item: DocField, is_open: bool, variant: str, help: FieldHelp | None) -> Pieces:
        given = bool(variant) if item.type.widget == "check" else variant
        sample = _Sample(
            is_open, self._form(data={attribute(item.fieldname): given}), {item.fieldname: given}, help, self._language
        )
        macro: Any = current_app.jinja_env.get_template("desk/form_fields.html").module
        html = str(macro.field(sample, item))
        return tuple(_GAP.split(html))


def _filled(pieces: Pieces, value: str, shown: Callable[[], str]) -> Iterator[str]:
    for at, piece in enumerate(pieces):
        if not at % 2:
            yield piece
        elif piece == SHOWN:
            yield escape(shown())
        else:
            yield escape(value) if piece == VALUE else quote(value, safe="/")


class _Sample:
    """What the macro asks of a page, answered with gaps."""

    short = is_new = False

    def __init__(self, is_open: bool, form: RecordForm, record: dict[str, Any], help: FieldHelp | None, language: str) -> None:
        self._is_open, self._help = is_open, help
        self.form, self.record, self.language = form, record, language

    def is_open(self, _item: DocField) -> bool:
        return self._is_open

    def is_asked(self, _item: DocField) -> bool:
        return False

    def help_of(self, _item: DocField) -> FieldHelp | None:
        return self._help

    def shown(self, item: DocField) -> str:
        return SHOWN if self.record[item.fieldname] else ""

    def target_of(self, item: DocField) -> str:
        return item.options or ""

    def address_of(self, _item: DocField) -> str:
        return ""


@lru_cache(maxsize=256)
def field_plans(doctype: DocType, levels: frozenset[int], language: str, _version: int) -> FieldPlans:
    """The plans of a DocType for whoever reads these permlevels. Words of further languages may change with the metadata's version."""
    return FieldPlans(doctype, levels, language)
