"""How a command shows what it would do: pieces, steps on tables, warnings."""

from __future__ import annotations

from collections.abc import Iterable

import click

from ..core.text import Text
from ..exchange.customised import Kept
from ..exchange.packs import piece_title
from ..exchange.proposal import Proposal
from .console import SpokenOption, language, say, show_faults

DESPITE_OPTION = click.option(
    "--despite-failing-tests",
    "reason",
    cls=SpokenOption,
    default="",
    metavar="REASON",
    help="Publish rules although tests of theirs fail; the reason is kept in the history.",
    zh="规则自带的测试失败时仍发布；理由记入历史。",
)


def show_kept(kept: Iterable[Kept]) -> None:
    """The pieces in which the site's changes stand, those with conflicts in yellow."""
    for piece in kept:
        click.secho(piece.describe().to(language()), fg="yellow" if piece.conflicts else None)


def show_steps(proposal: Proposal, *, in_full: bool = True) -> None:
    """How many pieces change, and what becomes of the tables; of a new site each step only when it is asked for."""
    is_brief = proposal.base_version == 0 and not in_full  # every table is new: nothing to weigh
    say(
        f"变化 {len(proposal.changed)} 项，建表或改表 {len(proposal.plan.steps)} 步{'。' if is_brief else '：'}",
        f"{len(proposal.changed)} pieces changed, {len(proposal.plan.steps)} steps on tables{'.' if is_brief else ':'}",
    )
    for step in () if is_brief else proposal.steps:
        click.echo(f"  {step.to(language())}")
    for result in proposal.failing:
        said = Text(
            f"  测试失败：{result.rule}：{result.title.zh}：{result.message.zh}",
            f"  test fails: {result.rule}: {result.title.en}: {result.message.en}",
        )
        click.secho(said.to(language()), fg="yellow")


def show_proposal(proposal: Proposal, *, removed: Iterable[tuple[str, str]] = (), notes: Iterable[Text] = ()) -> None:
    """Everything that a proposal would do."""
    for note in notes:
        click.secho(note.to(language()), fg="yellow")
    show_faults(proposal.warnings, colour="yellow")
    for kind, name in removed:
        called = piece_title(kind, name)
        say(f"  撤下{called.zh}。", f"  Take {called.en} out of force.")
    show_steps(proposal)


def say_only_plan() -> None:
    say("只是计划，未作任何更改。", "This is only the plan; nothing was changed.")
