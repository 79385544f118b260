"""What is owed, beside the inbox: a month of it, stopping and starting a clock, how obligations were kept in a period."""

from __future__ import annotations

import csv
import io
from calendar import Calendar
from collections.abc import Iterator
from datetime import date, timedelta

from flask import Blueprint, redirect, render_template, request
from werkzeug.wrappers import Response

from .. import web
from ..core.errors import GuijuError
from ..core.text import Text
from ..documents.inbox import InboxItem
from ..documents.owed_statistics import OUTCOMES, Statistics
from ..web.csv_file import csv_file
from .inbox_page import InboxPage
from .phrases import t

owed = Blueprint("owed", __name__)
USUAL_SPAN = timedelta(days=365)


@owed.post("/owed/<obligation>")
@web.login_required
def wait(obligation: str) -> Response | tuple[str, int]:
    """Stop the clock of an obligation with a reason, or let it go on."""
    site, user = web.services(), web.current_user()
    try:
        if request.form.get("action") == "resume":
            site.due.resume(user, obligation)
        else:
            site.due.pause(user, obligation, request.form.get("reason", ""))
    except GuijuError as refused:
        page = InboxPage(site, user, "open", web.language())
        said = " ".join(refused.lines(web.language()))
        return render_template("desk/inbox.html", page=page, error=None, at="", notice=said), refused.status
    return redirect("/inbox", 303)


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
    """What the reader owes in a month, day by day."""
    site = web.services()
    today = site.clock.now().astimezone(site.zone).date()
    first = _month(request.args.get("month", ""), today)
    page = InboxPage(site, web.current_user(), "open", web.language(), request.args)
    by_day: dict[date, list[InboxItem]] = {}
    for item in page.chosen:
        if item.obligation.due_at is not None:
            by_day.setdefault(item.obligation.due_at.astimezone(site.zone).date(), []).append(item)
    return render_template(
        "desk/owed_calendar.html", first=first, today=today, by_day=by_day, weeks=Calendar().monthdatescalendar(first.year, first.month),
        before=first - timedelta(days=1), after=first + timedelta(days=31),
    )  # fmt: skip


def _month(text: str, otherwise: date) -> date:
    """The first day of a month written as 2026-03; this month for anything else."""
    try:
        return date.fromisoformat(f"{text}-01") if 2000 <= int(text[:4]) <= 2100 else otherwise.replace(day=1)
    except ValueError:
        return otherwise.replace(day=1)


def _day(name: str, otherwise: date) -> date:
    try:
        return date.fromisoformat(request.args.get(name, ""))
    except ValueError:
        return otherwise


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
