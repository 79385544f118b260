"""Dashboards: which there are, one with its tiles, each tile by itself, and changing one by drag and drop.

A tile is asked for by the page when it is there; one that cannot be shown says so in its own place.
"""

from __future__ import annotations

import json
from contextlib import suppress
from typing import Any
from urllib.parse import parse_qsl, quote

import structlog
from flask import Blueprint, jsonify, render_template, request
from werkzeug.datastructures import MultiDict
from werkzeug.wrappers import Response

from .. import web
from ..access.user import SYSTEM_MANAGER
from ..core.errors import GuijuError, PermissionRefused
from ..core.text import Text
from ..documents.dashboards import DOCTYPE, OF_REPORTS, Tile
from ..documents.report_fields import reportable
from ..documents.reports import MOST_ROWS
from ..metadata.model import DocType
from ..web.errors import name_roles
from ..web.json import read_json
from .dashboard_words import WORDS
from .drawing_saves import refused_drawing, save_drawn
from .empty_state import no_dashboards
from .list_page import ListPage
from .presenting import role_titles
from .report_page import ReportPage, filters_text

dashboards = Blueprint("dashboards", __name__)
ROWS_OF_A_TILE = 8
FIELDS = ("kind", "report", "document_type", "address", "filters", "label_zh", "label_en", "width")
log = structlog.get_logger("guiju.dashboard")


@dashboards.get("/dashboards")
@web.login_required
def index() -> str:
    return render_template(
        "desk/dashboards.html", offered=web.services().dashboards.offered(web.current_user()), empty=no_dashboards()
    )


@dashboards.get("/dashboard/<path:name>")
@web.login_required
def show(name: str) -> str:
    """The page with places for its tiles; `?all=1` with the tiles in them, for browsers without scripts."""
    found = web.services().dashboards.dashboard(web.current_user(), name)
    inside = [_shown(tile) for tile in found.tiles] if "all" in request.args else []
    return render_template("desk/dashboard.html", dashboard=found, inside=inside)


@dashboards.get("/dashboard/<path:name>/tile/<int:number>")
@web.login_required
def tile(name: str, number: int) -> str:
    """What is inside the tile at that place."""
    tiles = web.services().dashboards.dashboard(web.current_user(), name).tiles
    return _shown(tiles[number]) if number < len(tiles) else ""


@dashboards.get("/dashboard/new")
@web.login_required
def new() -> str:
    return _editor("", {"title": "", "title_en": "", "tiles": []})


@dashboards.get("/dashboard/<path:name>/edit")
@web.login_required
def edit(name: str) -> str:
    """The canvas of a dashboard that one may change. Raises PermissionRefused."""
    return _editor(name, web.services().documents.load(web.current_user(), DOCTYPE, name))


@dashboards.post("/dashboard/tile")
@web.login_required
def drawn_tile() -> str:
    """A tile that is only being made."""
    raw = read_json(request.form.get("tile", "{}"), Text("图块", "The tile"))
    return _shown(_drawn(raw)) if isinstance(raw, dict) else ""


@dashboards.post("/dashboard/tile/filters")
@web.login_required
def filters_of_tile() -> str:
    """The inputs for what a tile filters by: those of its report's page, or the conditions of its list."""
    raw = read_json(request.form.get("tile", "{}"), Text("图块", "The tile"))
    tile = _drawn(raw if isinstance(raw, dict) else {})
    try:
        page = _counted(tile) if tile.kind == "Count" else _report(tile)
    except GuijuError as error:
        name_roles(error)
        return render_template("desk/dashboard_filters.html", lines=error.lines(web.language()))
    return render_template("desk/dashboard_filters.html", **{"listed" if isinstance(page, ListPage) else "page": page})


@dashboards.post("/dashboard/save")
@web.login_required
def save() -> tuple[Response, int] | Response:
    """Keep what was drawn, under the rights of who drew it."""
    try:
        values = json.loads(request.form.get("content", ""))
        name = request.form.get("name") or None
        kept: dict[str, Any] = {key: values[key] for key in ("title", "title_en", "shared_with") if key in values}
        kept["tiles"] = [_kept_row(row) for row in values["tiles"]]
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        said = Text(f"无法读取：{error}", f"This cannot be read: {error}")
        return jsonify(faults=[said.to(web.language())]), 417
    try:
        saved = save_drawn(DOCTYPE, kept, name)
    except GuijuError as error:
        return refused_drawing(error)
    return jsonify(url=f"/dashboard/{quote(saved.name)}")


# Tiles


def _shown(tile: Tile) -> str:
    """The inside of a tile, or why there is none; whatever happens to one concerns no other."""
    unseen = False
    try:
        return _inside(tile)
    except PermissionRefused as error:
        unseen = True
        if web.current_user().has_role(SYSTEM_MANAGER):  # arranges dashboards for others; their figures are not theirs
            return render_template("desk/dashboard_tile.html", tile=tile, title=_label(tile) or _subject(tile), for_others=True)
        name_roles(error)
        lines = error.lines(web.language())
    except GuijuError as error:
        name_roles(error)
        lines = error.lines(web.language())
    except Exception:
        log.exception("tile failed", kind=tile.kind, report=tile.report, doctype=tile.doctype)
        lines = [Text("这个图块未能显示。", "This tile could not be shown.").to(web.language())]
    return render_template(
        "desk/dashboard_tile.html", tile=tile, lines=lines, unseen=unseen, title=_label(tile) or _subject(tile)
    )


def _inside(tile: Tile) -> str:
    language = web.language()
    if tile.kind == "Shortcut":
        return render_template("desk/dashboard_tile.html", tile=tile, title=_label(tile), address=tile.address)
    if tile.kind == "Count":
        listed = _counted(tile)
        title = _label(tile) or listed.doctype.label.to(language)
        address = f"/list/{quote(tile.doctype, safe='')}{listed.address()}"
        return render_template("desk/dashboard_tile.html", tile=tile, title=title, count=listed.count, address=address)
    page = _report(tile)
    answer = page.answer
    if page.error is not None:
        raise page.error
    title = _label(tile) or page.title
    return render_template(
        "desk/dashboard_tile.html", tile=tile, title=title, page=page, answer=answer, rows=answer.rows[:ROWS_OF_A_TILE], address=page.address("")
    )  # fmt: skip


def _counted(tile: Tile) -> ListPage:
    args = MultiDict(parse_qsl(tile.filters, keep_blank_values=True))
    return ListPage(web.services(), web.current_user(), tile.doctype, args, web.language())


def _report(tile: Tile) -> ReportPage:
    site, user = web.services(), web.current_user()
    report = site.reports.report(user, tile.report)
    limit = ROWS_OF_A_TILE if tile.kind == "Table" and not report.is_grouped else MOST_ROWS
    return ReportPage.kept(site, user, report, tile.filters, web.language(), limit=limit)


def _label(tile: Tile) -> str:
    return tile.label.to(web.language()) if tile.label else ""


def _subject(tile: Tile) -> str:
    """What a tile without a label is about, also where its reader may not see it."""
    snapshot = web.services().snapshot()
    report, doctype = snapshot.reports.get(tile.report), snapshot.model.get(tile.doctype)
    found = report.title if report is not None else doctype.label if doctype is not None else None
    return found.to(web.language()) if found is not None else ""


def _drawn(raw: dict[str, Any]) -> Tile:
    given = {key: str(raw.get(key) or "") for key in FIELDS}
    label = Text(given["label_zh"] or given["label_en"], given["label_en"] or given["label_zh"])
    return Tile(
        given["kind"],
        given["report"],
        given["document_type"],
        given["address"],
        given["filters"],
        label or None,
        given["width"],
    )


def _kept_row(row: dict[str, Any]) -> dict[str, Any]:
    """A tile as it is kept: of its report's filters only what differs from the report's own."""
    kept = {field: row.get(field) or None for field in FIELDS}
    if kept["kind"] in OF_REPORTS and kept["filters"]:
        with suppress(GuijuError):  # a report that is gone: its tile says so, and stays as it was
            page = _report(_drawn(row))
            kept["filters"] = filters_text(page.report, page.asked) or None
    return kept


def _editor(name: str, record: dict[str, Any] | Any) -> str:
    site, user, language = web.services(), web.current_user(), web.language()
    model, is_admin = site.snapshot().model, user.is_administrator or user.has_role(SYSTEM_MANAGER)
    reports = [
        [item.name, item.title.to(language), item.chart is not None, item.indicator is not None]
        for item in (site.snapshot().reports.values() if is_admin else site.reports.offered(user))
    ]
    for saved in site.reports.saved(user):
        reports.append([saved.name, saved.title, True, True])
    readable: list[DocType] = [item for item in model if not item.istable] if is_admin else reportable(model, user)
    data = {
        "name": name,
        "version": record.get("version"),
        "title": record.get("title") or "",
        "title_en": record.get("title_en") or "",
        "tiles": [{field: row.get(field) or "" for field in FIELDS} for row in record.get("tiles") or ()],
        "reports": reports,
        "doctypes": [[item.name, item.label.to(language)] for item in readable],
        "shared": [str(row["role"]) for row in record.get("shared_with") or ()],
        "roles": sorted(
            ([role, title] for role, title in role_titles(model.roles).items() if role not in ("All", "Guest")),
            key=lambda item: item[1],
        ),
        "csrf": web.csrf_token(),
        "words": {key: text.to(language) for key, text in WORDS.items()},
    }
    return render_template("desk/dashboard_editor.html", name=name, data=data)
