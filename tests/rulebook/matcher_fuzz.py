"""Runs random plans through both matchers; a process of its own, so that a crash of the engine is a failed test.

Usage: matcher_fuzz.py EXAMPLES EVALUATIONS_PER_PLAN
"""

from __future__ import annotations

import faulthandler
import random
import sys

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from server.rulebook.durable import DurableMatcher
from server.rulebook.matcher import MatchPlan, MatchRule, ReferenceMatcher

faulthandler.enable()
ATOMS, DERIVED, RULES = 25, 6, 50

match_rules = st.builds(
    MatchRule,
    st.lists(st.integers(0, ATOMS - 1), max_size=4, unique=True).map(tuple),
    st.lists(st.integers(0, DERIVED - 1), max_size=DERIVED, unique=True).map(tuple),
    st.lists(st.integers(0, DERIVED - 1), max_size=2, unique=True).map(tuple),
)
plans = st.lists(match_rules, min_size=1, max_size=RULES).map(lambda rules: MatchPlan(tuple(rules)))


def main(examples: int, evaluations: int) -> int:
    done = 0

    @settings(max_examples=examples, database=None, derandomize=True, suppress_health_check=list(HealthCheck))
    @given(plans, st.integers(0, 2**32))
    def agree(plan: MatchPlan, seed: int) -> None:
        nonlocal done
        chance = random.Random(seed)
        durable, reference = DurableMatcher(plan, answers=0), ReferenceMatcher(plan)
        for _ in range(evaluations):
            share = chance.choice((0.1, 0.4, 0.8, 1.0))
            atoms = {atom for atom in range(ATOMS) if chance.random() < share}
            known = {name for name in range(DERIVED) if chance.random() < 0.1}
            found, expected = durable.match(atoms, known), reference.match(atoms, known)
            assert found == expected, (plan, atoms, known, found, expected)
            done += 1

    agree()
    print(done)
    return 0


if __name__ == "__main__":
    sys.exit(main(int(sys.argv[1]), int(sys.argv[2])))
