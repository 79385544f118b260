"""What the commands share: the reader's language in help, messages and errors; opening the site; faults of a refusal."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterable
from functools import wraps
from pathlib import Path
from typing import Any

import click

from ..core.errors import Fault, GuijuError
from ..core.text import Language, Text, language_of
from ..site import is_site_folder, open_site
from .usage_errors import in_chinese

Command = Callable[..., Any]


def language() -> Language:
    return language_of(os.environ.get("GUIJU_LANGUAGE") or os.environ.get("LANG") or "zh")


def say(zh: str, en: str, **style: Any) -> None:
    click.secho(Text(zh, en).to(language()), **style)


def show_faults(faults: Iterable[Fault], *, colour: str) -> None:
    for fault in faults:
        click.secho(f"  {fault.text.to(language())}", fg=colour, err=colour == "red")


def stop(text: Text, status: int) -> None:
    """End the command with words for people; 1: it could not be done, 2: it was asked wrongly."""
    click.secho(text.to(language()), fg="red", err=True)
    sys.exit(status)


def explained(command: Command) -> Command:
    """Errors meant for people end the command with their words and exit status 1, never with a traceback."""

    @wraps(command)
    def run(*args: Any, **kwargs: Any) -> Any:
        try:
            return command(*args, **kwargs)
        except GuijuError as error:
            click.secho(error.text.to(language()), fg="red", err=True)
            show_faults(error.faults, colour="red")
            sys.exit(1)

    return run


def with_site(command: Command) -> Command:
    """Open the site of `--site` for a command and close it after; a folder that is no site ends it."""

    @click.pass_context
    @explained
    @wraps(command)
    def run(context: click.Context, *args: Any, **kwargs: Any) -> Any:
        require_site(context.obj)
        site = open_site(context.obj)
        try:
            site.snapshot()  # with it the languages that the site has
            return command(site, *args, **kwargs)
        finally:
            site.close()

    return run


def require_site(folder: Path) -> None:
    """End the command unless there is a site: a mistyped folder must not become a new, empty one."""
    if is_site_folder(folder):
        return
    stop(
        Text(
            f"{folder} 不是规矩站点。请用 --site 指明站点目录，或先新建：guiju init {folder}",
            f"{folder} is not a Guiju site. Name the site's folder by --site, or make one first: guiju init {folder}",
        ),
        2,
    )


def site_is_named(context: click.Context) -> bool:
    """Whether somebody named a site, by `--site` or `GUIJU_SITE`, rather than leaving it at the default."""
    source = context.find_root().get_parameter_source("site_dir")
    return source is click.core.ParameterSource.COMMANDLINE or bool(os.environ.get("GUIJU_SITE"))


# Help in the reader's language: docstrings and `help` are English, `zh` is the same in Chinese.


class SpokenOption(click.Option):
    def __init__(self, *args: Any, zh: str = "", **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._zh = zh

    def get_help_record(self, ctx: click.Context) -> tuple[str, str] | None:
        english = self.help
        try:
            self.help = self._zh if self._zh and language() == "zh" else english
            return super().get_help_record(ctx)
        finally:
            self.help = english


class SpokenCommand(click.Command):
    def __init__(self, *args: Any, zh: str = "", **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._zh = zh

    def format_help_text(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        english = self.help
        try:
            self.help = self._zh if self._zh and language() == "zh" else english
            super().format_help_text(ctx, formatter)
        finally:
            self.help = english

    def get_short_help_str(self, limit: int = 45) -> str:
        if self._zh and language() == "zh":
            return self._zh.partition("。")[0]
        return super().get_short_help_str(limit=100)


class SpokenGroup(SpokenCommand, click.Group):
    command_class = SpokenCommand
    group_class = type

    def main(self, *args: Any, **kwargs: Any) -> Any:
        """What was typed wrongly is told in the reader's language too."""
        if language() != "zh" or kwargs.get("standalone_mode") is False:
            return super().main(*args, **kwargs)
        try:
            code = super().main(*args, **{**kwargs, "standalone_mode": False})
        except click.exceptions.NoArgsIsHelpError as asked:
            asked.show()
            sys.exit(asked.exit_code)
        except click.UsageError as error:
            click.echo(in_chinese(error), err=True)
            sys.exit(error.exit_code)
        except click.Abort:
            click.echo("已取消。", err=True)
            sys.exit(1)
        sys.exit(code if isinstance(code, int) else 0)


class WholeNumber(click.ParamType):
    """A whole number within bounds, both named when it is not."""

    name = "number"

    def __init__(self, least: int, most: int) -> None:
        self._least, self._most = least, most

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> int:
        typed = str(value).strip()
        if typed.isascii() and typed.isdigit() and len(typed) < 10 and self._least <= int(typed) <= self._most:
            return int(typed)
        bounds = Text(
            f"“{typed}”应为 {self._least} 到 {self._most} 的整数。",
            f'"{typed}" should be a whole number from {self._least} to {self._most}.',
        )
        raise click.BadParameter(bounds.to(language()), ctx=ctx, param=param)
