"""`guiju pack list, add, upgrade, remove, export`: content packs on a site."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import click

from ..access.user import ADMINISTRATOR
from ..core.text import Text
from ..exchange.manifest import Manifest
from ..exchange.pack_export import own_content, pack_content, write_pack
from ..exchange.pack_register import PackState
from ..exchange.pack_service import PackPlan
from ..exchange.packs import piece_title
from ..exchange.view_sources import view_sources
from ..site import Site
from .console import SpokenGroup, SpokenOption, language, say, show_faults, stop, with_site
from .plans import DESPITE_OPTION, say_only_plan, show_kept, show_proposal

KINDS = {
    "DocType": Text("单据类型", "Record types"),
    "Rule": Text("规则", "rules"),
    "Print Format": Text("打印格式", "print formats"),
    "Workflow": Text("流程", "workflows"),
    "Report": Text("报表", "reports"),
    "List View": Text("列表视图", "list views"),
}
PLAN_OPTION = click.option(
    "--plan", "plan_only", cls=SpokenOption, is_flag=True, help="Only show what would be done.", zh="只显示将做什么。"
)


@click.group(cls=SpokenGroup, zh="内容包。")
def pack() -> None:
    """Content packs."""


@pack.command("list", zh="列出站点上的内容包、各带来什么，以及已安装但尚未添加的。")
@click.option("--pieces", cls=SpokenOption, is_flag=True, help="Name every piece.", zh="列出每一项的名称。")
@with_site
def list_packs(site: Site, pieces: bool) -> None:
    """List the packs of the site with what each brought, and those that are installed but not added."""
    for state in site.packs.all():
        _show(state, pieces)
    offered, faults = site.packs.offered()
    for manifest in offered:
        say(
            f"未添加：{manifest.called().zh} {manifest.version}（{manifest.place}）  guiju pack add {manifest.name}",
            f"Not added: {manifest.called().en} {manifest.version} ({manifest.place})  guiju pack add {manifest.name}",
        )
    show_faults(faults, colour="yellow")


def _show(state: PackState, pieces: bool) -> None:
    counts = Counter(kind for kind, _ in state.pieces)
    brought = [f"{counts[kind]} {text.to(language())}" for kind, text in KINDS.items() if counts[kind]]
    click.secho(f"{state.manifest.called().to(language())} {state.manifest.version}", bold=True)
    joined = Text("、", ", ").to(language()).join(brought) or "–"
    own = (
        Text(f"；站点定制 {state.customised} 项", f"; {state.customised} customised here") if state.customised else Text("", "")
    )
    click.echo(f"  {joined}{own.to(language())}")
    if state.available:
        say(
            f"  可更新到 {state.available}：guiju pack upgrade {state.name}",
            f"  {state.available} is there: guiju pack upgrade {state.name}",
            fg="yellow",
        )
    for kind, name in state.pieces if pieces else ():
        click.echo(f"    {piece_title(kind, name).to(language())}")


@pack.command("add", zh="添加内容包：一个目录，或已安装的内容包的名称。检查、计划、发布并记住它。")
@click.argument("pack_name", metavar="FOLDER|NAME")
@PLAN_OPTION
@DESPITE_OPTION
@with_site
def add(site: Site, pack_name: str, plan_only: bool, reason: str) -> None:
    """Add the pack of a folder, or the installed one of a name: check, plan, publish, remember it."""
    _carry_out(site, site.pack_service.plan_add(pack_name), plan_only, reason)


@pack.command("upgrade", zh="把内容包 NAME 更新到其来源（或 FOLDER）现在的版本；站点的修改保留，冲突逐处列出。")
@click.argument("name")
@click.argument("folder", required=False, type=click.Path(exists=True, file_okay=False))
@PLAN_OPTION
@DESPITE_OPTION
@with_site
def upgrade(site: Site, name: str, folder: str | None, plan_only: bool, reason: str) -> None:
    """Bring the pack NAME to the version that its place, or FOLDER, has now; the site's changes stay, conflicts are named."""
    _carry_out(site, site.pack_service.plan_upgrade(name, folder), plan_only, reason)


@pack.command("remove", zh="移除内容包 NAME：只由它带来的内容撤下，表归档，数据保留；别处还要用时拒绝。")
@click.argument("name")
@PLAN_OPTION
@with_site
def remove(site: Site, name: str, plan_only: bool) -> None:
    """Take away what only the pack NAME brought; tables are archived with their data. Refused while others need it."""
    _carry_out(site, site.pack_service.plan_remove(name), plan_only)


def _carry_out(site: Site, plan: PackPlan, plan_only: bool, reason: str = "") -> None:
    said = plan.manifest.called()
    if plan.is_empty:
        say(f"{said.zh} 已是 {plan.before}，没有变化。", f"{said.en} is {plan.before} already; nothing to do.")
        return
    click.secho(f"{said.to(language())} {plan.versions}", bold=True)
    show_kept(plan.kept)
    show_proposal(plan.proposal, removed=plan.removed, notes=plan.notes)
    for kind, name in plan.released:
        called = piece_title(kind, name)
        say(f"  {called.zh} 归站点所有。", f"  {called.en} stays, as the site's own.")
    if plan_only:
        say_only_plan()
        return
    done = site.pack_service.carry_out(plan, by=ADMINISTRATOR, reason=reason)
    if done.records:
        say(f"新建 {done.records} 条记录。", f"{done.records} records made.")
    say(f"已完成，元数据版本 {done.version}。", f"Done; metadata version {done.version}.", fg="green")


@pack.command("export", zh="把站点自己的元数据与定制（或 --pack 指定的内容包连同站点的修改）写成内容包目录。")
@click.argument("directory", type=click.Path(path_type=Path, file_okay=False))
@click.option("--pack", "exported", cls=SpokenOption, help="Export this pack as it is here.", zh="导出这个内容包在本站的样子。")
@click.option(
    "--name", cls=SpokenOption, default="own", show_default=True, help="What the new pack is called.", zh="新内容包的名称。"
)
@click.option("--version", cls=SpokenOption, default="1.0.0", show_default=True, help="Its version.", zh="新内容包的版本。")
@with_site
def export(site: Site, directory: Path, exported: str | None, name: str, version: str) -> None:
    """Write the site's own metadata and customisations (or, with --pack, a pack with the site's changes) as a pack's folder."""
    stored = site.publisher.stored()
    if exported:
        content = pack_content(site.packs.get(exported), stored)
    else:
        stored += view_sources(site.list_views.shared())
        content = own_content(stored, site.customisations.all(), site.packs.all(), Manifest(name, version))
    if content.is_empty:
        stop(Text("站点没有自己的元数据，也没有定制。", "The site has no metadata of its own, and no customisations."), 1)
    number = write_pack(content, site.snapshot().model, directory)
    say(f"已导出 {number} 个文件到 {directory}。", f"Wrote {number} files to {directory}.", fg="green")
