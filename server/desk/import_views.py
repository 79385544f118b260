"""Data imports at the desk: upload, columns, check, import, result; the history; templates and files of what was refused."""

from __future__ import annotations

from typing import Any, BinaryIO, cast

from flask import Blueprint, abort, jsonify, redirect, render_template, request
from werkzeug.wrappers import Response

from .. import web
from ..access.permissions import Permissions
from ..core.errors import Fault, GuijuError, PermissionRefused, ValidationFailed
from ..core.text import Text
from ..exchange.imports.faulty_file import write_faulty
from ..exchange.imports.template import MOST_OFFERED, write_template
from ..metadata.model import DOCTYPE
from .import_page import ImportPage
from .import_words import CHILD_ROWS, DELIMITERS, ENCODINGS, MODES, STATES

imports = Blueprint("imports", __name__)
TASKS = ("check", "run", "undo")


@imports.get("/data-import")
@web.login_required
def index(error: GuijuError | None = None) -> str:
    site, user = web.services(), web.current_user()
    offered = sorted(site.imports.offered(user), key=lambda item: item.label.to(web.language()))
    if not offered and not user.is_administrator:
        raise PermissionRefused(Text("您没有导入任何单据的权限。", "You may not import records of any kind."))
    labels = {item.name: item.label for item in site.snapshot().model}
    return render_template(
        "desk/imports.html", offered=offered, chosen=request.values.get("doctype", ""), found=site.imports.of(user), states=STATES,
        labels=labels, of=Text.of, error=error,
    )  # fmt: skip


@imports.post("/data-import")
@web.login_required
def create() -> Response | tuple[str, int]:
    sent = request.files.get("file")
    try:
        if sent is None or not sent.filename:
            said = Text("请选择要导入的文件。", "Choose the file to import.")
            raise ValidationFailed(said, [Fault("file", said)])
        number = web.services().imports.create(
            web.current_user(), request.form.get("doctype", ""), cast(BinaryIO, sent.stream), sent.filename
        )
    except GuijuError as error:
        return index(error), error.status
    return redirect(f"/data-import/{number}", 303)


@imports.get("/data-import/template/<path:doctype>")
@web.login_required
def template(doctype: str) -> Response:
    """The workbook to fill in, in the reader's language."""
    site, user, language = web.services(), web.current_user(), web.language()
    offered = site.imports.targets(user, doctype)
    found = site.snapshot().record_type(doctype)

    def offers(target: str) -> list[str]:
        if target == DOCTYPE or not Permissions(site.snapshot().model).may(user, "select", target):
            return []
        choices = site.queries.search_link(user, target, "", limit=MOST_OFFERED)
        titles = [choice.title for choice in choices]
        if len(choices) >= MOST_OFFERED:
            return []
        return titles if len(set(titles)) == len(titles) else [choice.value for choice in choices]

    title = Text(f"{found.label.zh} 导入模板", f"{found.label.en} import template").to(language)
    return web.xlsx_file(title, lambda file: write_template(file, found, offered, language, offers))


@imports.get("/data-import/<number>")
@web.login_required
def show(number: str, error: GuijuError | None = None) -> str:
    page = ImportPage(web.services(), web.current_user(), number, web.language(), request.args)
    return render_template(
        "desk/import.html", page=page, modes=MODES, child_rows=CHILD_ROWS, encodings=ENCODINGS, delimiters=DELIMITERS, error=error, of=Text.of
    )  # fmt: skip


@imports.post("/data-import/<number>")
@web.login_required
def act(number: str) -> Response | tuple[str, int]:
    """Set the options, begin a task, stop it, or take the import out of the list."""
    site, user, action = web.services(), web.current_user(), request.form.get("action", "")
    try:
        if action in ("read", "options", "check") and "mode" in request.form:
            site.imports.set_options(user, number, _options(is_read_again=action == "read"))
        elif action == "check" and "child_rows" in request.form:  # chosen where a check told what would be removed
            site.imports.set_options(user, number, {"child_rows": request.form["child_rows"]})
        if action in TASKS:
            site.imports.start(user, number, action)  # type: ignore[arg-type]
        elif action == "stop":
            site.imports.stop(user, number)
        elif action == "remove":
            site.imports.remove(user, number)
            return redirect("/data-import", 303)
        elif action not in ("read", "options"):
            abort(400)
    except ValidationFailed as error:
        return show(number, error), error.status
    return redirect(f"/data-import/{number}", 303)


def _options(*, is_read_again: bool) -> dict[str, Any]:
    """What the form says of the import; a form that asks to read the file again says nothing of its columns."""
    form = request.form
    options: dict[str, Any] = {
        "sheet": form.get("sheet", 0, type=int),
        "header": form.get("header", 1, type=int),
        "mode": form.get("mode", "insert"),
        "key": form.get("key", ""),
        "child_rows": form.get("child_rows", "replace"),
        "all_or_nothing": form.get("on_fault") != "skip",
        "submit": "submit" in form,
        "clears": "clears" in form,
        "units": [unit for unit in form.get("units", "").replace("，", " ").replace(",", " ").split() if unit],
    }
    if "encoding" in form:
        options |= {"encoding": form["encoding"], "delimiter": form.get("delimiter", ",")}
    return options if is_read_again else options | {"columns": form.getlist("column")}


@imports.get("/data-import/<number>/progress")
@web.login_required
def progress(number: str) -> Response:
    """How far it is, for the script of the page."""
    found = web.services().imports.get(web.current_user(), number)
    return jsonify(state=found.state, active=found.is_active, percent=found.percent, read=found.tally.get("read", 0))


@imports.get("/data-import/<number>/faulty.xlsx")
@web.login_required
def faulty(number: str) -> Response:
    """The rows that were not imported, the reason beside each."""
    site, user, language = web.services(), web.current_user(), web.language()
    found = site.imports.get(user, number)
    Permissions(site.snapshot().model).require(user, "import", found.doctype)
    rows = site.imports.staged(found).rows(found.options.sheet)
    title = Text(f"{found.filename.rpartition('.')[0]} 未导入的行", f"{found.filename.rpartition('.')[0]} not imported").to(
        language
    )
    heads = site.imports.heads(found)
    return web.xlsx_file(
        title, lambda file: write_faulty(file, title, heads, rows, site.imports.all_faulty(user, number), language)
    )
