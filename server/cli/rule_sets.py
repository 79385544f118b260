"""`guiju rules sets, switch, take-back`: rules that belong together."""

from __future__ import annotations

import click

from ..access.user import ADMINISTRATOR
from ..core.text import Text
from ..exchange.rule_sets import propose_switch, propose_taking_back, rule_sets
from ..site import Site
from .console import SpokenOption, language, say, with_site
from .metadata import rules
from .plans import DESPITE_OPTION, say_only_plan, show_steps


@rules.command("sets", zh="列出各规则集及其规则。")
@with_site
def sets(site: Site) -> None:
    """The rule sets in force, each with its rules."""
    for name, members in rule_sets(site.snapshot().rulebook.rules.values()).items():
        state = Text("启用", "on") if members[0].enabled else Text("停用", "off")
        click.echo(f"{name} ({state.to(language())})")
        for rule in members:
            click.echo(f"  {rule.name}  {rule.applies_to}  {rule.title.to(language())}")


@rules.command("switch", zh="把规则集 NAME 的全部规则一次启用（on）或停用（off）。")
@click.argument("name")
@click.argument("state", type=click.Choice(["on", "off"]))
@DESPITE_OPTION
@with_site
def switch(site: Site, name: str, state: str, reason: str) -> None:
    """Switch all rules of the set NAME on or off, in one publication."""
    proposal = propose_switch(site.publisher, name, on=state == "on")
    if proposal.is_empty:
        say("没有变化。", "Nothing changes.")
        return
    show_steps(proposal)
    version = site.publisher.publish(proposal, by=ADMINISTRATOR, origin="site", reason=reason)
    say(f"已发布，元数据版本 {version}。", f"Published; metadata version {version}.", fg="green")


@rules.command("take-back", zh="撤销最近一次改动规则集 NAME 的发布。")
@click.argument("name")
@click.option(
    "--plan", "plan_only", cls=SpokenOption, is_flag=True, help="Only show what would be done.", zh="只显示将做什么。"
)
@DESPITE_OPTION
@with_site
def take_back(site: Site, name: str, plan_only: bool, reason: str) -> None:
    """Take back the last publication that changed a rule of the set NAME."""
    undo = propose_taking_back(site.publisher, name)
    show_steps(undo.proposal)
    if plan_only:
        say_only_plan()
        return
    version = undo.publish(site.publisher, by=ADMINISTRATOR, reason=reason)
    say(f"已撤销，元数据版本 {version}。", f"Taken back; metadata version {version}.", fg="green")
