"""One finding of the analysis: its kind, what is wrong, an example and what to do."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from ...core.text import EMPTY, Text
from ...core.values import to_json

Kind = Literal[
    "never", "contradiction", "overridden", "shadowed", "twice", "cannot_be_filled", "never_filled", "not_fulfilled",
    "unused_fact", "unknown_clause", "clause_without_implementation", "circle",
]  # fmt: skip
KINDS: Mapping[str, Text] = {
    "never": Text("永不符合", "never matches"),
    "contradiction": Text("后果矛盾", "contradictory consequences"),
    "overridden": Text("被覆盖", "overridden"),
    "shadowed": Text("被遮盖", "shadowed"),
    "twice": Text("重复", "said twice"),
    "cannot_be_filled": Text("必填而无法填写", "required, yet nobody can fill it in"),
    "never_filled": Text("无人填写", "read, yet nobody fills it in"),
    "not_fulfilled": Text("待办无人了结", "owed, and nothing fulfils it"),
    "unused_fact": Text("未用的事实", "fact not used"),
    "unknown_clause": Text("条款不存在", "no such clause"),
    "clause_without_implementation": Text("条款未实现", "clause without an implementation"),
    "circle": Text("循环", "circle"),
}


@dataclass(frozen=True, slots=True)
class Finding:
    """One weakness of the rules: of which, on which DocType, an example record, and what to do."""

    kind: Kind
    text: Text
    advice: Text
    rules: tuple[str, ...] = ()
    doctype: str = ""
    example: Mapping[str, Any] = field(default_factory=dict)
    shown: Text = EMPTY

    def to_json(self) -> dict[str, Any]:
        return {
            "kind": self.kind,
            "text": self.text.to_json(),
            "advice": self.advice.to_json(),
            "rules": list(self.rules),
            "doctype": self.doctype,
            "example": {name: to_json(value) for name, value in self.example.items()},
        }

    @property
    def said(self) -> Text:
        """What is wrong, the example, and what to do, as one text."""
        example = Text(f"例如：{self.shown.zh}。", f"For example: {self.shown.en}.") if self.shown.zh else EMPTY
        zh = f"{self.text.zh}{example.zh}{self.advice.zh}"
        return Text(zh, " ".join(part for part in (self.text.en, example.en, self.advice.en) if part))
