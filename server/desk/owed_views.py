"""What is owed, beside deciding it: what one does about one or many obligations, a month of them, how they were kept in a period."""

from __future__ import annotations

import csv
import io
from calendar import Calendar
from collections.abc import Iterator, Mapping
from datetime import date, datetime, time, timedelta

from flask import Blueprint, abort, jsonify, redirect, render_template, request
from werkzeug.wrappers import Response

from .. import web
from ..calendars.deadline import END_OF_DAY
from ..core.errors import GuijuError, ValidationFailed
from ..core.text import Text
from ..documents.inbox_items import InboxItem
from ..documents.owed_bulk import BULK_ACTS, OwedBulkAct
from ..documents.owed_statistics import OUTCOMES, Statistics
from ..metadata.fieldtypes.times import iso_text
from ..web.csv_file import csv_file
from .bulk_views import outcome_json
from .form_views import form_url, refused_page
from .inbox_page import InboxPage, OwedBulkPage
from .phrases import t
from .presenting import due_day

owed = Blueprint("owed", __name__)
USUAL_SPAN = timedelta(days=365)


@owed.post("/owed/<obligation>")
@web.login_required
def act(obligation: str) -> Response | tuple[str, int]:
    """Do something about one obligation, from the inbox or (`back=record`) from its record's page."""
    site, user, posted = web.services(), web.current_user(), request.form
    action, reason, person = asked_act(posted), posted.get("reason", ""), posted.get("person", "")
    about = site.inbox.owed(user, obligation)
    try:
        site.owed_bulk.one(user, action, obligation, reason=reason, person=person)
    except GuijuError as refused:
        if posted.get("back") == "record":
            return refused_page(about.doctype, about.name, refused)
        page = InboxPage(site, user, "open", web.language())
        said = " ".join(refused.lines(web.language()))
        return render_template("desk/inbox.html", page=page, error=None, at="", notice=said), refused.status
    return redirect(form_url(about.doctype, about.name) if posted.get("back") == "record" else "/inbox", 303)


@owed.get("/owed/bulk")
@web.login_required
def choose() -> str:
    """The obligations that were ticked in the inbox, and what may be done about them."""
    page = OwedBulkPage(web.services(), web.current_user(), request.args, web.language())
    return render_template("desk/owed_bulk.html", page=page, typed={}, error=None, outcome=None, did="")


@owed.post("/owed/bulk")
@web.login_required
def carry_out() -> Response | str | tuple[str, int]:
    """Do it; a script asks for JSON and sends them portion by portion."""
    site, user, posted = web.services(), web.current_user(), request.form
    ids = posted.getlist("name") or posted.getlist("n")
    seen = {key.removeprefix("seen-"): value for key, value in posted.items() if key.startswith("seen-")}
    action = asked_act(posted)
    try:
        outcome = site.owed_bulk.do(
            user, action, ids, reason=posted.get("reason", ""), person=posted.get("person", ""), seen=seen
        )
    except ValidationFailed as error:
        if request.accept_mimetypes.best == "application/json":
            raise
        page = OwedBulkPage(site, user, posted, web.language())
        return render_template("desk/owed_bulk.html", page=page, typed=posted, error=error, outcome=None, did=""), error.status
    if request.accept_mimetypes.best == "application/json":
        return jsonify(outcome_json(outcome, web.language()))
    page = OwedBulkPage(site, user, posted, web.language())
    return render_template("desk/owed_bulk.html", page=page, typed={}, error=None, outcome=outcome, did=action)


def asked_act(posted: Mapping[str, str]) -> OwedBulkAct:
    """What the pressed button says is to be done."""
    found = next((act for act in BULK_ACTS if act == posted.get("action")), None)
    return found if found is not None else abort(400)


@owed.get("/owed/statistics")
@web.login_required
def statistics() -> str | Response:
    """Met, late, waived: by rule, by whom, by month; the same numbers as a file with `as=csv`."""
    site = web.services()
    today = site.clock.now().astimezone(site.zone).date()
    until = _day("until", today)
    found = site.owed_statistics.of(web.current_user(), min(_day("since", until - USUAL_SPAN), until), until)
    if request.args.get("as") == "csv":
        return csv_file(t("owed.statistics"), _lines(found, web.language()))
    return render_template("desk/owed_statistics.html", found=found, outcomes=OUTCOMES)


@owed.get("/owed/calendar")
@web.login_required
def month() -> str:
    """What is due in a month, day by day: the reader's own, or (`of`) that of people whom they answer for."""
    site, user, whose = web.services(), web.current_user(), request.args.get("of", "")
    today = site.clock.now().astimezone(site.zone).date()
    first = _month(request.args.get("month", ""), today)
    weeks = Calendar().monthdatescalendar(first.year, first.month)
    start, end = (datetime.combine(day, time(), site.zone) for day in (weeks[0][0], weeks[-1][-1] + timedelta(days=1)))
    due = site.owed_month.due(user, whose, start + END_OF_DAY, end + END_OF_DAY)
    by_day: dict[date, list[InboxItem]] = {}
    for item, due_at in due.items:
        by_day.setdefault(due_day(due_at), []).append(item)
    return render_template(
        "desk/owed_calendar.html", first=first, today=today, by_day=by_day, weeks=weeks, before=first - timedelta(days=1),
        after=first + timedelta(days=31), whose=whose, choices=site.owed_month.choices(user), is_cut=due.is_cut,
    )  # fmt: skip


def _month(text: str, otherwise: date) -> date:
    """The first day of a month written as 2026-03; this month for anything else."""
    try:
        return date.fromisoformat(f"{text}-01") if 2000 <= int(text[:4]) <= 2100 else otherwise.replace(day=1)
    except ValueError:
        return otherwise.replace(day=1)


def _day(name: str, otherwise: date) -> date:
    """The day of that name in the address; another one for what is none, or lies outside the years that anything is due in."""
    try:
        found = date.fromisoformat(iso_text(request.args.get(name, "")))
    except ValueError:
        return otherwise
    return found if 2000 <= found.year <= 2100 else otherwise


def _lines(found: Statistics, language: str) -> Iterator[str]:
    """With a mark of its encoding, which Excel needs."""
    heads = [
        Text("分组", "Group"),
        Text("名称", "Name"),
        *OUTCOMES.values(),
        Text("合计", "Total"),
        Text("按时率 %", "In time %"),
    ]
    yield "\ufeff" + _line([head.to(language) for head in heads])
    for group, tallies in (("by_rule", found.by_rule), ("by_whom", found.by_whom), ("by_month", found.by_month)):
        for one in tallies:
            numbers = [str(one.numbers[outcome]) for outcome in OUTCOMES]
            kept = "" if one.kept_percent is None else str(one.kept_percent)
            yield _line([t(f"owed.{group}"), one.title.to(language), *numbers, str(one.total), kept])


def _line(cells: list[str]) -> str:
    """One line; what a spreadsheet would take for a formula is a text."""
    line = io.StringIO()
    csv.writer(line).writerow([f"'{cell}" if cell[:1] in ("=", "+", "-", "@") else cell for cell in cells])
    return line.getvalue()
