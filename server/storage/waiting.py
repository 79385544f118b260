"""Who waits while a step of a plan is carried out, and for how long: told before anybody agrees to it."""

from __future__ import annotations

from ..core.text import EMPTY, Text
from .plan import Plan
from .steps import AddIndex, ArchiveTable, CreateTable, RenameTable, ResizeColumn, RestoreTable, Step, WidenColumn

MANY_ROWS = 1000  # from here on PostgreSQL builds indexes and converts values while others write
# Rows a second, on the slow side of what was measured.
CONVERTED_A_SECOND, INDEXED_A_SECOND, MOVED_A_SECOND = 20_000, 200_000, 4_000

_USABLE = Text(
    "期间照常使用，最后锁定该表不到一秒", "the table stays in use meanwhile and is locked for less than a second at the end"
)
_BRIEF = Text("锁定该表不到一秒", "the table is locked for less than a second")


def told(plan: Plan, step: Step) -> Text:
    """What a step does and who waits for it."""
    does, waits = step.describe(), who_waits(step, plan.dialect)
    if not waits.zh:
        return does
    return Text(f"{does.zh.removesuffix('。')}；{waits.zh}。", f"{does.en.removesuffix('.')}; {waits.en}.")


def who_waits(step: Step, dialect: str) -> Text:
    """Nothing for a step that nobody notices."""
    if isinstance(step, CreateTable | RestoreTable | ArchiveTable):
        return EMPTY
    if isinstance(step, RenameTable) and step.rows >= MANY_ROWS:
        seconds = max(1, step.rows // MOVED_A_SECOND)
        zh, en = ("不能保存", "nobody can save") if dialect == "sqlite" else ("暂停使用", "everybody waits")
        return Text(f"期间全站{zh}，约 {seconds} 秒", f"{en} meanwhile, about {seconds} s")
    rebuilds = isinstance(step, AddIndex | WidenColumn)
    if not rebuilds or step.rows < MANY_ROWS:
        return EMPTY if dialect == "sqlite" else _BRIEF
    seconds = max(1, step.rows // (INDEXED_A_SECOND if isinstance(step, AddIndex) else CONVERTED_A_SECOND))
    if dialect == "sqlite":
        return Text(f"期间全站不能保存，约 {seconds} 秒", f"nobody can save meanwhile, about {seconds} s")
    if isinstance(step, ResizeColumn):
        return Text(f"期间不能写入该表，约 {seconds} 秒", f"nobody can write to the table meanwhile, about {seconds} s")
    return _USABLE
