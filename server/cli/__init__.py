"""The console command `guiju` (Click): a site's life from the shell.

Every command names its site by `--site DIR` (or `GUIJU_SITE`; default `./site`). Help and messages are in Chinese or English by
`GUIJU_LANGUAGE`, else `LANG`. What commands share stands in `console`; each family of commands in a module of its own.
"""

from __future__ import annotations

import gc
import os
from pathlib import Path

import click

from .. import __version__
from . import analyse, calendars, customise, imports, metadata, packs, people, replay, rule_sets, site_life, translations  # noqa: F401  (rule_sets enters its commands among those of rules)
from .console import SpokenGroup, SpokenOption


@click.group(
    cls=SpokenGroup, context_settings={"help_option_names": ["-h", "--help"]}, zh="规矩：把受控程序文件做成表单与规则。"
)
@click.version_option(__version__, prog_name="guiju")
@click.option(
    "--site",
    "site_dir",
    cls=SpokenOption,
    type=click.Path(path_type=Path),
    default=lambda: Path(os.environ.get("GUIJU_SITE") or "site"),
    help="The site's folder (default: GUIJU_SITE, else ./site).",
    zh="站点目录（默认：GUIJU_SITE，否则 ./site）。",
)
@click.pass_context
def main(context: click.Context, site_dir: Path) -> None:
    """Guiju 规矩: forms and rules for a manufacturer's procedures."""
    context.obj = site_dir.resolve()
    # Metadata are some hundred thousand objects: looking through them for garbage was a third of the time of publishing them.
    gc.set_threshold(10_000, 20, 20)


for _command in (
    site_life.init,
    site_life.demo,
    site_life.serve,
    site_life.doctor,
    metadata.check,
    metadata.publish,
    metadata.undo,
    metadata.export,
    analyse.rules,
    packs.pack,
    customise.customise,
    imports.import_,
    translations.translations,
    people.user,
    calendars.calendar,
    site_life.audit_group,
):
    main.add_command(_command)

__all__ = ["main"]
