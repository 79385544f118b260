"""What differs between two versions of a rule, as people read rules: conditions, consequences, rows of tables, tests."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from ..core.text import Text
from ..metadata.model import Model
from .describe import spoken_parts
from .kinds import KINDS, kind_label
from .model import Rule
from .read import read
from .tables.model import Table

_PARTS = {"when": Text("条件", "condition"), "then": Text("后果", "consequence"), "tests": Text("测试", "test")}
_ROW = Text("决策表的行", "row of the table")
MAX_LINES = 30  # of one part; the rest is counted


def rule_differences(before: Mapping[str, Any], after: Mapping[str, Any], model: Model) -> dict[str, list[Text]]:
    """The differences that can be said in words, by the key of the rule's JSON that they are about.

    Keys are missing where nothing differs, and where what differs has no words: those are for whoever compares the JSON.
    """
    one, two = read(before, "")[0], read(after, "")[0]
    if one is None or two is None:
        return {}
    old, new = spoken_parts(one, model), spoken_parts(two, model)
    found = {key: _lines(_PARTS[key], old[key], new[key]) for key in ("when", "then")}
    found["then"] += [*_rows(one, two), *_settings(before.get("then"), after.get("then"))]
    found["tests"] = _tests(before.get("tests"), after.get("tests"), one, two)
    return {key: _bounded(lines) for key, lines in found.items() if lines}


def _lines(what: Text, old: Sequence[Text], new: Sequence[Text]) -> list[Text]:
    gone = [item for item in old if item not in new]
    come = [item for item in new if item not in old]
    if len(gone) == len(come):
        return [Text(f"{what.zh}：{a.zh} → {b.zh}", f"{what.en}: {a.en} → {b.en}") for a, b in zip(gone, come, strict=True)]
    return [
        *(Text(f"去掉{what.zh}：{item.zh}", f"{what.en} taken away: {item.en}") for item in gone),
        *(Text(f"增加{what.zh}：{item.zh}", f"{what.en} added: {item.en}") for item in come),
    ]


def _settings(before: Any, after: Any) -> list[Text]:
    """Which settings of consequences that stayed in their place changed: not all of them are read aloud."""
    if not isinstance(before, list) or not isinstance(after, list) or len(before) != len(after):
        return []
    found = []
    for old, new in zip(before, after, strict=True):
        for kind in new if isinstance(new, Mapping) and isinstance(old, Mapping) else ():
            a, b = old.get(kind), new[kind]
            if isinstance(a, Mapping) and isinstance(b, Mapping) and kind in KINDS:
                keys = [key for key in dict.fromkeys((*a, *b)) if key != "rows" and a.get(key) != b.get(key)]
                if keys:
                    label, names = kind_label(kind), ", ".join(keys)
                    found.append(Text(f"“{label.zh}”的设置已改：{names}", f'settings of "{label.en}" changed: {names}'))
    return found


def _rows(one: Rule, two: Rule) -> list[Text]:
    if len(one.tables) != len(two.tables):
        return []
    return [line for a, b in zip(one.tables, two.tables, strict=True) for line in _lines(_ROW, _spoken(a), _spoken(b))]


def _spoken(table: Table) -> list[Text]:
    """Its rows, each as its cells."""
    found = []
    for row in table.rows:
        cells = [Text.of(cell) if cell else Text.of("-") for cell in (*row.when, *row.then)]
        found.append(Text(" | ".join(cell.zh for cell in cells), " | ".join(cell.en for cell in cells)))
    return found


def _tests(before: Any, after: Any, one: Rule, two: Rule) -> list[Text]:
    old = {test.title: (raw, test.then) for raw, test in _paired(before, one)}
    new = {test.title: (raw, test.then) for raw, test in _paired(after, two)}
    what = _PARTS["tests"]
    found = _lines(what, [title for title in old if title not in new], [title for title in new if title not in old])
    for title, (raw, then) in new.items():
        if title in old and old[title][0] != raw:
            was, now = _kinds(old[title][1]), _kinds(then)
            more = Text("", "") if was == now else Text(f"：应有 {was.zh} → {now.zh}", f": expected {was.en} → {now.en}")
            found.append(Text(f"测试“{title.zh}”已改{more.zh}", f'test "{title.en}" changed{more.en}'))
    return found


def _paired(raws: Any, rule: Rule) -> Iterable[tuple[Any, Any]]:
    given = raws if isinstance(raws, list) else []
    return zip(given, rule.tests, strict=False) if len(given) == len(rule.tests) else ()


def _kinds(then: Sequence[str]) -> Text:
    labels = [kind_label(kind) for kind in then]
    if not labels:
        return Text("无后果", "nothing")
    return Text("、".join(label.zh for label in labels), ", ".join(label.en for label in labels))


def _bounded(lines: list[Text]) -> list[Text]:
    left = len(lines) - MAX_LINES
    return lines if left <= 0 else [*lines[:MAX_LINES], Text(f"…另有 {left} 处", f"… and {left} more")]
