"""`guiju.import.*`: data imports by program. A file is sent as the form field `file`; each later step names the import it answers."""

from __future__ import annotations

from typing import Any, BinaryIO, cast

from flask import request

from .. import web
from ..core.errors import ValidationFailed
from ..core.text import Text
from ..exchange.imports.book import DataImport, LoggedRow, Options, Task
from .arguments import Arguments, refuse
from .methods import WRITING, method

TASKS: tuple[Task, ...] = ("check", "run", "undo")
MOST_ROWS = 1000


@method("guiju.import.create", WRITING)
def create(arguments: Arguments) -> dict[str, Any]:
    """Take in the form field `file` as records of `doctype`; answers the import with the columns as they seem to be meant."""
    sent = request.files.get("file")
    if sent is None or not sent.filename:
        raise ValidationFailed(Text("没有文件：表单字段 file 必填。", "No file: the form field file is required."))
    site, user = web.services(), web.current_user()
    number = site.imports.create(user, arguments.required("doctype"), cast(BinaryIO, sent.stream), sent.filename)
    return _import_json(site.imports.get(user, number))


@method("guiju.import.list")
def listed(arguments: Arguments) -> list[dict[str, Any]]:
    """One's imports, the newest first; of one `doctype`, if given."""
    found = web.services().imports.of(web.current_user(), arguments.text("doctype") or None)
    return [_import_json(item) for item in found]


@method("guiju.import.get")
def get(arguments: Arguments) -> dict[str, Any]:
    """How the import `name` stands, with the heads of its columns."""
    site = web.services()
    found = site.imports.get(web.current_user(), arguments.required("name"))
    return _import_json(found) | {"heads": site.imports.heads(found)}


@method("guiju.import.set", WRITING)
def set_options(arguments: Arguments) -> dict[str, Any]:
    """Change `options` (an object): `columns`, `mode`, `key`, `all_or_nothing`, `submit`, `clears`, `units`, `sheet`, `header`."""
    given = arguments.structure("options")
    if not isinstance(given, dict):
        raise refuse("options", "应为对象。", "expected an object.")
    usual = Options().to_json()
    for name, value in given.items():
        if name not in usual or type(value) is not type(usual[name]):
            kind = type(usual[name]).__name__ if name in usual else ""
            raise refuse(
                f"options.{name[:40]}",
                f"没有此选项，或类型应为 {kind}。",
                f"there is no such option, or it should be a {kind}.",
            )
        if isinstance(value, list) and not all(isinstance(item, str) for item in value):
            raise refuse(f"options.{name}", "应为文本列表。", "expected a list of texts.")
    return _import_json(web.services().imports.set_options(web.current_user(), arguments.required("name"), given))


@method("guiju.import.start", WRITING)
def start(arguments: Arguments) -> dict[str, Any]:
    """Put a `task` in the queue: check, run (also to go on), undo. It is worked on in the background."""
    site, user, number = web.services(), web.current_user(), arguments.required("name")
    task = arguments.required("task")
    if task not in TASKS:
        raise refuse("task", f"应为 {'、'.join(TASKS)} 之一。", f"expected one of {', '.join(TASKS)}.")
    site.imports.start(user, number, task)
    return _import_json(site.imports.get(user, number))


@method("guiju.import.stop", WRITING)
def stop(arguments: Arguments) -> None:
    """End what is being done; what was saved stays."""
    web.services().imports.stop(web.current_user(), arguments.required("name"))


@method("guiju.import.rows")
def rows(arguments: Arguments) -> list[dict[str, Any]]:
    """Records with faults, or (`saved`) those that were saved, after row `after`, at most `limit`."""
    site, user, language = web.services(), web.current_user(), web.language()
    found = site.imports.rows(
        user, arguments.required("name"), after=arguments.number("after", 0),
        limit=min(arguments.number("limit", 100) or 100, MOST_ROWS), of_faults=not arguments.flag("saved", default=False),
    )  # fmt: skip
    return [_row_json(row, language) for row in found]


def _import_json(found: DataImport) -> dict[str, Any]:
    return {
        "name": found.id, "owner": found.by, "doctype": found.doctype, "filename": found.filename, "state": found.state, "task": found.task,
        "active": found.is_active, "percent": found.percent, "options": found.options.to_json(), "tally": dict(found.tally),
        "error": found.error.to(web.language()) if found.error else None,
    }  # fmt: skip


def _row_json(row: LoggedRow, language: str) -> dict[str, Any]:
    faults = [{**fault, "text": Text.of(fault["text"]).to(language)} for fault in row.faults]
    return {"row": row.number, "last": row.last, "state": row.state, "name": row.name, "faults": faults}
