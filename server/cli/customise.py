"""`guiju customise list, export, apply, take-back`: what the site changed of shipped metadata."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import click

from ..access.user import ADMINISTRATOR
from ..core.errors import Fault, MetadataInvalid
from ..core.text import Text
from ..exchange.customisation_files import propose_application, to_file
from ..exchange.customisations import CONFLICT_TEXTS, Customisation
from ..exchange.packs import FOLDERS, piece_title
from ..metadata.load import dump_text
from ..site import Site
from .console import SpokenGroup, SpokenOption, language, say, stop, with_site
from .plans import DESPITE_OPTION, say_only_plan, show_proposal

PLAN_OPTION = click.option(
    "--plan", "plan_only", cls=SpokenOption, is_flag=True, help="Only show what would be done.", zh="只显示将做什么。"
)
NOTHING = Text("站点没有定制。", "The site has no customisations.")


@click.group(cls=SpokenGroup, zh="定制：站点对内容包所作的修改。")
def customise() -> None:
    """What the site changed of shipped metadata."""


@customise.command("list", zh="列出站点的定制；内容包也改动过的地方标为冲突。")
@with_site
def list_customisations(site: Site) -> None:
    """List the site's customisations; places that a pack changed as well are marked."""
    found = site.customisations.all()
    for item in found:
        _show(item)
    if not found:
        click.echo(NOTHING.to(language()))


def _show(item: Customisation) -> None:
    click.secho(piece_title(item.kind, item.name).to(language()), bold=True)
    for standing in item.changes:
        change = standing.change
        values = f"{_short(change.shipped)} → {_short(change.ours)}"
        click.echo(f"  {change.describe().to(language())}  {values}  ({standing.by})")
        if standing.conflict:
            click.secho(f"    {CONFLICT_TEXTS[standing.conflict].to(language())}", fg="yellow")


def _short(value: Any) -> str:
    if value is None:
        return "–"
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
    return text if len(text) <= 60 else text[:57] + "…"


@customise.command("export", zh="把站点的全部定制写到一个 JSON 文件，供 git 或其他站点使用。")
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False))
@with_site
def export(site: Site, file: Path) -> None:
    """Write all customisations to a JSON FILE, for git or another site."""
    found = site.customisations.all()
    if not found:
        stop(NOTHING, 1)
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(dump_text(to_file(found)), "utf-8")
    count = sum(len(item.changes) for item in found)
    say(
        f"已把 {len(found)} 项内容的 {count} 处定制写到 {file}。",
        f"Wrote {count} customisations of {len(found)} pieces to {file}.",
        fg="green",
    )


@customise.command("apply", zh="把 FILES 中的定制用于本站（本产品或 Frappe 导出的文件）；有冲突时逐处列出，不作任何更改。")
@click.argument("files", nargs=-1, required=True, type=click.Path(path_type=Path, exists=True, dir_okay=False))
@PLAN_OPTION
@click.option(
    "--skip-conflicts",
    cls=SpokenOption,
    is_flag=True,
    help="Apply what fits; leave the places in conflict as they are here.",
    zh="只用合适的部分；冲突之处保持本站原样。",
)
@DESPITE_OPTION
@with_site
def apply(site: Site, files: tuple[Path, ...], plan_only: bool, skip_conflicts: bool, reason: str) -> None:
    """Put the customisations of FILES (ours, or Frappe's exports) on this site. Conflicts are named, and nothing is changed."""
    given = [(str(file), _read(file)) for file in files]
    found = propose_application(site.publisher, given, skip_conflicts=skip_conflicts)
    for item in found.pieces:
        for change in item.changes:
            click.echo(f"  {item.name}: {change.describe().to(language())}  {_short(change.shipped)} → {_short(change.ours)}")
    show_proposal(found.proposal, notes=found.notes)
    if found.is_empty:
        say("全部定制本站已有，没有变化。", "Everything is here already; nothing to do.")
    elif plan_only:
        say_only_plan()
    else:
        version = site.publisher.publish(found.proposal, by=ADMINISTRATOR, origin="site", reason=reason)
        say(f"已发布，元数据版本 {version}。", f"Published; metadata version {version}.", fg="green")


def _read(file: Path) -> Any:
    try:
        return json.loads(file.read_text("utf-8"))
    except (ValueError, RecursionError) as error:
        said = Text(f"{file}：不是有效的 JSON：{error}", f"{file}: is not valid JSON: {error}")
        raise MetadataInvalid.of([Fault(str(file), said)]) from None


@customise.command("take-back", zh="撤回对 NAME 的定制，恢复出厂内容；PLACES 为其中几处，不写则为全部。")
@click.argument("name")
@click.argument("places", nargs=-1)
@click.option(
    "--kind",
    cls=SpokenOption,
    type=click.Choice(list(FOLDERS.values())),
    default="DocType",
    show_default=True,
    help="What it is.",
    zh="种类。",
)
@PLAN_OPTION
@DESPITE_OPTION
@with_site
def take_back(site: Site, name: str, places: tuple[str, ...], kind: str, plan_only: bool, reason: str) -> None:
    """Give NAME its shipped values again, at PLACES such as fields.customer.reqd; without them everywhere."""
    found = site.customisations.of(kind, name)
    keys = [one.key for one in found.changes if one.spelled in places] if found and places else None
    proposal = site.customisations.propose_taking_back(kind, name, keys)
    show_proposal(proposal)
    if plan_only:
        say_only_plan()
        return
    version = site.publisher.publish(proposal, by=ADMINISTRATOR, origin="site", reason=reason)
    say(f"已撤回，元数据版本 {version}。", f"Taken back; metadata version {version}.", fg="green")
