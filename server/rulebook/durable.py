"""Matching on durable-rules 2.0.28: the only module that imports its engine.

The engine kills the process, hangs or answers wrongly on much of what its grammar allows, so it is given one narrow subset:
one fact at a time, of integers 1 under generated names; one pattern a rule, a conjunction of equalities. One fixed sid, no
`Host`, no `delete_state`, no `post`, no batches; the fact is retracted again; chunks of at most 50 rules; whatever goes wrong,
the handle is thrown away and the chunk compiled anew.

Conclusions are properties of that fact, asserted afresh with each round of the chain, never facts of their own. A rule of
several patterns that has fired leaves its frame marked as dispatching; retracting the second of its facts then reads past the
end of that frame (`deleteMessageFromFrame`), which ends in SIGSEGV or overwrites memory, depending on what lies there.
"""

from __future__ import annotations

import json
import logging
from collections import Counter
from collections.abc import Iterable, Iterator
from collections.abc import Set as AbstractSet
from itertools import count
from threading import Lock
from typing import Any

import durable_rules_engine as engine
import orjson

from .matcher import Matched, MatcherFailed, MatchPlan, MatchRule

log = logging.getLogger("guiju.rulebook")

MAX_RULES = 50  # a fact that matches more than 64 patterns at once fails for all of them
MAX_PROPERTIES = 200  # a fact holds at most 252 properties
MAX_FIRINGS = 10_000
MAX_ANSWERS = 1_000
SID = "e"
_RESERVED = ("sid", "id", "t", "$s", "$m", "$and")
_NONE: frozenset[int] = frozenset()
_names = count()


def fnv1a32(text: str) -> int:
    """The hash by which the engine tells names apart: two names with one hash are one name to it."""
    value = 0x811C9DC5
    for byte in text.encode():
        value = ((value ^ byte) * 0x01000193) & 0xFFFFFFFF
    return value


def distinct_names(candidates: Iterable[str], taken: Iterable[str] = _RESERVED) -> Iterator[str]:
    """The candidates, leaving out each whose hash one before it has already."""
    seen = {fnv1a32(name) for name in taken}
    for name in candidates:
        hashed = fnv1a32(name)
        if hashed not in seen:
            seen.add(hashed)
            yield name


class DurableMatcher:
    """A plan cut into chunks, each one ruleset of the engine. Safe to share between threads.

    `answers` of each chunk are remembered (0: the engine is asked each time): the same conditions lead to the same rules, and
    records of one type hold the same few conditions again and again.
    """

    def __init__(self, plan: MatchPlan, answers: int = MAX_ANSWERS) -> None:
        self._chunks = [_Chunk(part, answers) for part in _cut(plan.rules)]
        concludes = any(rule.concludes or rule.needs for rule in plan.rules)
        self._only = self._chunks[0] if len(self._chunks) == 1 and not concludes else None

    def match(self, atoms: AbstractSet[int], concluded: AbstractSet[int] = frozenset()) -> Matched:
        if self._only is not None:  # the commonest: no further round can follow
            return Matched(tuple(sorted(self._only.match(atoms, _NONE))), frozenset(concluded))
        known = set(concluded)
        fired: set[int] = set()
        pending = list(self._chunks)
        # Rules stand in the order of their needs, so one pass is the rule; a conclusion that an earlier chunk waits for
        # costs another.
        while pending:
            before = set(known)
            for chunk in pending:
                found = chunk.match(atoms, known)
                fired |= found
                known |= chunk.conclusions(found)
            fresh = known - before
            pending = [chunk for chunk in self._chunks if chunk.needs & fresh] if fresh else []
        return Matched(tuple(sorted(fired)), frozenset(known))


def _cut(rules: tuple[MatchRule, ...]) -> Iterator[list[tuple[int, MatchRule]]]:
    """Rules in chunks small enough for the engine, those that others wait for first."""
    part: list[tuple[int, MatchRule]] = []
    properties: set[int] = set()
    for index in _by_needs(rules):
        rule = rules[index]
        wanted = {*rule.atoms, *(-1 - name for name in rule.needs)}  # conclusions are properties of the fact as well
        if part and (len(part) >= MAX_RULES or len(properties | wanted) > MAX_PROPERTIES):
            yield part
            part, properties = [], set()
        part.append((index, rule))
        properties |= wanted
    if part:
        yield part


def _by_needs(rules: tuple[MatchRule, ...]) -> list[int]:
    """Rules ordered by how long the chain of conclusions before them is."""
    depth_of: dict[int, int] = {}  # conclusion -> length of the longest chain to it
    depths = [0] * len(rules)
    for _ in range(len(rules)):
        changed = False
        for index, rule in enumerate(rules):
            depth = max((depth_of.get(name, 0) for name in rule.needs), default=0)
            for name in rule.concludes:
                if depth_of.get(name, 0) < depth + 1 <= len(rules):
                    depth_of[name] = depth + 1
                    changed = True
            depths[index] = depth
        if not changed:
            break
    return sorted(range(len(rules)), key=lambda index: (depths[index], index))


class _Chunk:
    """At most 50 rules under one handle of the engine, compiled when first needed, guarded by one lock."""

    def __init__(self, rules: list[tuple[int, MatchRule]], max_answers: int) -> None:
        self._rules = dict(rules)
        self._max_answers = max_answers
        uses = Counter(atom for rule in self._rules.values() for atom in rule.atoms)
        # Whether any rule can fire is asked of the rarest atom of each: most chunks of most records have none that holds.
        self._by_rarest: dict[int, list[frozenset[int]]] = {}
        self._has_free = not all(rule.atoms for rule in self._rules.values())
        for rule in self._rules.values():
            if rule.atoms:
                self._by_rarest.setdefault(min(rule.atoms, key=lambda atom: (uses[atom], atom)), []).append(
                    frozenset(rule.atoms)
                )
        self._lock = Lock()
        self._handle: int | None = None
        self._answers: dict[tuple[frozenset[int], frozenset[int]], frozenset[int]] = {}
        self.needs = frozenset(name for rule in self._rules.values() for name in rule.needs)
        used = sorted({atom for rule in self._rules.values() for atom in rule.atoms})
        wanted = sorted(self.needs)
        generated = distinct_names((f"a{number}" for number in count()), _RESERVED)
        self._atoms = {atom: next(generated) for atom in used}
        self._used = frozenset(used)
        self._known = {name: next(generated) for name in wanted}

    def conclusions(self, fired: Iterable[int]) -> set[int]:
        return {name for index in fired for name in self._rules[index].concludes}

    def match(self, atoms: AbstractSet[int], known: AbstractSet[int]) -> AbstractSet[int]:
        """The rules of this chunk that fire; the engine is not asked when none could, nor twice the same question."""
        if not self._may_fire(atoms):
            return _NONE
        question = self._used & atoms, self.needs & known
        answer = self._answers.get(question)
        if answer is None:
            answer = frozenset(self._asked(*question))
            if len(self._answers) < self._max_answers:
                self._answers[question] = answer
        return answer

    def _asked(self, atoms: AbstractSet[int], known: AbstractSet[int]) -> set[int]:
        with self._lock:
            for attempt in (1, 2):
                try:
                    return self._ask(atoms, known)
                except Exception as error:  # whatever the engine raises: its state can no longer be trusted
                    self._handle = None
                    log.warning("durable-rules failed (attempt %d), its handle was thrown away: %r", attempt, error)
            raise MatcherFailed("durable-rules failed twice")

    def _may_fire(self, atoms: AbstractSet[int]) -> bool:
        if self._has_free:
            return True
        for atom in self._by_rarest.keys() & atoms:
            for needed in self._by_rarest[atom]:
                if needed <= atoms:
                    return True
        return False

    def _ask(self, atoms: AbstractSet[int], known: AbstractSet[int]) -> set[int]:
        if self._handle is None:
            self._handle = engine.create_ruleset(f"guiju{next(_names)}", json.dumps(self._definition()))
        holding = [f',"{name}":1' for atom, name in self._atoms.items() if atom in atoms]
        fired: set[int] = set()
        concluded = self.needs & known
        while True:
            chained = [f',"{self._known[name]}":1' for name in concluded]
            fired |= self._round(self._handle, f'{{"sid":"{SID}","id":"d","t":1{"".join((*holding, *chained))}}}')
            grown = concluded | (self.needs & self.conclusions(fired))
            if grown == concluded:
                return fired
            concluded = grown

    @staticmethod
    def _round(handle: int, fact: str) -> set[int]:
        """Assert the fact, take down every rule that fires because of it, and take the fact back."""
        code, state = engine.assert_fact(handle, fact)
        if code not in (0, 1):  # 1: no rule matches, the normal case
            raise MatcherFailed(f"assert_fact answered {code}")
        fired: set[int] = set()
        action = engine.start_action_for_state(handle, state)
        message = action[1] if action else None
        for _ in range(MAX_FIRINGS):
            if not message:
                break
            fired.update(int(name[1:]) for name in orjson.loads(message))
            message = engine.complete_and_start_action(handle, state)
        else:
            raise MatcherFailed(f"more than {MAX_FIRINGS} firings")
        code, _ = engine.retract_fact(handle, fact)
        if code not in (0, 1):
            raise MatcherFailed(f"retract_fact answered {code}")
        return fired

    def _definition(self) -> dict[str, Any]:
        return {f"r{index}": self._rule(rule) for index, rule in self._rules.items()}

    def _rule(self, rule: MatchRule) -> dict[str, Any]:
        names = [self._atoms[atom] for atom in sorted(set(rule.atoms))] + [
            self._known[name] for name in sorted(set(rule.needs))
        ]
        return {"all": [{"m": {"$and": [{"t": 1}, *({name: 1} for name in names)]} if names else {"t": 1}}]}
