"""`guiju calendar list, seed`: work calendars and the public holidays of a year."""

from __future__ import annotations

import click

from ..access.user import ADMINISTRATOR
from ..documents.calendar_years import unannounced
from ..site import Site
from .console import SpokenGroup, SpokenOption, WholeNumber, language, say, with_site


@click.group(cls=SpokenGroup, zh="工作日历：上班时间、节假日与调休上班日。")
def calendar() -> None:
    """Work calendars: working hours, public holidays and make-up workdays."""


@calendar.command("list", zh="列出工作日历，* 为站点默认。")
@with_site
def calendar_list(site: Site) -> None:
    """List the work calendars; * marks the default of the site."""
    for row in site.calendar_years.calendars(site.user(ADMINISTRATOR)):
        click.echo(f"{'*' if row['is_default'] else ' '} {row['name']:<20} {row['title']}")


@calendar.command("seed", zh="把 YEAR 年的节假日与调休上班日填入日历；尚未公布的年份按预计填。")
@click.argument("year", type=WholeNumber(2000, 2059))
@click.option(
    "--calendar",
    "name",
    cls=SpokenOption,
    default=None,
    help="The calendar (default: the site's).",
    zh="日历（默认：站点默认）。",
)
@with_site
def calendar_seed(site: Site, year: int, name: str | None) -> None:
    """Enter the public holidays and make-up workdays of YEAR; a year that is not announced yet as estimated."""
    filled = site.calendar_years.fill(site.user(ADMINISTRATOR), year, name)
    say(
        f"日历 {filled.calendar}：{year} 年已填入 {filled.days} 天。",
        f"Calendar {filled.calendar}: {filled.days} days of {year} entered.",
        fg="green",
    )
    if not filled.is_announced:
        click.secho(unannounced(year).to(language()), fg="yellow")
