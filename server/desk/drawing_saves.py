"""Saving what is drawn on a page of its own (a dashboard, a report): a record under the version that the page was opened with."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask import Response, jsonify, request

from .. import web
from ..core.errors import GuijuError, StaleVersion
from ..core.text import Text
from ..documents.save_path import Saved
from ..documents.stale import moved_on

AGAIN = Text(
    "您画的仍在本页。请在另一个标签页打开它比较；再按一次“保存”，就以您的为准。",
    'What you drew is still on this page. Open it in another tab and compare; "Save" once more puts yours over it.',
)


def save_drawn(doctype: str, values: Mapping[str, Any], name: str | None) -> Saved:
    """Keep it, new or over the record of this name. Raises StaleVersion where somebody else saved that meanwhile."""
    site, user = web.services(), web.current_user()
    version = request.form.get("version", None, int) if name else None
    if name and version is not None:
        current = site.documents.load(user, doctype, name)
        if current["version"] != version:
            raise moved_on(site.snapshot().doctype(doctype), current, AGAIN)
    return site.documents.save(user, doctype, values, name=name, version=version)


def refused_drawing(error: GuijuError) -> tuple[Response, int]:
    """Why it was not kept; the version now, where that is why: the page then saves over it when it is asked again."""
    version = error.current_version if isinstance(error, StaleVersion) else None
    return jsonify(faults=error.lines(web.language()), version=version), error.status
