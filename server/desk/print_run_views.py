"""Prints of many records: how far one is, why it was refused, the PDF, and those of the last days."""

from __future__ import annotations

from urllib.parse import quote

from flask import Blueprint, abort, jsonify, redirect, render_template, request, send_file
from werkzeug.wrappers import Response

from .. import web
from ..core.text import Text
from ..documents.print_runs import PrintRun, refusal
from ..documents.printouts import PDF

print_runs = Blueprint("print_runs", __name__)

STATES: dict[str, tuple[Text, str]] = {
    "waiting": (Text("排队中", "waiting"), "blue"),
    "running": (Text("正在打印", "printing"), "blue"),
    "stopping": (Text("正在停止", "stopping"), "orange"),
    "done": (Text("已打印", "printed"), "green"),
    "refused": (Text("未打印", "refused"), "red"),
    "stopped": (Text("已停止", "stopped"), "orange"),
    "failed": (Text("中断", "broken off"), "red"),
}


@print_runs.get("/print-run")
@web.login_required
def index() -> str:
    """One's own prints of the last days."""
    site = web.services()
    labels = {item.name: item.label for item in site.snapshot().model}
    found = site.print_runs.of(web.current_user())
    return render_template("desk/print_runs.html", found=found, labels=labels, states=STATES)


@print_runs.get("/print-run/<run_id>")
@web.login_required
def show(run_id: str) -> str:
    site = web.services()
    run = site.print_runs.get(web.current_user(), run_id)
    label = site.snapshot().doctype(run.doctype).label
    return render_template("desk/print_run.html", run=run, label=label, state=STATES[run.state], refusal=refusal(run))


@print_runs.get("/print-run/<run_id>/progress")
@web.login_required
def progress(run_id: str) -> Response:
    """How far it is, for the script of the page."""
    run = web.services().print_runs.get(web.current_user(), run_id)
    return jsonify(active=run.is_active, percent=run.percent)


@print_runs.get("/print-run/<run_id>/file")
@web.login_required
def file(run_id: str) -> Response:
    """The PDF, opened in the browser."""
    site, user = web.services(), web.current_user()
    path, run = site.print_runs.file(user, run_id), site.print_runs.get(user, run_id)
    answer = send_file(path, mimetype=PDF, max_age=0)
    answer.headers["Content-Disposition"] = f"inline; filename*=UTF-8''{quote(run.filename, safe='')}"
    return answer


@print_runs.post("/print-run/<run_id>")
@web.login_required
def act(run_id: str) -> Response:
    """Stop it, print again, or print those that can be."""
    site, user, action = web.services(), web.current_user(), request.form.get("action", "")
    run = site.print_runs.get(user, run_id)
    if action == "stop":
        site.print_runs.stop(user, run_id)
    elif action in ("again", "others"):
        run_id = _again(run, run.printable if action == "others" else list(run.names))
    else:
        abort(400)
    return redirect(f"/print-run/{run_id}", 303)


def _again(run: PrintRun, names: list[str]) -> str:
    return web.services().print_runs.start(
        web.current_user(), run.doctype, names, format_name=run.format, language=run.language, origin=run.origin
    )
