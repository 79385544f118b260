"""`guiju import`: a file of rows into records, from the shell."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import click

from ..access.user import ADMINISTRATOR, User
from ..core.text import Text
from ..exchange.imports.book import DataImport
from ..exchange.imports.work import LEASE
from ..site import Site
from .console import SpokenCommand, SpokenOption, language, say, with_site

SHOWN = 20
IMPORT_ZH = """把表格文件 FILE（.xlsx、.xls、.et、.csv）导入为单据，与在浏览器中导入相同：同样的检查、规则、权限和审计。

以 --resume IMP-00001 继续中断的导入，以 --undo IMP-00001 撤销。有错而未导入时退出码为 1。"""


@click.command("import", cls=SpokenCommand, zh=IMPORT_ZH)
@click.argument("file", required=False, type=click.Path(path_type=Path, exists=True, dir_okay=False))
@click.option("--doctype", cls=SpokenOption, default="", help="The record type to make.", zh="要导入为哪种单据。")
@click.option(
    "--user",
    "login",
    cls=SpokenOption,
    default=ADMINISTRATOR,
    help="Whose rights count (default: Administrator).",
    zh="以谁的权限（默认 Administrator）。",
)
@click.option(
    "--mode",
    cls=SpokenOption,
    type=click.Choice(["insert", "update", "both"]),
    default="insert",
    help="Insert, update, or both by the key.",
    zh="新增、更新，或按键两者皆可。",
)
@click.option(
    "--key",
    cls=SpokenOption,
    default="",
    help="The field that records are found by: name, or a unique one.",
    zh="用来查找记录的字段：name 或唯一字段。",
)
@click.option(
    "--child-rows",
    cls=SpokenOption,
    type=click.Choice(["replace", "add", "keep"]),
    default="replace",
    help="What becomes of the child rows of a record that is changed.",
    zh="更新时原有的子表行：替换、加在后面、保留。",
)
@click.option(
    "--column",
    "columns",
    cls=SpokenOption,
    multiple=True,
    metavar="HEAD=FIELD",
    help="What a column is meant for; repeat it.",
    zh="某列对应的字段，可重复。",
)
@click.option(
    "--skip-faulty",
    is_flag=True,
    cls=SpokenOption,
    help="Leave faulty rows out instead of importing nothing.",
    zh="跳过有错的行，而不是都不导入。",
)
@click.option("--submit", is_flag=True, cls=SpokenOption, help="Submit the records after saving.", zh="保存后提交。")
@click.option("--dry-run", is_flag=True, cls=SpokenOption, help="Check everything, save nothing.", zh="只检查，不保存。")
@click.option(
    "--resume",
    cls=SpokenOption,
    default="",
    metavar="NUMBER",
    help="Go on with an import that broke off.",
    zh="继续中断的导入。",
)
@click.option("--undo", cls=SpokenOption, default="", metavar="NUMBER", help="Undo an import.", zh="撤销一次导入。")
@with_site
def import_(
    site: Site,
    file: Path | None,
    doctype: str,
    login: str,
    resume: str,
    undo: str,
    dry_run: bool,
    columns: tuple[str, ...],
    skip_faulty: bool,
    **options: Any,
) -> None:
    """Import the spreadsheet FILE (.xlsx, .xls, .et, .csv) as records: the checks, rules, rights and audit are those of the browser.

    --resume IMP-00001 goes on with an import that broke off, --undo IMP-00001 undoes one. Exit status 1 when faults kept it from being done.
    """  # fmt: skip
    user = site.user(login)
    if resume or undo:
        number, task = resume or undo, "run" if resume else "undo"
    else:
        if file is None or not doctype:
            said = Text("须给出文件 FILE 和 --doctype。", "Name the FILE and its --doctype.")
            raise click.UsageError(said.to(language()))
        with file.open("rb") as stream:
            number = site.imports.create(user, doctype, stream, file.name)
        _set(site, user, number, columns, options | {"all_or_nothing": not skip_faulty})
        task = "check" if dry_run else "run"
    if not (resume and site.imports.get(user, number).is_active):  # whose worker died is taken over when its lease has run out
        site.imports.start(user, number, task)  # type: ignore[arg-type]
    while site.imports.run_next(number):
        pass
    found = site.imports.get(user, number)
    if found.is_active:
        minutes = LEASE.total_seconds() / 60
        text = Text(
            f"{number} 由另一个进程持有；若它已终止，最多 {minutes:g} 分钟后可以继续。",
            f"Another process holds {number}; if it died, it can be gone on with in {minutes:g} minutes at most.",
        )
        raise click.ClickException(text.to(language()))
    _tell(site, user, found)
    if found.state not in ("done", "undone", "checked") or (found.tally.get("faulty") or found.tally.get("refused")):
        sys.exit(1)


def _set(site: Site, user: User, number: str, columns: tuple[str, ...], options: dict[str, Any]) -> None:
    """The options of the command; a column that is named replaces what was proposed for its head."""
    found = site.imports.get(user, number)
    heads, chosen = site.imports.heads(found), list(found.options.columns)
    for said in columns:
        head, _, key = said.rpartition("=")
        if head not in heads:
            known = ", ".join(filter(None, heads))
            text = Text(f"文件没有列“{head}”，有：{known}。", f'The file has no column "{head}"; it has: {known}.')
            raise click.UsageError(text.to(language()))
        chosen = ["" if other == key else other for other in chosen]
        chosen[heads.index(head)] = key
    key = options.pop("key") or found.options.key
    site.imports.set_options(user, number, options | {"key": key, "columns": chosen})


def _tell(site: Site, user: User, found: DataImport) -> None:
    tally = found.tally
    if found.error is not None:
        click.secho(found.error.to(language()), fg="red", err=True)
    if found.state == "checked":
        good, faulty = tally.get("good", 0), tally.get("faulty", 0)
        say(
            f"{found.id}：{good} 条没有问题，{faulty} 条有错；未保存任何内容。",
            f"{found.id}: {good} records without fault, {faulty} with; nothing was saved.",
        )
        if tally.get("lost"):
            say(
                f"会删去 {tally['losing']} 条记录中的 {tally['lost']} 行子表数据（--child-rows add 或 keep 保留它们）。",
                f"It removes {tally['lost']} child rows of {tally['losing']} records (--child-rows add or keep keeps them).",
                fg="yellow",
            )
    elif found.state == "refused":
        say(
            f"{found.id}：{tally.get('faulty', 0)} 条有错，未导入任何内容。",
            f"{found.id}: {tally.get('faulty', 0)} records have faults; nothing was imported.",
            fg="red",
        )
    elif found.state == "undone":
        say(
            f"{found.id}：已撤销 {tally.get('undone', 0)} 条，保留 {tally.get('kept', 0)} 条。",
            f"{found.id}: {tally.get('undone', 0)} undone, {tally.get('kept', 0)} kept.",
        )
    else:
        done = [tally.get(name, 0) for name in ("created", "changed", "unchanged", "refused")]
        say(
            f"{found.id}：新增 {done[0]}，更新 {done[1]}，无变化 {done[2]}，未导入 {done[3]}。",
            f"{found.id}: {done[0]} created, {done[1]} changed, {done[2]} unchanged, {done[3]} not imported.", fg="green" if found.state == "done" else "yellow",
        )  # fmt: skip
    heads = site.imports.heads(found)
    for row in site.imports.rows(user, found.id, limit=SHOWN):
        for fault in row.faults:
            column = heads[fault["column"]] if fault["column"] is not None and fault["column"] < len(heads) else ""
            click.echo(f"  {fault['row'] or row.number} {column}: {Text.of(fault['text']).to(language())}")
