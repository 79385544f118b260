"""What a publication would do, before anybody does it. `publisher` makes one and carries it out."""

from __future__ import annotations

from dataclasses import dataclass

from ..core.errors import Fault
from ..core.text import Text
from ..metadata.model import Model
from ..rulebook.testing import TestResult
from ..storage.plan import Plan
from ..storage.waiting import told
from .packs import Source


@dataclass(frozen=True)
class Proposal:
    """What a publication would do: pieces new or changed, the migration plan, warnings. Nothing is done yet.

    It holds for the metadata that was in force when it was made, `base_version`. `tests` are those of its rules that are new or
    changed: while one fails, publishing needs a reason.
    """

    sources: tuple[Source, ...]
    changed: tuple[Source, ...]
    plan: Plan
    warnings: tuple[Fault, ...]
    model: Model
    base_version: int
    removed: tuple[tuple[str, str], ...] = ()
    tests: tuple[TestResult, ...] = ()

    @property
    def failing(self) -> tuple[TestResult, ...]:
        return tuple(result for result in self.tests if not result.passed)

    @property
    def is_empty(self) -> bool:
        return not self.changed and not self.plan.steps

    @property
    def steps(self) -> list[Text]:
        """What it does to the tables, step by step, and who waits for it."""
        return [told(self.plan, step) for step in self.plan.steps]
