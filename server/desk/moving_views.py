"""A card moved to another lane of a board, or to another day of a calendar."""

from __future__ import annotations

from datetime import date
from urllib.parse import quote

from flask import Blueprint, jsonify, redirect, request
from werkzeug.wrappers import Response

from .. import web
from ..core.errors import Fault, GuijuError, ValidationFailed
from ..core.text import Text
from ..web.errors import envelope
from .form_views import refused_page

moves = Blueprint("moves", __name__)


@moves.post("/move/<doctype>/<path:name>")
@web.login_required
def move(doctype: str, name: str) -> Response | tuple[str | Response, int]:
    """Give `by` the choice or the day `to`. A script is told in JSON; without one the record's page says what was refused."""
    site, user, form = web.services(), web.current_user(), request.form
    by, to, version = form.get("by", ""), form.get("to", ""), form.get("version", None, int)
    is_json = request.accept_mimetypes.best == "application/json"
    if form.get("unasked") and not site.inbox.to_sign_before(user, doctype, name, to):
        return jsonify(ask=True), 409  # who signs for it with a password is not asked whether they mean it
    try:
        if form.get("kind") == "day":
            saved = site.moving.to_day(user, doctype, name, by, _day(to), form.get("end", ""), version=version)
        else:
            comment = form.get("comment") or None
            saved = site.moving.to_choice(user, doctype, name, by, to, version=version, comment=comment)
    except GuijuError as error:
        if is_json and (address := _signing(doctype, name, to, error)):
            return jsonify(**envelope(error), sign=address), error.status
        if is_json:
            raise
        return refused_page(doctype, name, error)
    if is_json:
        return jsonify(ok=True, version=saved.record["version"])
    return redirect(f"/list/{quote(doctype, safe='')}?{form.get('back', '')}", 303)


def _signing(doctype: str, name: str, to: str, error: GuijuError) -> str | None:
    """Where the mover gives the signature that a move to `to` waits for; a rule may ask for others, before other steps."""
    rules = {fault.rule for fault in error.faults if fault.rule}
    owed = web.services().inbox.to_sign_before(web.current_user(), doctype, name, to) if rules else []
    mine = next((item.obligation for item in owed if item.obligation.rule in rules), None)
    if mine is None:
        return None
    return f"/sign/{quote(doctype, safe='')}/{quote(name, safe='')}?obligation={quote(mine.id)}"


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        said = Text(f"“{text}”不是日期。", f'"{text}" is not a date.')
        raise ValidationFailed(said, [Fault("to", said)]) from None
