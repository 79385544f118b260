"""Tours with pointers: their steps for the script that shows them (`tour.js`), and whether they were taken."""

from __future__ import annotations

from flask import Blueprint, abort, jsonify, redirect
from werkzeug.wrappers import Response

from .. import web
from ..web.errors import wants_json
from .tour_words import TOUR_TEXTS, TOURS

tours = Blueprint("tours", __name__)


@tours.get("/tour/<name>")
@web.login_required
def steps(name: str) -> Response:
    if name not in TOURS:
        abort(404)
    language = web.language()
    found = [{"at": step.at, "title": step.title.to(language), "text": step.text.to(language)} for step in TOURS[name]]
    return jsonify(steps=found, words=tour_texts(), csrf=web.csrf_token())


@tours.post("/tour/<name>")
@web.login_required
def remember(name: str) -> Response:
    """Taken to its end, left, or declined: it is not offered again."""
    if name not in TOURS:
        abort(404)
    web.services().tours.remember(web.current_user(), name)
    return jsonify(ok=True) if wants_json() else redirect("/", 303)


def tour_texts() -> dict[str, str]:
    return {name: text.to(web.language()) for name, text in TOUR_TEXTS.items()}
