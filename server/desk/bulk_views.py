"""Many records changed at once: chosen in a list, the change said on a page of its own, and what became of each told after it."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property
from typing import Any, ClassVar
from urllib.parse import quote, urlencode

from flask import Blueprint, abort, jsonify, redirect, render_template, request
from werkzeug.datastructures import MultiDict
from werkzeug.wrappers import Response

from .. import web
from ..access.permissions import Permissions
from ..access.user import User
from ..core.errors import Fault, GuijuError, ValidationFailed
from ..core.text import Text, language_of
from ..documents.bulk import MOST, BulkOutcome, changeable
from ..documents.complete import Record
from ..documents.print_runs import FEW
from ..metadata.model import DocField
from ..site import Site
from .file_views import printed
from .form_fields import RecordForm, field_for
from .form_values import shown
from .list_page import ListPage

bulk = Blueprint("bulk", __name__)
ACTIONS = ("change", "assign", "tag", "print", "submit", "cancel", "delete")


class BulkPage:
    """The chosen records (`n`, or with `all` everything that the list's filters find) and what may be done with them."""

    DATED: ClassVar[Mapping[str, str]] = {"date": "YYYY-MM-DD", "datetime": "YYYY-MM-DD HH:MM", "time": "HH:MM"}

    def __init__(self, site: Site, user: User, doctype: str, args: MultiDict[str, str], language: str) -> None:
        self._site = site
        self._user = user
        self._args = args
        self.language = language
        self.doctype = site.snapshot().record_type(doctype)
        self.most = MOST
        self.list = ListPage(site, user, doctype, args, language)

    @cached_property
    def rows(self) -> list[Record]:
        """The chosen records as far as the user may read them, at most `MOST` and one, in the order of the list."""
        extra = [self.item.fieldname] if self.item else []
        return self.list.chosen_rows(self._args.getlist("n") if "all" not in self._args else None, extra, MOST + 1)

    @cached_property
    def fields(self) -> list[DocField]:
        return changeable(self._site.snapshot().model, self._user, self.doctype)

    @cached_property
    def item(self) -> DocField | None:
        """The field that is to be changed."""
        return next((item for item in self.fields if item.fieldname == self._args.get("field")), None)

    @cached_property
    def form(self) -> RecordForm:
        """The editor of that field, empty or with what was sent."""
        fields = {self.item.fieldname: field_for(self.item, self.language)} if self.item else {}
        sent = any(name in self._args or f"{name}__shown" in self._args for name in fields)
        form: RecordForm = type("BulkForm", (RecordForm,), fields)(self._args if sent else None)
        return form

    @property
    def values(self) -> dict[str, Any]:
        """The field and the value that was sent for it."""
        return self.form.posted(set(self._args))

    @cached_property
    def actions(self) -> list[str]:
        """What the user may do with any of them; each record is judged by itself later."""
        permissions = Permissions(self._site.snapshot().model)
        needed = {"change": "write", "assign": "write", "tag": "write", "delete": "delete", "print": "print"} | (
            {"submit": "submit", "cancel": "cancel"} if self.doctype.is_submittable else {}
        )
        return [
            action
            for action in ACTIONS
            if action in needed and permissions.may(self._user, needed[action], self.doctype.name)
            and (action != "change" or self.fields)
        ]  # fmt: skip

    @property
    def print_formats(self) -> list[tuple[str, str]]:
        """Name and title of every designed format that prints several at once, the default first."""
        formats = self._site.printouts.formats(self.doctype.name)
        return [(item.name, item.title.to(self.language)) for item in formats if not item.workbook]

    @property
    def action(self) -> str:
        """What is asked for, or the first that may be."""
        asked = self._args.get("action", "")
        return asked if asked in self.actions else (self.actions[0] if self.actions else "")

    @property
    def choice(self) -> list[tuple[str, str]]:
        """What makes the choice, for the forms and addresses of the page."""
        return [(key, value) for key in ("n", "all", "f", "o", "v", "q", "match") for value in self._args.getlist(key)]

    def address(self, **changes: str) -> str:
        return f"/bulk/{quote(self.doctype.name, safe='')}?{urlencode([*self.choice, *changes.items()])}"

    @property
    def words(self) -> list[str]:
        """The tags that there are."""
        return self._site.tags.used(self._user, self.doctype.name)

    def value(self, row: Record) -> str:
        """What the record holds now in the field that is to be changed."""
        return shown(self.item, row.get(self.item.fieldname), self._site.zone, self.language, {}) if self.item else ""

    def title(self, row: Record) -> str:
        return self.doctype.title_of(row)


@bulk.get("/bulk/<doctype>")
@web.login_required
def choose(doctype: str) -> str:
    return _page(doctype, request.args)


@bulk.post("/bulk/<doctype>")
@web.login_required
def carry_out(doctype: str) -> str | tuple[str, int] | Response:
    """Do it; a script asks for JSON and sends the records portion by portion."""
    site, user, posted = web.services(), web.current_user(), request.form
    page = BulkPage(site, user, doctype, posted, web.language())
    names = posted.getlist("name") or [str(row["name"]) for row in page.rows]
    try:
        outcome = _carry_out(site, user, page, names)
    except ValidationFailed as error:
        if request.accept_mimetypes.best == "application/json":
            raise
        return _page(doctype, posted, error), error.status
    if request.accept_mimetypes.best == "application/json":
        return jsonify(outcome_json(outcome, web.language()))
    return render_template("desk/bulk_done.html", page=page, outcome=outcome, why=why)


@bulk.post("/bulk/<doctype>/print")
@web.login_required
def print_chosen(doctype: str) -> Response:
    """The chosen records in one PDF: few at once, many in the background."""
    site, user, posted = web.services(), web.current_user(), request.form
    page = BulkPage(site, user, doctype, posted, web.language())
    names = [str(row["name"]) for row in page.rows]
    language = language_of(posted.get("language", web.language()))
    asked: dict[str, Any] = {"format_name": posted.get("format"), "language": language, "origin": request.host_url}
    if len(names) <= FEW:
        return printed(site.printouts.batch(user, doctype, names, **asked))
    return redirect(f"/print-run/{site.print_runs.start(user, doctype, names, **asked)}", 303)


def _carry_out(site: Site, user: User, page: BulkPage, names: list[str]) -> BulkOutcome:
    action, doctype = request.form.get("action", ""), page.doctype.name
    if action == "change":
        if page.item is None:
            said = Text("请选择要更改的字段。", "Choose the field to change.")
            raise ValidationFailed(said, [Fault("field", said)])
        return site.bulk.change(user, doctype, names, page.values)
    if action == "cancel":
        reason = request.form.get("reason", "").strip()
        if not reason:
            said = Text("作废原因必填，会记入时间线。", "The reason is required; it is kept in the timeline.")
            raise ValidationFailed(said, [Fault("reason", said)])
        return site.bulk.cancel(user, doctype, names, reason)
    if action == "assign":
        person, note, due = (request.form.get(key, "") for key in ("person", "note", "due"))
        return site.assignments.assign_many(user, doctype, names, [person], note=note, due=due)
    if action == "tag":
        return site.tags.add_to_many(user, doctype, names, request.form.get("tag", ""))
    if action not in ("submit", "delete"):
        abort(400)
    return site.bulk.submit(user, doctype, names) if action == "submit" else site.bulk.delete(user, doctype, names)


def outcome_json(outcome: BulkOutcome, language: str) -> dict[str, Any]:
    """What became of each, for the script."""
    return {"done": outcome.done, "refused": [{"name": name, "why": why(error, language)} for name, error in outcome.refused]}


def why(error: GuijuError, language: str) -> str:
    """The reason in one line: the faults, or where there are none the sentence itself."""
    found = [fault.text.to(language) for fault in error.faults]
    return " ".join(found or [error.text.to(language)])


def _page(doctype: str, args: MultiDict[str, str], error: GuijuError | None = None) -> str:
    page = BulkPage(web.services(), web.current_user(), doctype, args, web.language())
    return render_template("desk/bulk.html", page=page, error=error)
