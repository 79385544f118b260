"""How far the steps of a state are: who is asked now, and whether the whole is approved or refused. Pure: votes in, standing out."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Literal

from .model import ALL, Node, Parallel, Quorum, Sequence, Step

Outcome = Literal["open", "approved", "refused"]


@dataclass(frozen=True, slots=True)
class Votes:
    """What the people asked by one step have said so far; `asked` of them in all."""

    asked: int = 0
    approved: int = 0
    refused: int = 0


NONE_YET = Votes()


@dataclass(frozen=True, slots=True)
class Standing:
    """The outcome, and the steps that are asked now, in order."""

    outcome: Outcome
    asked: tuple[str, ...] = ()


def outcome_of(needs: Quorum, of: int, approved: int, refused: int) -> Outcome:
    """Approved once enough agree; refused once enough no longer can."""
    needed = needs.needed(of)
    if approved >= needed:
        return "approved"
    return "refused" if of - refused < needed else "open"


def standing(node: Node, votes: Mapping[str, Votes], skipped: Iterable[str] = ()) -> Standing:
    """The standing of a tree of steps under these votes. A step in `skipped` (its condition does not hold) counts as approved."""
    return _standing(node, votes, frozenset(skipped))


def _standing(node: Node, votes: Mapping[str, Votes], skipped: frozenset[str]) -> Standing:
    match node:
        case Step():
            return _of_step(node, votes, skipped)
        case Sequence():
            for part in node.parts:
                found = _standing(part, votes, skipped)
                if found.outcome != "approved":
                    return found
            return Standing("approved")
        case Parallel():
            branches = [_standing(part, votes, skipped) for part in node.parts]
            approved = sum(branch.outcome == "approved" for branch in branches)
            refused = sum(branch.outcome == "refused" for branch in branches)
            outcome = outcome_of(node.needs, len(branches), approved, refused)
            asked = tuple(name for branch in branches for name in branch.asked) if outcome == "open" else ()
            return Standing(outcome, asked)


def _of_step(step: Step, votes: Mapping[str, Votes], skipped: frozenset[str]) -> Standing:
    if step.name in skipped:
        return Standing("approved")
    tally = votes.get(step.name, NONE_YET)
    outcome: Outcome = outcome_of(step.needs, tally.asked, tally.approved, tally.refused) if tally.asked else "open"
    return Standing(outcome, (step.name,) if outcome == "open" else ())


def with_step(node: Node, step: Step, anchor: str, *, before: bool) -> Node:
    """The tree with one more step directly before or after the step `anchor`; unchanged where there is no such step."""
    match node:
        case Step():
            if node.name != anchor:
                return node
            return Sequence((step, node) if before else (node, step))
        case Sequence(parts=parts):
            return Sequence(tuple(with_step(part, step, anchor, before=before) for part in parts))
        case Parallel(parts=parts, needs=needs):
            return Parallel(tuple(with_step(part, step, anchor, before=before) for part in parts), needs)


def from_here_on(node: Node, anchor: str) -> tuple[str, ...]:
    """The step `anchor` and every step that comes after it: what is asked again when the record is returned to it."""
    return tuple(_from_here_on(node, anchor)[1])


def _from_here_on(node: Node, anchor: str) -> tuple[bool, list[str]]:
    match node:
        case Step():
            return node.name == anchor, [node.name] if node.name == anchor else []
        case Parallel(parts=parts):
            for part in parts:
                is_there, names = _from_here_on(part, anchor)
                if is_there:
                    return True, names
            return False, []
        case Sequence(parts=parts):
            for index, part in enumerate(parts):
                is_there, names = _from_here_on(part, anchor)
                if is_there:
                    return True, names + [step.name for later in parts[index + 1 :] for step in later.steps()]
            return False, []


__all__ = ["ALL", "Outcome", "Standing", "Votes", "from_here_on", "outcome_of", "standing", "with_step"]
