"""`guiju rules tables, import-table, export-table`: decision tables from and to DMN and spreadsheets."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from ..assets import builtin_pack
from ..core.errors import Fault, MetadataInvalid
from ..core.text import Text
from ..exchange.packs import read_packs
from ..exchange.reading import read_sources
from ..metadata.load import dump_text
from ..metadata.model import Model
from ..rulebook.model import Rule
from ..rulebook.tables.analyse import analyse
from ..rulebook.tables.compile import compiled_tables
from ..rulebook.tables.dmn import dmn_of
from ..rulebook.tables.read_dmn import read_dmn
from ..rulebook.tables.sheet import TAB, read_sheet, sheet_of
from .console import SpokenOption, explained, language, say
from .metadata import rules

FORMATS = {"tsv": TAB, "csv": ","}


@rules.command("tables", zh="逐个检查 PATHS 与内置内容包中的决策表：缺口、遮盖、永不符合的行，各举一例。")
@click.argument("paths", nargs=-1, type=click.Path(path_type=Path, exists=True))
@explained
def tables(paths: tuple[Path, ...]) -> None:
    """What weakens the decision tables of PATHS and of the built-in pack: gaps, shadowed and unreachable rows, by example."""
    model, found = _read(paths)
    for rule in found:
        for table in compiled_tables(rule, model):
            findings = analyse(table)
            said = Text(f"{len(table.rows)} 行", f"{len(table.rows)} rows")
            click.echo(f"{rule.name}: {table.table.hit}, {said.to(language())}")
            for item in findings:
                click.secho(f"  {item.text.to(language())}", fg="yellow")
            if not findings:
                say("  没有发现问题", "  nothing found", fg="green")


@rules.command(
    "import-table",
    zh="把 DMN 文件（.dmn、.xml）中的决策表，或表格文件（.csv、.tsv，- 为标准输入）变成规则 JSON，输出到标准输出。",
)
@click.argument("file", type=click.Path(path_type=Path, exists=True, dir_okay=False, allow_dash=True))
@click.option(
    "--doctype", cls=SpokenOption, default="", help="The DocType that the rule applies to.", zh="规则适用的单据类型。"
)
@click.option(
    "--rule",
    "name",
    cls=SpokenOption,
    default="",
    help="The rule whose table a sheet replaces.",
    zh="以表格替换此规则的决策表。",
)
@click.argument("paths", nargs=-1, type=click.Path(path_type=Path, exists=True))
@explained
def import_table(file: Path, doctype: str, name: str, paths: tuple[Path, ...]) -> None:
    """Turn the tables of a DMN file (.dmn, .xml), or a sheet (.csv, .tsv, - for what is pasted), into JSON of rules on stdout.

    Check and publish what it writes as any rule. A sheet replaces the table of the rule named by --rule.
    """
    if file.suffix.lower() in (".dmn", ".xml"):
        found = read_dmn(file.read_bytes(), doctype, _read(paths)[0])
        for note in found.notes:
            click.secho(note.to(language()), fg="yellow", err=True)
        for raw in found.rules:
            click.echo(dump_text(raw), nl=False)
        return
    text = sys.stdin.read() if str(file) == "-" else _text(file)
    delimiter = FORMATS["csv" if file.suffix.lower() == ".csv" else "tsv"]
    if name:
        raw = dict(_rule(name, _read(paths)[1]).raw)
        place = next(index for index, item in enumerate(raw["then"]) if "table" in item)
        then = list(raw["then"])
        then[place] = {"table": read_sheet(text, delimiter, then[place]["table"])}
        click.echo(dump_text({**raw, "then": then}), nl=False)
        return
    if not doctype:
        said = Text(
            "须以 --doctype 指明单据类型，或以 --rule 指明规则", "name the DocType with --doctype, or a rule with --rule"
        )
        raise MetadataInvalid.of([Fault("", said)])
    raw = {"name": file.stem.strip("-") or "table", "title": file.stem, "source": [], "applies_to": doctype, "on": ["validate"]}
    click.echo(dump_text({**raw, "then": [{"table": read_sheet(text, delimiter)}], "tests": []}), nl=False)


@rules.command("export-table", zh="把规则 NAME 的决策表写到标准输出：DMN 1.3（缺省），或可粘贴到 Excel 的 tsv，或 csv。")
@click.argument("name")
@click.argument("paths", nargs=-1, type=click.Path(path_type=Path, exists=True))
@click.option(
    "--to",
    "form",
    cls=SpokenOption,
    type=click.Choice(["dmn", *FORMATS]),
    default="dmn",
    help="dmn, tsv (to paste into Excel) or csv.",
    zh="dmn、tsv（可粘贴到 Excel）或 csv。",
)
@explained
def export_table(name: str, paths: tuple[Path, ...], form: str) -> None:
    """Write the table of rule NAME to stdout: as DMN 1.3, as tab-separated text to paste into Excel, or as CSV."""
    model, found = _read(paths)
    rule = _rule(name, found)
    content = (
        dmn_of(rule, model)
        if form == "dmn"
        else sheet_of(rule.tables[0], FORMATS[form]).encode("utf-8-sig" if form == "csv" else "utf-8")
    )
    sys.stdout.buffer.write(content)


def _text(file: Path) -> str:
    """A sheet's text: UTF-8, or what Excel writes on a Chinese Windows."""
    content = file.read_bytes()
    for encoding in ("utf-8-sig", "gb18030"):
        try:
            return content.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise MetadataInvalid.of(
        [Fault(file.name, Text("文件不是 UTF-8 或 GB 18030 的文字", "the file is no text in UTF-8 or GB 18030"))]
    )


def _read(paths: tuple[Path, ...]) -> tuple[Model, tuple[Rule, ...]]:
    pack = read_packs([builtin_pack(), *paths])
    if pack.faults:
        raise MetadataInvalid.of(pack.faults)
    return read_sources(pack.sources)


def _rule(name: str, found: tuple[Rule, ...]) -> Rule:
    """The rule of that name, which has a table."""
    for rule in found:
        if rule.name == name and rule.tables:
            return rule
    known = ", ".join(sorted(rule.name for rule in found if rule.tables))
    said = Text(f"没有带决策表的规则 {name!r}，有：{known}", f"no rule {name!r} with a decision table; there are: {known}")
    raise MetadataInvalid.of([Fault("", said)])
