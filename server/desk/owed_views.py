"""What is owed, beside the inbox: stopping and starting a clock, and how obligations were kept in a period."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from datetime import date, timedelta

from flask import Blueprint, redirect, render_template, request
from werkzeug.wrappers import Response

from .. import web
from ..core.errors import GuijuError
from ..core.text import Text
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
