"""durable-rules answers as the plain reference does: at random, at the sizes where the engine breaks, over time, in threads."""

from __future__ import annotations

import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from operator import eq, ge, gt, le, lt, ne
from pathlib import Path

import durable_rules_engine as engine
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from rulebook_samples import judge, rule

from server.rulebook.durable import MAX_PROPERTIES, MAX_RULES, DurableMatcher, distinct_names, fnv1a32
from server.rulebook.matcher import MAX_NEEDS, MatchPlan, MatchRule, ReferenceMatcher

HERE = Path(__file__).parent
ROOT = HERE.parent.parent


def run(*command: str, timeout: float = 120, **environment: str) -> subprocess.CompletedProcess[str]:
    known = {"PYTHONPATH": str(ROOT), "PATH": "/usr/bin:/bin", **environment}
    return subprocess.run([sys.executable, *command], cwd=ROOT, env=known, capture_output=True, text=True, timeout=timeout)


@pytest.mark.parametrize("fill", ["0", "165", "255"])
def test_thousands_of_random_evaluations_agree_with_the_reference(fill: str) -> None:
    # The GNU C library fills fresh memory with that byte: what the engine reads without having written it shows.
    found = run(str(HERE / "matcher_fuzz.py"), "150", "60", MALLOC_PERTURB_=fill)
    assert found.returncode == 0, found.stderr[-2000:]
    assert int(found.stdout) >= 8000


@pytest.mark.parametrize("number", [1, 49, 50, 51, 64, 65, 100, 101, 300])
def test_any_number_of_rules_may_fire_at_once(number: int) -> None:
    plan = MatchPlan(tuple(MatchRule((index,)) for index in range(number)))
    assert DurableMatcher(plan).match(set(range(number))).fired == tuple(range(number))


@pytest.mark.parametrize("number", [64, 65, 257, 600])
def test_any_number_of_rules_may_share_a_condition(number: int) -> None:
    plan = MatchPlan(tuple(MatchRule((0, 1 + index % 7)) for index in range(number)))
    atoms = {0, 1, 3}
    assert DurableMatcher(plan).match(atoms) == ReferenceMatcher(plan).match(atoms)


def test_rules_with_many_conditions_are_cut_before_the_engines_limit_of_properties() -> None:
    plan = MatchPlan(tuple(MatchRule(tuple(range(index * 100, index * 100 + 100))) for index in range(20)))
    matcher = DurableMatcher(plan)
    assert all(len(chunk._atoms) <= MAX_PROPERTIES for chunk in matcher._chunks)
    assert matcher.match(set(range(2000))).fired == tuple(range(20))


def test_a_chain_may_cross_every_boundary_between_chunks_in_any_order() -> None:
    number = 3 * MAX_RULES + 1
    forward = [MatchRule((), (index,), (index + 1,)) for index in range(number)]
    for rules in (forward, forward[::-1]):
        plan = MatchPlan(tuple(rules))
        found = DurableMatcher(plan).match(set(), {0})
        assert found == ReferenceMatcher(plan).match(set(), {0})
        assert len(found.fired) == number


def test_a_rule_may_need_as_many_conclusions_as_the_check_allows() -> None:
    plan = MatchPlan(
        (*(MatchRule((index,), (), (index,)) for index in range(MAX_NEEDS)), MatchRule((0,), tuple(range(MAX_NEEDS)), (99,)))
    )
    matcher = DurableMatcher(plan)
    assert 99 in matcher.match(set(range(MAX_NEEDS))).concluded
    assert 99 not in matcher.match(set(range(MAX_NEEDS - 1))).concluded


def test_names_with_one_hash_are_never_used_together() -> None:
    one, other = "custom_field_139599", "custom_field_322382"
    assert fnv1a32(one) == fnv1a32(other)
    assert list(distinct_names([one, "b", other, "c"])) == [one, "b", "c"]
    assert list(distinct_names(["sid", "a0"])) == ["a0"]


def test_an_evaluation_leaves_nothing_behind_for_the_next() -> None:
    plan = MatchPlan((MatchRule((0,), (), (0,)), MatchRule((1,), (0,))))
    matcher = DurableMatcher(plan, answers=0)
    assert matcher.match({0, 1}).fired == (0, 1)
    assert matcher.match({1}).fired == ()
    assert matcher.match({1}, {0}).fired == (1,)
    assert matcher.match({1}).fired == ()


def test_the_engine_is_not_asked_the_same_twice(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[str] = []
    monkeypatch.setattr(
        engine, "assert_fact", lambda handle, fact, ask=engine.assert_fact: asked.append(fact) or ask(handle, fact)
    )
    matcher = DurableMatcher(MatchPlan((MatchRule((0, 1)), MatchRule((2,), (0,)))))

    found = [matcher.match(atoms, known).fired for atoms, known in (({0, 1}, set()), ({0, 1, 9}, {7}), ({0, 1, 2}, {0}))]

    assert found == [(0,), (0,), (0, 1)]
    assert len(asked) == 2  # what no rule asks for makes no other question


def test_many_threads_share_one_matcher() -> None:
    plan = MatchPlan(tuple(MatchRule((index % 10, 10 + index % 3), (), (index % 4,)) for index in range(80)))
    matcher, reference = DurableMatcher(plan, answers=0), ReferenceMatcher(plan)

    def work(seed: int) -> bool:
        atoms = {(seed + step) % 13 for step in range(6)}
        return all(matcher.match(atoms) == reference.match(atoms) for _ in range(50))

    with ThreadPoolExecutor(8) as pool:
        assert all(pool.map(work, range(40)))


MEMORY = """
from server.rulebook.durable import DurableMatcher
from server.rulebook.matcher import MatchPlan, MatchRule
def rss():
    return int(open("/proc/self/statm").read().split()[1]) * 4
matcher = DurableMatcher(MatchPlan(tuple(MatchRule((i % 25,), ((i % 6,) if i % 5 == 0 else ()), ((i + 1) % 6,)) for i in range(50))), answers=0)
def run(times):
    for i in range(times):
        matcher.match({i % 25, (i * 7) % 25, (i * 3) % 25})
run(2000)
before = rss()
run(20000)
print(rss() - before)
"""


def test_memory_stays_flat_over_twenty_thousand_evaluations() -> None:
    found = run("-c", MEMORY)
    assert found.returncode == 0, found.stderr[-2000:]
    assert int(found.stdout) < 2048  # kB


@settings(max_examples=80)
@given(
    st.lists(
        st.lists(st.tuples(st.sampled_from(["count", "level"]), st.sampled_from(["=", ">", ">=", "<", "<=", "!="]), st.integers(0, 4)), max_size=3),
        min_size=1, max_size=25,
    ),
    st.one_of(st.none(), st.integers(-1, 5)), st.one_of(st.none(), st.integers(-1, 5)),
)  # fmt: skip
def test_conditions_that_are_looked_up_hold_as_if_tried_one_by_one(
    conditions: list[list[tuple[str, str, int]]], count: int | None, level: int | None
) -> None:
    tests = {"=": eq, ">": gt, ">=": ge, "<": lt, "<=": le, "!=": ne}
    values = {"count": count, "level": level}
    rules = [
        rule(f"r{n:02}", when={"all": [list(item) for item in items]} if items else None) for n, items in enumerate(conditions)
    ]
    expected = tuple(
        f"r{n:02}"
        for n, items in enumerate(conditions)
        if all(values[name] is not None and tests[op](values[name], limit) for name, op, limit in items)
    )
    assert judge(rules, values).matched == expected
