"""`guiju translations list, export, import`: languages beyond Chinese and English, as PO files."""

from __future__ import annotations

from pathlib import Path

import click

from ..access.user import User
from ..site import Site
from .console import SpokenCommand, SpokenGroup, SpokenOption, say, show_faults, with_site


@click.group(cls=SpokenGroup, zh="界面和元数据的翻译（PO 文件）。")
def translations() -> None:
    """Translations of the pages and the metadata, as PO files."""


@translations.command("list", cls=SpokenCommand, zh="列出各语言及其完成度。")
@with_site
def list_languages(site: Site) -> None:
    """List the languages and how complete each one is."""
    for item in site.translations.languages():
        missing = item.total - item.translated
        say(
            f"{item.code:<8}{item.per_cent:>4} %  {item.name}（共 {item.total} 条，缺 {missing} 条）",
            f"{item.code:<8}{item.per_cent:>4} %  {item.name} ({item.total} texts, {missing} missing)",
        )


@translations.command("export", cls=SpokenCommand, zh="把 LANGUAGE（如 de）的全部文本写入 PO 文件 FILE；新语言得到一份空白的。")
@click.argument("language")
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False, writable=True))
@click.option("--missing", cls=SpokenOption, is_flag=True, help="Only what is not translated yet.", zh="只写尚未翻译的。")
@with_site
def export(site: Site, language: str, file: Path, missing: bool) -> None:
    """Write all texts for LANGUAGE (such as de) to the PO file FILE; a new language gets an empty one."""
    file.write_bytes(site.translations.export(language, missing_only=missing))
    say(f"已写入 {file}。", f"Wrote {file}.", fg="green")


@translations.command("import", cls=SpokenCommand, zh="导入 PO 文件 FILE；有一处错误则全部不导入。")
@click.argument("file", type=click.Path(path_type=Path, exists=True, dir_okay=False))
@click.option(
    "--language", cls=SpokenOption, help="The language, where the file does not name it.", zh="语言；文件头未写明时须给出。"
)
@with_site
def import_file(site: Site, file: Path, language: str | None) -> None:
    """Take over the PO file FILE; with one fault nothing of it is imported."""
    done = site.translations.import_po(User.administrator(), file.read_bytes(), language=language, name=file.name)
    show_faults(done.left_out, colour="yellow")
    if done.undrawable:
        say(
            f"打印字体没有这些字符，打印时以代码代替：{done.undrawable}",
            f"The print font lacks these characters; prints show their codes instead: {done.undrawable}",
            fg="yellow",
        )
    say(
        f"{done.language}：{done.changed} 条译文已更新，{len(done.left_out)} 条未采用。",
        f"{done.language}: {done.changed} translations changed, {len(done.left_out)} left out.",
        fg="green",
    )
