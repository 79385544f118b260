"""Work calendars at a glance: a year of each as it is counted, and filling a year in. Editing them is a record's form."""

from __future__ import annotations

from calendar import Calendar as MonthDays
from dataclasses import dataclass
from datetime import date
from typing import Literal

from flask import flash, redirect, request, url_for
from flask_admin import expose
from werkzeug.wrappers import Response

from .. import web
from ..calendars.hours import Calendar
from ..calendars.record import FIRST_YEAR, LAST_YEAR
from ..core.errors import GuijuError
from ..documents.calendar_years import unannounced
from .access import Guarded, say
from .label import OPERATION, Label


@dataclass(frozen=True, slots=True)
class DayCell:
    """One day as the page draws it; `is_special` when it differs from the plain week."""

    day: date
    kind: Literal["work", "free"]
    is_special: bool
    title: str


class CalendarsView(Guarded):
    def __init__(self) -> None:
        super().__init__(
            name=Label("工作日历", "Work calendars"), endpoint="admin_calendars", url="/admin/calendars", category=OPERATION
        )

    @expose("/")
    def index(self) -> str | tuple[str, int]:
        """One calendar in one year: the site's default and this year where nothing is asked for."""
        site, reader = web.services(), web.current_user()
        known = site.calendar_years.calendars(reader)
        today = site.clock.now().astimezone(site.zone).date()
        year = min(max(request.args.get("year", today.year, type=int), FIRST_YEAR), LAST_YEAR - 1)
        name = request.args.get("calendar") or (known[0]["name"] if known else None)
        shown, error = None, None
        try:
            shown = site.calendar_years.calendar(reader, name)
        except GuijuError as refused:
            error = refused
        page = self.render(
            "guiju_admin/calendars.html", known=known, name=name, year=year, error=error, today=today,
            estimated=shown is not None and year not in shown.confirmed,
            months=[_month(shown, year, month) for month in range(1, 13)] if shown else [],
            years=(FIRST_YEAR, LAST_YEAR - 1),
        )  # fmt: skip
        return page if error is None else (page, error.status)

    @expose("/fill", methods=("POST",))
    def fill(self) -> Response:
        """Enter the days of a year into a calendar."""
        year, name = request.form.get("year", 0, type=int), request.form.get("calendar") or None
        try:
            filled = web.services().calendar_years.fill(web.current_user(), year, name)
        except GuijuError as refused:
            flash(" ".join(refused.lines(web.language())), "error")
            return redirect(url_for("admin_calendars.index", calendar=name))
        entered = say(f"{year} 年已填入 {filled.days} 天。", f"{filled.days} days of {year} entered.")
        flash(entered, "success")
        if not filled.is_announced:
            flash(unannounced(year).to(web.language()), "warning")
        return redirect(url_for("admin_calendars.index", calendar=filled.calendar, year=year))


def _month(calendar: Calendar, year: int, month: int) -> list[list[DayCell | None]]:
    """The weeks of a month, Monday first; None beside it."""
    weeks = MonthDays().monthdatescalendar(year, month)
    return [[_cell(calendar, day) if day.month == month else None for day in week] for week in weeks]


def _cell(calendar: Calendar, day: date) -> DayCell:
    special = calendar.special.get(day, ())
    hours = "、".join(f"{_clock(item.start.seconds)}–{_clock(item.end.seconds)}" for item in calendar.hours_of(day))
    title = " ".join(part for part in (*(item.name for item in special), hours) if part)
    return DayCell(day, "work" if hours else "free", bool(special), title)


def _clock(seconds: int) -> str:
    return f"{seconds // 3600:02d}:{seconds % 3600 // 60:02d}"
