"""`guiju rules simulate`: what a rule would have done to the records of a period."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Mapping
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import click

from ..access.user import User
from ..core.errors import Fault, MetadataInvalid
from ..core.text import Text
from ..documents.simulation.judging import Simulation
from ..documents.simulation.model import VERDICTS, Case, notes
from ..exchange.packs import read_packs
from ..exchange.simulation_csv import case_lines
from ..site import Site
from ..storage.types import dump_json
from .console import SpokenOption, language, say, with_site
from .tables import rules

SIMULATE_ZH = """以某一时期的记录试算规则：当时若有此规则，哪些保存会符合，会有什么后果。不作任何更改。

RULE 是生效规则的名称，或规则文件（草稿）；草稿还与生效的同名规则比较。按 Ctrl-C 中止，已判断的部分照样列出，退出码为 130。"""
SHOWN = 20


@rules.command("simulate", zh=SIMULATE_ZH)
@click.argument("rule")
@click.option(
    "--from", "first", cls=SpokenOption, type=click.DateTime(["%Y-%m-%d"]), help="The first day (a year ago).", zh="开始日（缺省为一年前）。"
)  # fmt: skip
@click.option(
    "--to", "last", cls=SpokenOption, type=click.DateTime(["%Y-%m-%d"]), help="The last day (today).", zh="结束日（缺省为今天）。"
)  # fmt: skip
@click.option("--json", "form", flag_value="json", cls=SpokenOption, help="Everything as JSON.", zh="全部以 JSON 输出。")
@click.option("--csv", "form", flag_value="csv", cls=SpokenOption, help="One line a case as CSV.", zh="逐条以 CSV 输出。")
@with_site
def simulate(site: Site, rule: str, first: datetime | None, last: datetime | None, form: str | None) -> None:
    """Judge the saves of a period by a rule, each as the record was then: how many match, which, and what would differ.

    RULE is the name of a rule in force, or a rule file (a draft), which is also compared with the rule in force of that name.
    Nothing is changed. Ctrl-C ends it; what was judged is shown all the same, with exit status 130.
    """
    today = site.clock.now().astimezone(site.zone).date()
    until = last.date() if last else today
    since = first.date() if first else until - timedelta(days=365)
    simulation = _opened(site, rule, since, until)
    cases = _progressing(simulation)
    if form == "csv":
        _print_csv(site, cases)
    elif form == "json":
        _print_json(simulation, cases)
    else:
        _print_words(site, simulation, cases, since, until)
    if simulation.is_stopped:
        say("已中止，结果不完整。", "Stopped; the result is not whole.", fg="yellow", err=True)
        sys.exit(130)


def _opened(site: Site, rule: str, first: date, last: date) -> Simulation:
    file = Path(rule)
    if file.suffix != ".json":
        return site.simulations.of_published(User.administrator(), rule, first, last)
    if not file.is_file():
        raise MetadataInvalid.of([Fault(rule, Text(f"没有文件 {rule}", f"there is no file {rule}"))])
    pack = read_packs([file])
    if pack.faults:
        raise MetadataInvalid.of(pack.faults)
    return site.simulations.of_draft(User.administrator(), pack.sources[0].raw, first, last)


def _progressing(simulation: Simulation) -> Iterator[Case]:
    """The cases, with progress on a terminal's standard error; Ctrl-C ends them."""
    shows = sys.stderr.isatty()
    try:
        for portion in simulation.cases():
            tally = simulation.tally
            if shows:
                click.echo(f"\r{tally.read} / {tally.total}  ", err=True, nl=False)
            yield from portion
    except KeyboardInterrupt:
        simulation.is_stopped = True
    if shows:
        click.echo("\r" + " " * 40 + "\r", err=True, nl=False)


def _print_csv(site: Site, cases: Iterator[Case]) -> None:
    for line in case_lines((case.to_json() for case in cases), language(), site.zone):
        click.echo(line, nl=False)


def _print_json(simulation: Simulation, cases: Iterator[Case]) -> None:
    """One JSON object, written as it comes: however many cases there are, none waits in memory."""
    click.echo('{"cases": [', nl=False)
    for number, case in enumerate(cases):
        click.echo(("," if number else "") + "\n" + dump_json(case.to_json()), nl=False)
    click.echo(f"\n], {dump_json(simulation.tally.to_json())[1:]}")


def _print_words(site: Site, simulation: Simulation, cases: Iterator[Case], first: date, last: date) -> None:
    rule = simulation.request.rule
    said = rule.title.to(language()) or rule.name
    say(f"规则“{said}”（{rule.name}），{first} 至 {last}", f"Rule “{said}” ({rule.name}), {first} to {last}", bold=True)
    for number, case in enumerate(cases):
        if number < SHOWN:
            at = case.at.astimezone(site.zone).strftime("%Y-%m-%d %H:%M")
            told = "; ".join(text.to(language()) for text in case.said)
            click.echo(f"  {case.name} v{case.version}  {at}  {VERDICTS[case.verdict].to(language())}  {told}".rstrip())
        elif number == SHOWN:
            say("  ……（全部请用 --csv 或 --json）", "  ... (all of them with --csv or --json)")
    _print_tally(site, simulation.tally.to_json())


def _print_tally(site: Site, tally: Mapping[str, Any]) -> None:
    say(
        f"判断了 {tally['judged']} 次保存，{tally['matched']} 次符合。",
        f"{tally['judged']} saves judged, {tally['matched']} matched.",
        fg="green",
    )
    for verdict, text in VERDICTS.items():
        if verdict != "none" and (number := tally["verdicts"].get(verdict)):
            click.echo(f"  {text.to(language())}: {number}")
    for kind, number in sorted(tally["consequences"].items()):
        click.echo(f"  {kind}: {number}")
    labels = {item.name: item.label for item in site.snapshot().model}
    for note in notes(tally, labels):
        click.secho(f"  {note.to(language())}", fg="yellow")
