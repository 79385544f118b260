"""`guiju rules replay`: which rules would have spoken of a record as of a day."""

from __future__ import annotations

from datetime import datetime, time

import click

from ..access.user import User
from ..site import Site
from ..storage.types import dump_json
from .console import SpokenOption, language, say, with_site
from .simulate import rules

REPLAY_ZH = """按某日生效的规则重新判断一张单据当日的样子：哪些规则会说话，以及原因。不作任何更改。

其他单据（事实、链接）按今天的内容。"""


@rules.command("replay", zh=REPLAY_ZH)
@click.argument("doctype")
@click.argument("name")
@click.argument("day", type=click.DateTime(["%Y-%m-%d", "%Y-%m-%dT%H:%M"]))
@click.option("--json", "as_json", cls=SpokenOption, is_flag=True, help="Everything as JSON.", zh="全部以 JSON 输出。")
@with_site
def replay(site: Site, doctype: str, name: str, day: datetime, as_json: bool) -> None:
    """Judge a record again as it was on a day, by the rules then in force: which would have spoken, and why. Nothing is changed.

    Other records (facts, links) are taken as of today.
    """
    moment = datetime.combine(day.date(), time.max) if day.time() == time() else day
    found = site.judged_then.replay(User.administrator(), doctype, name, moment.replace(tzinfo=site.zone))
    if as_json:
        click.echo(dump_json(found, sort_keys=False))
        return
    spoken = [entry for entry in found["rules"] if entry["matched"]]
    say(f"{name} 第 {found['version']} 版：{len(found['rules'])} 条规则中 {len(spoken)} 条符合。",
        f"{name}, version {found['version']}: {len(spoken)} of {len(found['rules'])} rules matched.")  # fmt: skip
    for entry in spoken:
        version = entry.get("version")
        said = f" ({version[language()]})" if isinstance(version, dict) else ""
        click.echo(f"  {entry['rule']}{said}: {', '.join(entry['then'])}")
    for message in found["messages"]:
        click.echo(f"  {message[language()]}")
