"""What is simulated, and what comes of it: a request, the cases it judges, their tally."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal

from ...core.text import Text
from ...core.values import to_json
from ...rulebook.model import Rule

Verdict = Literal["new", "gone", "other", "same", "none"]
VERDICTS: Mapping[Verdict, Text] = {
    "new": Text("新符合", "newly matched"),
    "gone": Text("不再符合", "no longer matched"),
    "other": Text("后果不同", "another consequence"),
    "same": Text("与当时相同", "as before"),
    "none": Text("不符合", "not matched"),
}


@dataclass(frozen=True)
class Request:
    """A rule and the period whose saves it judges: from `start` up to, not including, `end`.

    `published` is the rule in force that the draft is compared with; None where the draft is that rule itself, or new.
    """

    rule: Rule
    start: datetime
    end: datetime
    published: Rule | None = None


@dataclass(frozen=True, slots=True)
class Judged:
    """What a rule comes to in one case: the consequences it had, what it said, what it set."""

    matched: bool
    then: tuple[str, ...] = ()
    values_set: Mapping[str, Any] = field(default_factory=dict)

    def is_like(self, other: Judged) -> bool:
        return self.matched == other.matched and sorted(self.then) == sorted(other.then) and self.values_set == other.values_set


@dataclass(frozen=True, slots=True)
class Case:
    """One save of one record (or one time that came for it), judged again.

    `then_` is what the rule came to when it happened, None where it was not judged then; `published` what the rule in force
    comes to. `why` is the entry of the trace in JSON, `said` the messages; both empty where the reader may not see them.
    """

    name: str
    version: int
    at: datetime
    by: str
    event: str
    judged: Judged
    then_: Judged | None = None
    published: Judged | None = None
    said: tuple[Text, ...] = ()
    why: Mapping[str, Any] = field(default_factory=dict)
    is_hidden: bool = False

    @property
    def verdict(self) -> Verdict:
        """Against the rule in force where there is one beside the draft, else against what happened."""
        before = self.published or self.then_
        if before is None or not before.matched:
            return "new" if self.judged.matched else "none"
        if not self.judged.matched:
            return "gone"
        return "same" if self.judged.is_like(before) else "other"

    def to_json(self) -> dict[str, Any]:
        return {
            "name": self.name,
            "version": self.version,
            "at": to_json(self.at),
            "by": self.by,
            "event": self.event,
            "matched": self.judged.matched,
            "verdict": self.verdict,
            "then": list(self.judged.then),
            "set": {name: to_json(value) for name, value in self.judged.values_set.items()},
            "matched_then": None if self.then_ is None else self.then_.matched,
            "matched_by_published": None if self.published is None else self.published.matched,
            "said": [text.to_json() for text in self.said],
            "why": dict(self.why),
        }


@dataclass
class Tally:
    """Counts of a run while it goes on. `read` of `total` entries of the history have been gone through."""

    total: int = 0
    read: int = 0
    judged: int = 0
    matched: int = 0
    failed: int = 0
    unseen: int = 0  # saves of records that the reader may not read
    unknown: int = 0  # saves of records whose state then cannot be told
    misfits: int = 0  # values of then that their fields cannot hold any more
    overlaid: int = 0  # saves in which a rule had set a value and what stood before was not kept
    verdicts: Counter[str] = field(default_factory=Counter)
    consequences: Counter[str] = field(default_factory=Counter)
    months: dict[str, dict[str, int]] = field(default_factory=dict)
    of_today: set[str] = field(default_factory=set)  # DocTypes that keep no history: their facts are those of today
    compared: bool = False

    def add(self, case: Case, month: str) -> None:
        self.judged += 1
        self.matched += case.judged.matched
        verdict = case.verdict
        self.verdicts[verdict] += 1
        self.consequences.update(case.judged.then)
        here = self.months.setdefault(month, {"judged": 0, "matched": 0, "new": 0, "gone": 0, "other": 0})
        here["judged"] += 1
        here["matched"] += case.judged.matched
        if verdict in here:
            here[verdict] += 1

    def to_json(self) -> dict[str, Any]:
        plain = ("total", "read", "judged", "matched", "failed", "unseen", "unknown", "misfits", "overlaid", "compared")
        return {name: getattr(self, name) for name in plain} | {
            "verdicts": dict(self.verdicts),
            "consequences": dict(self.consequences),
            "months": dict(sorted(self.months.items())),
            "of_today": sorted(self.of_today),
        }


def decided_by(why: Mapping[str, Any]) -> list[tuple[Text, Text]]:
    """The values that decided, each with the label of its condition; those of parts where a condition has some."""
    found = []
    for condition in why.get("conditions") or ():
        actual = condition.get("actual_text", condition.get("actual"))
        if actual is not None:
            found.append((Text.of(condition["label"]), Text.of(actual if isinstance(actual, dict) else str(actual))))
        else:
            found += decided_by({"conditions": condition.get("parts") or ()})
    return found


def notes(tally: Mapping[str, Any], label: Mapping[str, Text]) -> list[Text]:
    """What limits the result, in words; `label` gives the labels of DocTypes."""
    found: list[Text] = []
    for name, text in _NOTES.items():
        if number := tally.get(name):
            found.append(text.format(number=str(number)))
    if today := [label.get(name, Text.of(name)) for name in tally.get("of_today") or ()]:
        zh, en = "、".join(item.zh for item in today), ", ".join(item.en for item in today)
        found.append(
            Text(
                f"{zh}不记录更改，取自它们的事实是今天的值。",
                f"{en}: no changes are recorded there, so what the rule asks of them is as of today.",
            )
        )
    found.append(
        Text(
            "只判断当时确实保存了的内容：被拒绝的保存没有记录。用户的角色取今天的。",
            "Only saves that took place are judged: those that were refused left no record. Users have the roles of today.",
        )
    )
    return found


_NOTES = {
    "failed": Text("{number} 次保存无法判断。", "{number} saves could not be judged."),
    "unseen": Text("{number} 次保存属于您无权查看的记录，未计入。", "{number} saves are of records that you may not read; they are left out."),
    "unknown": Text("{number} 次保存的当时状态无从得知，未计入。", "{number} saves are left out: what the record was then cannot be told."),
    "misfits": Text("{number} 个当时的值与今天的字段类型不符，按空值判断。", "{number} values of then do not fit their fields any more and were judged as empty."),
    "overlaid": Text(
        "{number} 次保存中规则曾设置字段而未留下原值，按设置后的值判断。",
        "In {number} saves rules had set values and what stood before was not kept; those were judged with the values set.",
    ),
}  # fmt: skip
