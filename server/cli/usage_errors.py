"""Click's words about a command line that cannot be understood, in Chinese. What is not known here stays as Click says it."""

from __future__ import annotations

import re

import click

# What Click says, and the same in Chinese; \1 is the word that was typed.
SAYINGS = (
    (r"No such command ('.*?')\..*", r"没有命令 \1。"),
    (r"No such option:? (\S+?)\.?(?: .*)?", r"没有选项 \1。"),
    (r"Missing command\.", "请给出命令。"),
    (r"Missing argument (.+)\.", r"缺少参数 \1。"),
    (r"Missing option (.+)\.", r"缺少选项 \1。"),
    (r"Option (.+) requires an argument\.", r"选项 \1 需要一个值。"),
    (r"Option (.+) does not take a value\.", r"选项 \1 不带值。"),
    (r"Got unexpected extra arguments? \((.+)\)", r"多出的参数：\1。"),
    (r"Invalid value for (.+?): (.+)", r"\1 的值不可用：\2"),
)


def in_chinese(error: click.UsageError) -> str:
    """The whole message: how the command is used, where help is, what was wrong."""
    lines = []
    if error.ctx is not None:
        usage = error.ctx.get_usage().removeprefix("Usage: ")
        lines = [f"用法：{usage}", f"帮助：{error.ctx.command_path} --help", ""]
    said = error.format_message()
    near = list(getattr(error, "possibilities", None) or ())
    hint = f"是否指 {'、'.join(near)}？" if near else ""
    return "\n".join([*lines, f"错误：{_translated(said)}{hint}"])


def _translated(said: str) -> str:
    for pattern, words in SAYINGS:
        if found := re.fullmatch(pattern, said, re.DOTALL):
            return found.expand(words)
    return said
