"""Blocks pasted into a child table: read by the service, answered as the grid takes them."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, Response, jsonify, request

from .. import web
from ..core.errors import ValidationFailed
from ..core.text import Text
from ..documents.pasting import titles_wanted
from .form_values import browser_row

grids = Blueprint("grids", __name__)


@grids.post("/paste/<doctype>/<table>")
@web.login_required
def paste(doctype: str, table: str) -> Response:
    """`{"columns": [...], "cells": [[text, ...], ...]}` as rows of the grid, with titles and the cells that could not be read."""
    columns, cells = _block(request.get_json(silent=True))
    site, user, language = web.services(), web.current_user(), web.language()
    block = site.pasting.read(user, doctype, table, columns, cells)
    rows = [browser_row(block.child, row, site.zone) for row in block.rows]
    for row in rows:
        row.pop("name", None)
        row.pop("idx", None)
    titles = [
        [target, name, title]
        for target, names in titles_wanted(block).items()
        for name, title in site.queries.titles(user, target, names).items()
    ]
    faults = [[fault.row, fault.fieldname, fault.text.to(language)] for fault in block.faults]
    return jsonify(rows=rows, titles=titles, faults=faults)


def _block(body: Any) -> tuple[list[str], list[list[str]]]:
    """The names of the columns and the lines of texts; whatever else was sent is refused."""
    columns, cells = (body.get("columns"), body.get("cells")) if isinstance(body, dict) else (None, None)
    if not isinstance(columns, list) or not isinstance(cells, list) or not all(isinstance(line, list) for line in cells):
        raise ValidationFailed(Text("粘贴的内容不是表格。", "What was pasted is no table."))
    return [str(name) for name in columns], [[str(text) for text in line] for line in cells]
