"""`guiju check, publish, export, rules test`: metadata as files, from and to a site."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import click

from ..access.user import ADMINISTRATOR
from ..assets import builtin_pack
from ..core.errors import Fault, GuijuError, MetadataInvalid
from ..core.text import Text
from ..core.translations import further_languages
from ..exchange.customised import with_site_changes
from ..exchange.export import export_metadata
from ..exchange.packs import Pack, piece_title, read_packs
from ..exchange.reading import check_sources, read_sources
from ..exchange.undo import described, propose_undo
from ..exchange.view_sources import view_sources
from ..rulebook.testing import run_tests
from ..site import Site, open_site
from ..storage.migrate import APPLIED
from ..translating import po
from ..translating.service import read_files
from .console import (
    SpokenCommand,
    SpokenGroup,
    SpokenOption,
    explained,
    language,
    require_site,
    say,
    show_faults,
    site_is_named,
    stop,
    with_site,
)
from .plans import DESPITE_OPTION, say_only_plan, show_kept, show_steps

Faults = tuple[Fault, ...]
CHECK_ZH = """检查元数据文件或内容包，列出每处错误及其位置。有错误时退出码为 1。

PATHS 与内置内容包一起检查；指明站点时（--site 或 GUIJU_SITE），还包括站点自己的文件和站点上已发布的内容。不作任何更改。"""


@click.command(cls=SpokenCommand, zh=CHECK_ZH)
@click.argument("paths", nargs=-1, type=click.Path(path_type=Path))
@click.pass_context
@explained
def check(context: click.Context, paths: tuple[Path, ...]) -> None:
    """Check metadata files or packs: every fault with its place; exit status 1 if any.

    PATHS are checked together with the built-in pack; where a site is named (--site or GUIJU_SITE), also with the site's own
    files and with what is published on it. Nothing is changed.
    """
    if site_is_named(context):
        require_site(context.obj)
        pack, faults, warnings = _checked_on_site(context.obj, paths)
    else:
        pack = read_packs([builtin_pack(), *paths])
        faults, warnings = _checked_alone(pack)
    show_faults(warnings, colour="yellow")
    if faults:
        show_faults(faults, colour="red")
        say(
            f"{len(pack.sources)} 个文件，{len(faults)} 处错误。", f"{len(pack.sources)} files, {len(faults)} faults.", fg="red"
        )
        sys.exit(1)
    say(f"{len(pack.sources)} 个文件，没有错误。", f"{len(pack.sources)} files, no faults.", fg="green")


def _checked_alone(pack: Pack) -> tuple[Faults, Faults]:
    """(faults, warnings) of files seen by themselves."""
    try:
        warnings = check_sources(pack.sources)
        return tuple(pack.faults), (*warnings, *_left_out(read_files(pack.translations, pack.sources)))
    except GuijuError as error:
        return (*pack.faults, *error.faults), ()


def _checked_on_site(site_dir: Path, paths: tuple[Path, ...]) -> tuple[Pack, Faults, Faults]:
    """(files, faults, warnings) of the site's files and of `paths`, seen together with what is in force there."""
    site = open_site(site_dir)
    try:
        pack = read_packs([*site.pack_dirs(), *paths])
        try:
            warnings = site.publisher.propose(pack.sources, fixtures=pack.fixtures).warnings
            return pack, tuple(pack.faults), (*warnings, *_left_out(read_files(pack.translations, pack.sources)))
        except GuijuError as error:
            return pack, (*pack.faults, *(error.faults or (Fault("", error.text),))), ()
    finally:
        site.close()


@click.command(cls=SpokenCommand, zh="发布 PATHS 的元数据（默认：站点的全部内容包）：检查、运行规则的测试、计划数据表、执行。")
@click.argument("paths", nargs=-1, type=click.Path(path_type=Path))
@click.option(
    "--plan", "plan_only", cls=SpokenOption, is_flag=True, help="Only show what would be done.", zh="只显示将做什么。"
)
@click.option(
    "--overwrite",
    cls=SpokenOption,
    is_flag=True,
    help="Drop what was changed in the browser; without it the site's changes are kept.",
    zh="放弃在浏览器中作的修改；不加此选项时予以保留。",
)
@DESPITE_OPTION
@with_site
def publish(site: Site, paths: tuple[Path, ...], plan_only: bool, overwrite: bool, reason: str) -> None:
    """Publish metadata of PATHS (default: the site's packs): check, test the rules, plan the tables, apply."""
    publish_packs(site, list(paths), plan_only=plan_only, overwrite=overwrite, reason=reason)
    if not paths and not plan_only:
        _enter_records(site)


def _enter_records(site: Site) -> None:
    """Records that a later version of the site's packs brings (clauses, roles); what was changed or deleted here stays as it is."""
    made = 0
    try:
        for _, number in site.fixture_loader().load(site.read_packs().fixtures):
            made += number
    except MetadataInvalid as refusal:
        show_faults(refusal.faults, colour="red")
        stop(
            Text(
                "元数据已发布，但内容包的一条记录无法载入，其后的也没有载入；排除原因后重新发布。",
                "The metadata is published; a record of its packs could not be entered, nor those after it. Mend that and publish again.",
            ),
            1,
        )
    if made:
        say(f"内容包带来 {made} 条记录。", f"The packs brought {made} records.")


def publish_packs(site: Site, paths: list[Path], *, plan_only: bool = False, overwrite: bool = False, reason: str = "") -> None:
    """Check and plan, say what changes, and (unless only the plan is wanted) put it in force.

    What was changed in the browser is merged with what the packs bring, unless it is to be dropped. Rules whose tests fail are
    published with a reason only.
    """
    pack = read_packs(paths) if paths else site.read_packs()
    if pack.faults:
        raise MetadataInvalid.of(pack.faults)
    translations = read_files(pack.translations, pack.sources)
    sources, kept = (pack.sources, []) if overwrite else with_site_changes(site.publisher, pack.sources)
    proposal = site.publisher.propose(sources, fixtures=pack.fixtures)
    show_kept(kept)
    show_faults(proposal.warnings, colour="yellow")
    if proposal.is_empty:
        if not plan_only:
            site.packs.record(pack, by=ADMINISTRATOR)
        say("元数据已是最新，没有变化。", "The metadata is up to date; nothing to do.")
        if not plan_only:
            _keep_translations(site, translations)
        return
    show_steps(proposal, in_full=plan_only)
    if plan_only:
        say_only_plan()
        return
    version = site.publisher.publish(proposal, by=ADMINISTRATOR, reason=reason)
    site.packs.record(pack, by=ADMINISTRATOR)
    say(f"已发布，元数据版本 {version}。", f"Published; metadata version {version}.", fg="green")
    _keep_translations(site, translations)


def _left_out(files: list[po.Read]) -> Faults:
    return tuple(fault for item in files for fault in item.left_out)


def _keep_translations(site: Site, files: list[po.Read]) -> None:
    """What the packs' PO files bring; entries that were left out are named."""
    show_faults(_left_out(files), colour="yellow")
    if number := site.translations.keep_files(files, by=ADMINISTRATOR):
        say(f"内容包带来 {number} 条译文。", f"The packs brought {number} translations.")


@click.command(cls=SpokenCommand, zh="撤销使元数据达到 VERSION 版的那次发布；不写 VERSION 时列出各次发布。")
@click.argument("version", type=int, required=False)
@click.option(
    "--plan", "plan_only", cls=SpokenOption, is_flag=True, help="Only show what would be done.", zh="只显示将做什么。"
)
@DESPITE_OPTION
@with_site
def undo(site: Site, version: int | None, plan_only: bool, reason: str) -> None:
    """Take back the publication that made metadata VERSION; without VERSION list the publications, the newest first."""
    if version is None:
        for item in site.publisher.publications():
            _show_publication(site, item)
        return
    taken_back = propose_undo(site.publisher, version)
    show_faults(taken_back.proposal.warnings, colour="yellow")
    for kind, name in taken_back.removed:
        called = piece_title(kind, name)
        say(f"  撤下{called.zh}。", f"  Take {called.en} out of force.")
    for source in taken_back.proposal.changed:
        called = piece_title(source.kind, source.name)
        say(f"  恢复{called.zh}。", f"  Put {called.en} back.")
    for step in taken_back.proposal.steps:
        click.echo(f"  {step.to(language())}")
    if plan_only:
        say("只是计划，未作任何更改。", "This is only the plan; nothing was changed.")
        return
    made = taken_back.publish(site.publisher, by=ADMINISTRATOR, reason=reason)
    say(f"已撤销，元数据版本 {made}。", f"Undone; metadata version {made}.", fg="green")


def _show_publication(site: Site, item: Mapping[str, Any]) -> None:
    at = item["at"].astimezone(site.zone).strftime("%Y-%m-%d %H:%M") if item["at"] else ""
    pieces = [described(piece).to(language()) for piece in item["pieces"] or ()]
    more = f" (+{len(pieces) - 3})" if len(pieces) > 3 else ""
    undone = "" if item["state"] == APPLIED else Text("［已撤销］", "[undone] ").to(language())
    click.echo(f"{item['version'] or '–':>5}  {at}  {item['by']}  {undone}{', '.join(pieces[:3])}{more}")


@click.command(cls=SpokenCommand, zh="把生效的元数据写成内容包文件，放到 DIRECTORY。")
@click.argument("directory", type=click.Path(path_type=Path, file_okay=False))
@with_site
def export(site: Site, directory: Path) -> None:
    """Write the metadata in force to DIRECTORY, as the files of a content pack."""
    number = export_metadata(
        [*site.publisher.stored(), *view_sources(site.list_views.shared())], site.snapshot().model, directory
    )
    for code in further_languages():
        file = directory / "translations" / f"{code}.po"
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(site.translations.export(code))
        number += 1
    say(f"已导出 {number} 个文件到 {directory}。", f"Wrote {number} files to {directory}.", fg="green")


@click.group(cls=SpokenGroup, zh="业务规则。")
def rules() -> None:
    """Business rules."""


@rules.command("test", zh="运行规则文件（PATHS 与内置内容包）里自带的测试；有失败时退出码为 1。")
@click.argument("paths", nargs=-1, type=click.Path(path_type=Path))
@explained
def rules_test(paths: tuple[Path, ...]) -> None:
    """Run the tests that stand in rule files, those of PATHS and of the built-in pack; exit status 1 if any fails."""
    pack = read_packs([builtin_pack(), *paths])
    if pack.faults:
        raise MetadataInvalid.of(pack.faults)
    model, found = read_sources(pack.sources)
    results = run_tests(found, model)
    failed = [result for result in results if not result.passed]
    for result in failed:
        said = f"  {result.rule}: {result.title.to(language())}: {result.message.to(language())}"
        click.secho(said, fg="red", err=True)
    say(
        f"{len(found)} 条规则，{len(results)} 个测试，{len(failed)} 个失败。",
        f"{len(found)} rules, {len(results)} tests, {len(failed)} failed.",
        fg="red" if failed else "green",
    )
    sys.exit(1 if failed else 0)
