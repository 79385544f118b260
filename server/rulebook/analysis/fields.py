"""Fields that are required, or read by a rule, and that nobody at the form and nothing else fills in."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence

from ...core.text import Text
from ...metadata.model import DocField, DocType, Model
from ..changing import changed_fields
from ..model import Create, Require, Rule
from ..reads import when_reads, writes
from .finding import Finding

OF_THE_PROGRAM = ("amended_from", "naming_series")


def findings(rules: Sequence[Rule], model: Model) -> Iterator[Finding]:
    filled = _filled_by_rules(rules, model)
    wanting = {
        doctype.name: {item.fieldname: item for item in doctype.data_fields if _is_nobodys(item, doctype, model, filled)}
        for doctype in model
    }
    yield from _required_always(model, wanting)
    yield from _required_by_rules(rules, model, wanting)
    yield from _read(rules, model, wanting)


def _filled_by_rules(rules: Iterable[Rule], model: Model) -> set[tuple[str, str]]:
    """(DocType, field) that a rule sets or fills in as it makes a record."""
    found: set[tuple[str, str]] = set()
    for rule in rules:
        for name in writes(rule):
            found.add(_holder(rule.applies_to, name, model))
    found |= {field for rule in rules for field in changed_fields(rule, model)}
    made = [item for rule in rules for item in rule.then if isinstance(item, Create)]
    found |= {(item.doctype, name) for item in made for name, _ in item.values}
    for item in made:
        for rows in item.rows:
            found |= {_holder(item.doctype, f"{rows.table}.{name}", model) for name, _ in rows.values}
    return found


def _holder(doctype: str, path: str, model: Model) -> tuple[str, str]:
    """The DocType and field of a path: a column belongs to the record type of the rows."""
    table, _, column = path.partition(".")
    item = model[doctype].by_name.get(table) if column and doctype in model else None
    return (doctype, path) if item is None else (item.options or "", column)


def _is_nobodys(item: DocField, doctype: DocType, model: Model, filled: set[tuple[str, str]]) -> bool:
    """Whether a field is closed to people, and nothing that is published fills it in."""
    if not (item.hidden or item.read_only) or item.fieldname in OF_THE_PROGRAM or (doctype.name, item.fieldname) in filled:
        return False
    if item.is_computed or item.fetch_from or item.default or item.prefill or item.fieldtype == "Check":
        return False
    return not _is_mapped(item.fieldname, doctype, model) and not _is_prefilled(item.fieldname, doctype, model)


def _is_prefilled(name: str, doctype: DocType, model: Model) -> bool:
    """Whether a column comes with the rows that a new record begins with."""
    tables = [item for one in model for item in one.table_fields if item.options == doctype.name]
    return any(name in row for item in tables for row in item.prefill)


def _is_mapped(name: str, doctype: DocType, model: Model) -> bool:
    """Whether a record made from another takes this field over."""
    for mapping in doctype.maps_from:
        source = model.get(mapping.doctype)
        tables = [columns for _, columns in mapping.tables.values()]
        if (
            name in mapping.fields
            or (source is not None and name in source.by_name)
            or any(name in columns for columns in tables)
        ):
            return True
    holders = (one for one in model if any(item.options == doctype.name for item in one.table_fields))
    return doctype.istable and any(one.maps_from for one in holders)


def _required_always(model: Model, wanting: Mapping[str, Mapping[str, DocField]]) -> Iterator[Finding]:
    for doctype in model:
        for item in wanting[doctype.name].values():
            if item.reqd or item.mandatory_depends_on:
                yield Finding(
                    "cannot_be_filled",
                    Text(f"{doctype.label.zh}的“{item.label.zh}”必填，但{_closed(item).zh}，也没有公式、默认值、链接或规则填写它。",
                         f"{item.label.en} of {doctype.label.en} is mandatory, but {_closed(item).en}, and no formula, default, link or rule fills it in."),
                    _ADVICE, (), doctype.name, {item.fieldname: None},
                )  # fmt: skip


def _required_by_rules(rules: Sequence[Rule], model: Model, wanting: Mapping[str, Mapping[str, DocField]]) -> Iterator[Finding]:
    for rule in rules:
        doctype = model[rule.applies_to]
        for part in rule.then:
            if not isinstance(part, Require):
                continue
            table = doctype.by_name.get(part.each.table) if part.each else None
            holder = model.child(table) if table is not None and (table.options or "") in model else doctype
            for name in part.fields:
                if (item := wanting.get(holder.name, {}).get(name)) is not None:
                    yield Finding(
                        "cannot_be_filled",
                        Text(f"规则“{rule.title.zh}”（{rule.name}）要求填写“{item.label.zh}”，但{_closed(item).zh}，也没有公式、默认值、链接或规则填写它。",
                             f'The rule "{rule.title.en}" ({rule.name}) requires {item.label.en}, but {_closed(item).en}, and no formula, default, link or rule fills it in.'),
                        _ADVICE, (rule.name,), doctype.name, {name: None},
                    )  # fmt: skip


def _read(rules: Sequence[Rule], model: Model, wanting: Mapping[str, Mapping[str, DocField]]) -> Iterator[Finding]:
    for rule in rules:
        for name in sorted(when_reads(rule) & wanting[rule.applies_to].keys()):
            item = wanting[rule.applies_to][name]
            yield Finding(
                "never_filled",
                Text(f"规则“{rule.title.zh}”（{rule.name}）以“{item.label.zh}”判断，但{_closed(item).zh}，也没有公式、默认值、链接或规则填写它。",
                     f'The rule "{rule.title.en}" ({rule.name}) judges by {item.label.en}, but {_closed(item).en}, and no formula, default, link or rule fills it in.'),
                Text("若由其他程序填写，可以忽略；否则请让人能填写，或改用别的字段。",
                     "Leave it if another program fills it in; else open it to people, or judge by another field."),
                (rule.name,), rule.applies_to, {name: None},
            )  # fmt: skip


def _closed(item: DocField) -> Text:
    return Text("该字段隐藏", "it is hidden") if item.hidden else Text("该字段只读", "it is read-only")


_ADVICE = Text(
    "请让人能填写，或给它公式、默认值或设置它的规则。",
    "Open it to people, or give it a formula, a default or a rule that sets it.",
)
