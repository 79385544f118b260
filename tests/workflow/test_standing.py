"""Votes and trees of steps: what holds whatever the numbers are."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from server.core.text import Text
from server.workflow.layout import placed, size
from server.workflow.model import ALL, ANY, Approver, Node, Parallel, Quorum, Sequence, Step
from server.workflow.standing import Votes, from_here_on, outcome_of, standing, with_step

QUORA = st.one_of(
    st.just(ANY),
    st.just(ALL),
    st.integers(1, 9).map(lambda n: Quorum("number", n)),
    st.integers(1, 100).map(lambda n: Quorum("percent", n)),
)


def step(name: str) -> Step:
    return Step(name, Text.of(name), (Approver("role", "Boss"),))


@st.composite
def trees(draw: st.DrawFn) -> Node:
    names = iter(f"s{number}" for number in range(1000))

    def node(depth: int) -> Node:
        kind = draw(st.sampled_from(["step"] if depth == 0 else ["step", "sequence", "parallel"]))
        if kind == "step":
            return step(next(names))
        parts = tuple(node(depth - 1) for _ in range(draw(st.integers(1, 3))))
        return Sequence(parts) if kind == "sequence" else Parallel(parts, draw(QUORA))

    return Sequence(tuple(node(2) for _ in range(draw(st.integers(1, 3)))))


@given(QUORA, st.integers(1, 9), st.data())
def test_no_order_of_votes_changes_the_outcome_and_nothing_decided_turns(needs: Quorum, of: int, data: st.DataObject) -> None:
    votes = data.draw(st.lists(st.booleans(), min_size=of, max_size=of))
    seen = []
    for number in range(of + 1):
        approved = sum(votes[:number])
        seen.append(outcome_of(needs, of, approved, number - approved))
    decided = [outcome for outcome in seen if outcome != "open"]
    assert decided
    assert set(decided) == {decided[0]}
    assert seen[-1] == ("approved" if sum(votes) >= needs.needed(of) else "refused")
    assert 1 <= needs.needed(of) <= of


@given(trees(), st.data())
def test_a_tree_goes_on_until_it_is_decided(tree: Node, data: st.DataObject) -> None:
    votes: dict[str, Votes] = {}
    names = [one.name for one in tree.steps()]
    for _ in range(len(names) + 1):
        found = standing(tree, votes)
        if found.outcome != "open":
            assert not found.asked
            return
        assert found.asked
        assert not set(found.asked) & set(votes)
        name = data.draw(st.sampled_from(found.asked))
        approves = data.draw(st.booleans())
        votes[name] = Votes(1, int(approves), int(not approves))
    raise AssertionError("it never ends")


@given(trees())
def test_all_approved_is_approved(tree: Node) -> None:
    everything = {one.name: Votes(1, 1, 0) for one in tree.steps()}
    assert standing(tree, everything).outcome == "approved"
    assert standing(tree, {}, [one.name for one in tree.steps()]).outcome == "approved"


@given(trees(), st.booleans(), st.data())
def test_an_added_step_is_asked_before_or_after_its_anchor(tree: Node, before: bool, data: st.DataObject) -> None:
    names = [one.name for one in tree.steps()]
    anchor = data.draw(st.sampled_from(names))
    found = [one.name for one in with_step(tree, step("new"), anchor, before=before).steps()]
    assert [name for name in found if name != "new"] == names
    assert found.index("new") - found.index(anchor) == (-1 if before else 1)


@given(trees(), st.data())
def test_going_back_to_a_step_asks_it_and_never_what_was_before(tree: Node, data: st.DataObject) -> None:
    names = [one.name for one in tree.steps()]
    anchor = data.draw(st.sampled_from(names))
    again = from_here_on(tree, anchor)
    assert again[0] == anchor
    votes = {name: Votes(1, 1, 0) for name in names if name not in again}
    assert set(standing(tree, votes).asked) <= set(again)  # what stands beside it may be enough already


@given(trees())
def test_no_two_steps_are_drawn_on_one_another(tree: Node) -> None:
    places = [(item.column, item.row) for item in placed(tree)]
    assert len(places) == len(set(places))
    width, height = size(tree)
    assert all(column < width and row < height for column, row in places)
