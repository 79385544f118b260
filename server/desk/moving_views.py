"""A card moved to another lane of a board, or to another day of a calendar."""

from __future__ import annotations

from datetime import date
from urllib.parse import quote

from flask import Blueprint, jsonify, redirect, request
from werkzeug.wrappers import Response

from .. import web
from ..core.errors import Fault, GuijuError, ValidationFailed
from ..core.text import Text
from .form_views import refused_page

moves = Blueprint("moves", __name__)


@moves.post("/move/<doctype>/<path:name>")
@web.login_required
def move(doctype: str, name: str) -> Response | tuple[str, int]:
    """Give `by` the choice or the day `to`. A script is told in JSON; without one the record's page says what was refused."""
    site, user, form = web.services(), web.current_user(), request.form
    by, to = form.get("by", ""), form.get("to", "")
    is_json = request.accept_mimetypes.best == "application/json"
    try:
        if form.get("kind") == "day":
            site.moving.to_day(user, doctype, name, by, _day(to), form.get("end", ""))
        else:
            site.moving.to_choice(user, doctype, name, by, to)
    except GuijuError as error:
        if is_json:
            raise
        return refused_page(doctype, name, error)
    if is_json:
        return jsonify(ok=True)
    return redirect(f"/list/{quote(doctype, safe='')}?{form.get('back', '')}", 303)


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        said = Text(f"“{text}”不是日期。", f'"{text}" is not a date.')
        raise ValidationFailed(said, [Fault("to", said)]) from None
