"""Rules are tested before they act: what the tests of rules about to be published say, and the refusal of those that fail.

A rule whose own tests fail is published with a recorded reason only, whoever asks: browser, command line or a pack. Results
are remembered by what was tested, because the builder asks after every stroke and publishing asks once more.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from ..core.errors import Fault, ValidationFailed
from ..core.ids import digest
from ..core.remembered import Remembered
from ..core.text import Text
from ..metadata.model import Model
from ..rulebook.compile import MatcherChoice
from ..rulebook.model import Rule
from ..rulebook.testing import TestResult, run_tests

MAX_REASON = 2000
_known: Remembered[str, tuple[TestResult, ...]] = Remembered(2000)


class TestsFail(ValidationFailed):
    """A rule does not do what its own tests say; it was not published. Give a reason, and it is."""

    __test__ = False  # not a test class of pytest's

    @classmethod
    def of(cls, failing: Sequence[TestResult]) -> TestsFail:
        text = Text(
            f"规则自带的测试有 {len(failing)} 个失败，未发布。请改正规则或测试；确需发布时请写明理由，理由记入历史。",
            f"{len(failing)} tests of the rules fail; nothing was published. Mend the rule or the test, or give a reason for publishing"
            " all the same: it is kept in the history.",
        )
        return cls(text, [_fault(result) for result in failing])


def results_of(rules: Iterable[Rule], model: Model, under: str, matcher: MatcherChoice) -> list[TestResult]:
    """What the tests of each rule say. `under` is the digest of the DocTypes of `model`: other ones may give other results."""
    return [result for rule in rules for result in _results(rule, model, under, matcher)]


def _results(rule: Rule, model: Model, under: str, matcher: MatcherChoice) -> tuple[TestResult, ...]:
    key = digest(f"{under} {matcher} {rule.raw!r}")
    return _known.get(key, lambda: tuple(run_tests([rule], model, matcher)))


def _fault(result: TestResult) -> Fault:
    title, said = result.title, result.message
    text = Text(f"{result.rule}：测试“{title.zh}”：{said.zh}", f'{result.rule}: test "{title.en}": {said.en}')
    return Fault(result.rule, text, rule=result.rule)
