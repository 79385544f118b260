"""Which fields a rule reads and which it writes: what the order of rules is made from.

Fields are named as paths from the record: `total`, `items` (the whole table), `items.rate` (a column).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping

from ..expressions import ExpressionRefused, parse
from ..metadata.formulas import FormulaLoop, formula_steps
from ..metadata.model import DocType, Model
from .messages import PLACE
from .model import Compare, Concluded, Condition, Expr, Fact, Group, Operand, Rows, Rule, SetFields, walk
from .tables.model import Table

PATH, WORD = re.compile(r"@?\w+(\.\w+)*( *\| *\w+)?"), re.compile(r"\w+")


def overlap(one: str, other: str) -> bool:
    """Whether two paths touch the same value: `items` touches `items.rate`."""
    return one == other or one.startswith(other + ".") or other.startswith(one + ".")


def when_reads(rule: Rule) -> set[str]:
    """The fields that decide whether the rule matches, and for which rows it sets something."""
    read = set(_conditions(rule.when, "", rule))
    for item in rule.then:
        if isinstance(item, SetFields) and item.each:
            read.update(_conditions(item.each.where, item.each.table, rule))
    return read


def set_reads(rule: Rule) -> dict[str, set[str]]:
    """For every field the rule sets, the fields its new value is made from."""
    found: dict[str, set[str]] = {}
    for item in rule.then:
        if isinstance(item, SetFields):
            of = item.each.table if item.each else ""
            for name, operand in item.values:
                found.setdefault(_in(of, name), set()).update(_operand(operand, of, rule))
    for table in rule.tables:
        inputs = set(_inputs(table, rule))
        for index, output in enumerate(table.outputs):
            if output.kind == "set":
                of = table.each.table if table.each else ""
                cells = [row.then[index] for row in table.rows] + [output.default or ""]
                made = {read for cell in cells if str(cell).startswith("=") for read in _source(str(cell)[1:].strip(), of)}
                found.setdefault(table.path_of(output), set()).update(inputs, made)
    return found


def table_reads(rule: Rule) -> set[str]:
    """The fields that decide which rows of the rule's tables hit."""
    return {read for table in rule.tables for read in _inputs(table, rule)}


def writes(rule: Rule) -> set[str]:
    fields = {
        _in(item.each.table if item.each else "", name)
        for item in rule.then
        if isinstance(item, SetFields)
        for name, _ in item.values
    }
    return fields.union(*(table.sets for table in rule.tables))


def _in(table: str, name: str) -> str:
    return f"{table}.{name}" if table else name


def asked_doctypes(rule: Rule, model: Model) -> set[str]:
    """The DocTypes that a rule may ask about: those of its facts, and those that a link leads to whose fields it speaks of.

    Rather too many than too few: a text that only looks like such a path counts.
    """
    found = {fact.of for version in rule.all_versions for fact in version.facts.values() if fact.of}
    doctype = model.get(rule.applies_to)
    if doctype is None:
        return found
    said = list(_texts(rule.raw))
    tables = [model[item.options or ""] for item in doctype.table_fields if (item.options or "") in model]
    links = [item for holder in (doctype, *tables) for item in holder.fields if item.fieldtype == "Link" and item.options]
    return found | {item.options for item in links if item.options and any(f"{item.fieldname}." in text for text in said)}


def names_guarded_elsewhere(rule: Rule, model: Model) -> bool:
    """Whether a rule may speak of a field of another record that not everybody who reads that record sees; rather too often."""
    said = list(_texts(rule.raw))
    guarded = (
        item.fieldname for of in asked_doctypes(rule, model) if of in model for item in model[of].fields if item.permlevel
    )
    return any(name in text for name in guarded for text in said)


def spoken(rule: Rule) -> set[str]:
    """The words of whatever may be a path: a text that is nothing else, a place of a message. Rather too many than too few."""
    found: set[str] = set()
    for text in _texts(rule.raw):
        for path in [text, *PLACE.findall(text)]:
            if PATH.fullmatch(path.strip()):
                found.update(WORD.findall(path))
    return found


def _texts(raw: object) -> Iterator[str]:
    if isinstance(raw, str):
        yield raw
    elif isinstance(raw, Mapping):
        yield from (text for value in raw.values() for text in _texts(value))
    elif isinstance(raw, list | tuple):
        yield from (text for value in raw for text in _texts(value))


def nested_conclusions(rule: Rule) -> set[str]:
    """Conclusions that are read inside a group: those must be final before the rule is judged."""
    top = {id(item) for item in conjunction(rule.when)}
    return {item.name for item in walk(rule.when) if isinstance(item, Concluded) and id(item) not in top}


def top_conclusions(rule: Rule) -> list[str]:
    """Conclusions that stand in the rule's conjunction: the matcher chains through them."""
    return list(dict.fromkeys(item.name for item in conjunction(rule.when) if isinstance(item, Concluded)))


def conjunction(conditions: Iterable[Condition]) -> Iterator[Condition]:
    """The conditions that must all hold, nested `all` groups flattened."""
    for item in conditions:
        if isinstance(item, Group) and item.kind == "all":
            yield from conjunction(item.items)
        else:
            yield item


def spread(model: Model, doctype: DocType, fields: Iterable[str]) -> set[str]:
    """The fields, and every formula that is computed from them."""
    found = set(fields)
    try:
        steps = formula_steps(model, doctype)
    except (FormulaLoop, ExpressionRefused):
        return found  # the DocType's own check names that
    for step in steps:
        target = f"{step.table}.{step.item.fieldname}" if step.table else step.item.fieldname
        needs = set(_expression_reads(step.expression.reads, step.table))
        if any(overlap(need, name) for need in needs for name in found):
            found.add(target)
    return found


def _conditions(conditions: Iterable[Condition], table: str, rule: Rule) -> Iterator[str]:
    for item in conditions:
        if isinstance(item, Compare):
            yield from _path(item.path, table, rule)
            yield from _operand(item.value, table, rule)
        elif isinstance(item, Group):
            yield from _conditions(item.items, table, rule)
        elif isinstance(item, Rows):
            yield item.table
            yield from _operand(item.count, table, rule)
            yield from _conditions(item.where, item.table, rule)
        elif isinstance(item, Expr):
            yield from _source(item.source, table)


def _inputs(table: Table, rule: Rule) -> Iterator[str]:
    of = table.each.table if table.each else ""
    if table.each:
        yield from _conditions(table.each.where, of, rule)
    for item in table.inputs:
        yield from _path(item.path, of, rule) if item.path else _source(item.expr, of)


def _operand(operand: Operand, table: str, rule: Rule) -> Iterator[str]:
    if operand.kind == "path":
        yield from _path(operand.value, table, rule)
    elif operand.kind == "expr":
        yield from _source(operand.value, table)
    elif isinstance(operand.value, tuple):
        for part in operand.value:
            if isinstance(part, Operand):
                yield from _operand(part, table, rule)


def _path(path: str, table: str, rule: Rule) -> Iterator[str]:
    if path.startswith("@"):
        fact = rule.facts.get(path[1:])
        if fact is not None:
            yield from _fact(fact, rule)
        return
    head, _, rest = path.partition(".")
    if head == "user" and rest:
        return
    if table and head == "parent":
        yield rest.partition(".")[0]
    elif table:
        yield f"{table}.{rest.partition('.')[0] if head == 'row' and rest else head}"
    else:
        yield head


def _fact(fact: Fact, rule: Rule) -> Iterator[str]:
    if fact.table:
        yield f"{fact.table}.{fact.field}" if fact.field else fact.table
        yield from _conditions(fact.where, fact.table, rule)
    else:
        for item in fact.where:
            if isinstance(item, Compare):
                yield from _operand(item.value, fact.each or "", rule)
    for path in (*fact.between, *(fact.period.paths if fact.period else ())):
        yield from _path(path, fact.each or "", rule)


def _source(source: str, table: str) -> Iterator[str]:
    try:
        yield from _expression_reads(parse(source).reads, table)
    except ExpressionRefused:
        return  # `check` names it


def _expression_reads(reads: Iterable[str], table: str) -> Iterator[str]:
    for read in reads:
        head, _, rest = read.partition(".")
        if head in ("user", "frappe") or not rest:
            continue
        if head == "parent":
            yield rest.partition(".")[0]
        elif table:
            yield f"{table}.{rest.partition('.')[0]}"
        elif head == "doc":
            yield ".".join(rest.split(".")[:2])
