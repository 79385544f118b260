"""`guiju rules analyse`: what is wrong with rules seen together."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from ..assets import builtin_pack
from ..core.errors import MetadataInvalid
from ..exchange.packs import read_packs
from ..exchange.reading import read_sources
from ..rulebook.analysis import Finding, analyse
from ..rulebook.analysis.finding import KINDS
from ..site import open_site
from ..storage.types import dump_json
from .console import SpokenOption, explained, language, require_site, say, site_is_named
from .simulate import rules

ANALYSE_ZH = """分析规则整体：后果矛盾、永不符合、被遮盖、必填而无法填写、待办无人了结、未用的事实、条款未实现，各举一例。

指明站点时（--site 或 GUIJU_SITE）分析站点上生效的规则；否则分析 PATHS 与内置内容包。有发现时退出码为 1。"""


@rules.command("analyse", zh=ANALYSE_ZH)
@click.argument("paths", nargs=-1, type=click.Path(path_type=Path, exists=True))
@click.option("--json", "as_json", cls=SpokenOption, is_flag=True, help="The findings as JSON.", zh="以 JSON 输出。")
@click.pass_context
@explained
def analyse_rules(context: click.Context, paths: tuple[Path, ...], as_json: bool) -> None:
    """What is wrong with rules seen together, each with names, an example and what to do; exit status 1 if anything is.

    Where a site is named (--site or GUIJU_SITE), of the rules in force there; else of PATHS together with the built-in pack.
    """
    found = _of_site(context) if site_is_named(context) and not paths else _of_files(paths)
    if as_json:
        click.echo(dump_json([item.to_json() for item in found], sort_keys=False))
    else:
        kind = None
        for item in found:
            if item.kind != kind:
                click.secho(KINDS[item.kind].to(language()), bold=True)
                kind = item.kind
            click.echo(f"  {item.said.to(language())}")
        say(f"{len(found)} 项发现。", f"{len(found)} findings.", fg="yellow" if found else "green")
    sys.exit(1 if found else 0)


def _of_site(context: click.Context) -> list[Finding]:
    require_site(context.obj)
    site = open_site(context.obj)
    try:
        return site.rule_analysis.findings()
    finally:
        site.close()


def _of_files(paths: tuple[Path, ...]) -> list[Finding]:
    pack = read_packs([builtin_pack(), *paths])
    if pack.faults:
        raise MetadataInvalid.of(pack.faults)
    model, found = read_sources(pack.sources)
    return analyse(found, model)
