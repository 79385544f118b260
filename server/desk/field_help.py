"""What stands behind one field, for the `?` beside it: the words of the clauses that it or a rule on it cites, and which rules read it,
set it, ask for it. Nothing for a field of which there is no more to say than its description, which stands under it anyway."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache

from ..core.text import Text
from ..metadata.model import DocField, DocType, Model
from ..rulebook.describe import describe
from ..rulebook.model import Hide, Lock, Require, Rule
from ..rulebook.reads import names_guarded_elsewhere, overlap, set_reads, spoken, table_reads, when_reads, writes
from ..rulebook.rulebook import Rulebook

SETS, ASKS, CLOSES, READS = (
    Text("填写它", "sets it"), Text("要求填写它", "asks for it"), Text("隐藏或锁定它", "hides or locks it"), Text("读取它", "reads it"),
)  # fmt: skip
MOST = 8  # rules of one field; the rest are named by their number


@dataclass(frozen=True)
class RuleOnField:
    """A rule that touches a field: what it does with it, and the rule read aloud where its reader sees every field that it names."""

    title: Text
    does: tuple[Text, ...]
    sentence: Text | None
    clauses: tuple[str, ...]


@dataclass(frozen=True)
class FieldHelp:
    clauses: tuple[tuple[str, Text], ...]
    rules: tuple[RuleOnField, ...]
    more: int  # rules beyond those that are named


def help_of(item: DocField, rules: Iterable[RuleOnField], words: Mapping[str, Text]) -> FieldHelp | None:
    """What there is to say of a field; `words` are those of the clauses by their number."""
    found = list(rules)
    cited = dict.fromkeys([*item.source, *(code for rule in found for code in rule.clauses)])
    clauses = tuple((code, words[code]) for code in cited if code in words)
    return FieldHelp(clauses, tuple(found[:MOST]), max(0, len(found) - MOST)) if found or clauses else None


def rules_on_fields(
    rulebook: Rulebook, model: Model, doctype: DocType, levels: frozenset[int]
) -> Mapping[str, list[RuleOnField]]:
    """By field the rules that touch it, for a reader of these permission levels."""
    return _rules_on_fields(rulebook, model, doctype.name, levels)


@lru_cache(maxsize=128)
def _rules_on_fields(rulebook: Rulebook, model: Model, name: str, levels: frozenset[int]) -> Mapping[str, list[RuleOnField]]:
    doctype, found = model[name], dict[str, list[RuleOnField]]()
    unseen = _unseen(model, doctype, levels)
    for rule in rulebook.of(name):
        if not rule.enabled:
            continue
        touched = _touched(rule)
        named = {path for paths in touched.values() for path in paths}
        is_seen = all(_is_seen(model, doctype, path, levels) for path in named) and not (
            unseen & spoken(rule) or names_guarded_elsewhere(rule, model)
        )
        sentence = describe(rule, model) if is_seen else None
        title = rule.title or Text.of(rule.name)
        for item in doctype.data_fields:
            does = tuple(what for what, paths in touched.items() if any(overlap(item.fieldname, path) for path in paths))
            if does:
                found.setdefault(item.fieldname, []).append(RuleOnField(title, does, sentence, rule.source))
    return found


def _touched(rule: Rule) -> dict[Text, Collection[str]]:
    """What all versions of a rule do with which fields."""
    versions = rule.all_versions
    return {
        SETS: {path for one in versions for path in writes(one)},
        ASKS: {path for one in versions for path in _asked(one)},
        CLOSES: {path for one in versions for path in _closed(one)},
        READS: {path for one in versions for path in _read(one)},
    }


def _read(rule: Rule) -> set[str]:
    return when_reads(rule).union(table_reads(rule), *set_reads(rule).values())


def _asked(rule: Rule) -> Iterator[str]:
    for item in rule.then:
        if isinstance(item, Require):
            yield from (f"{item.each.table}.{name}" if item.each else name for name in item.fields)


def _closed(rule: Rule) -> Iterator[str]:
    for item in rule.then:
        if isinstance(item, (Hide, Lock)):
            yield from item.fields


def _unseen(model: Model, doctype: DocType, levels: frozenset[int]) -> set[str]:
    """The fields and columns that are kept from the reader, by their names alone."""
    holders = [doctype, *(model.child(item) for item in doctype.table_fields)]
    return {item.fieldname for holder in holders for item in holder.fields if item.permlevel not in levels}


def _is_seen(model: Model, doctype: DocType, path: str, levels: frozenset[int]) -> bool:
    first, _, rest = path.partition(".")
    item = doctype.by_name.get(first)
    if item is None:
        return True  # a field that every record has, or a fact of the rule's own
    if item.permlevel not in levels:
        return False
    column = model.child(item).by_name.get(rest) if rest and item.type.holds_rows else None
    return column is None or column.permlevel in levels
