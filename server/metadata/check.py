"""Finds every fault that shows only when all DocTypes are seen together: links, child tables, expressions, numbering.

What is wrong in one file alone stands in `check_shape`. Links to DocTypes that are not there are warnings: they become right
when that DocType appears.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from ..core.errors import Fault
from ..core.text import nearest
from ..expressions import ExpressionRefused, parse, parse_condition
from . import offline
from .beside import opens_page
from .check_shape import CONDITIONS, Shape
from .dangling import AUTONAME_FORMS, is_frappes, reserved_names
from .fieldtypes import ValueRefused
from .formulas import FormulaLoop, formula_steps
from .model import CHILD_FIELDS, DOCTYPE, OF_PARENT, STANDARD_FIELDS, DocField, DocType, MapsFrom, Model
from .naming import FORMAT, unknown_fields

# What signing in and rights are read from: another application's record type of that name cannot take their place.
OWN_FIELDS = {"User": ("login", "full_name", "enabled", "roles"), "Role": ("role_name", "title"), "Has Role": ("role",)}


@dataclass(frozen=True, slots=True)
class CheckResult:
    """Faults stop a publication; warnings are shown and do no harm."""

    faults: tuple[Fault, ...] = ()
    warnings: tuple[Fault, ...] = ()


def check_model(model: Model, files: Mapping[str, str]) -> CheckResult:
    """Faults and warnings that show only when all DocTypes are seen together; `files` says where each was read."""
    faults: list[Fault] = []
    warnings: list[Fault] = []
    for doctype in model:
        if doctype.name in files:
            shape = Shape(files[doctype.name])
            notes = Shape(files[doctype.name])
            _check_doctype(doctype, model, shape, notes)
            faults += shape.faults
            warnings += notes.faults
    return CheckResult(tuple(faults), tuple(warnings))


def _check_doctype(doctype: DocType, model: Model, shape: Shape, notes: Shape) -> None:
    if doctype.renamed_from and doctype.renamed_from in model:
        notes.add(
            "renamed_from",
            f"{doctype.renamed_from!r} 仍是单据类型，其记录不随之转移",
            f"{doctype.renamed_from!r} is a DocType still; its records do not move along",
        )
    taken = reserved_names(doctype.istable)
    lenient = notes if is_frappes(doctype.extra) else shape
    lacking = [name for name in OWN_FIELDS.get(doctype.name, ()) if name not in doctype.by_name]
    if lacking and is_frappes(doctype.extra):
        shape.add(
            "name",
            f"{doctype.name} 是本系统自己的单据类型，此文件缺少 {'、'.join(lacking)}，不能取代它；请换一个名称",
            f"{doctype.name} is a record type of the system itself; this file has no {', '.join(lacking)} and cannot take its place: "
            "give it another name",
        )
    for item in doctype.fields:
        path = f"fields[{item.position}]"
        if item.fieldname.lower() in taken and not item.type.is_layout:
            lenient.add(
                f"{path}.fieldname",
                f"{item.fieldname} 是系统保留的字段名，不予保存",
                f"{item.fieldname} is reserved for the system; it is not kept",
            )
        _check_reference(item, path, doctype, model, shape, notes, lenient)
        _check_expressions(item, path, doctype, model, shape, notes)
    for part in ("title_field", "image_field"):
        value = getattr(doctype, part)
        if value and value not in doctype.by_name and value != "name":
            lenient.add(
                part, f"没有字段 {value!r}。", f"{value!r} is not a field of {doctype.name}.", nearest(value, doctype.by_name)
            )
    for value in doctype.search_fields:
        if value not in doctype.by_name and value != "name":
            lenient.add(
                "search_fields",
                f"没有字段 {value!r}。",
                f"{value!r} is not a field of {doctype.name}.",
                nearest(value, doctype.by_name),
            )
    for index, action in enumerate(doctype.extra.get("actions") or ()):
        if not action.get("hidden") and not opens_page(action):
            notes.add(
                f"actions[{index}].action",
                f"按钮“{action.get('label')}”调用的程序或页面（{action.get('action')}）不在这里，不显示",
                f'the button "{action.get("label")}" calls a program or a page that is not here ({action.get("action")}); it is not shown',
            )
    if doctype.sort_field not in (*doctype.by_name, *STANDARD_FIELDS, ""):
        lenient.add(
            "sort_field",
            f"没有字段 {doctype.sort_field!r}。",
            f"{doctype.sort_field!r} is not a field of {doctype.name}.",
            nearest(doctype.sort_field, (*doctype.by_name, *STANDARD_FIELDS)),
        )
    if doctype.is_tree and doctype.parent_link is None:
        lenient.add(
            "is_tree",
            f"树形单据类型需要一个指向 {doctype.name!r} 自身的链接字段（上级），现在没有",
            f"a tree needs a Link field to {doctype.name!r} itself, which says what a record stands below; there is none",
        )
    for fault in offline.field_faults(doctype):
        shape.add(*fault)
    _check_autoname(doctype, lenient)
    _check_formula_order(doctype, model, shape)
    for index, mapping in enumerate(doctype.maps_from):
        source = model.get(mapping.doctype)
        if source is None:
            notes.add(
                f"maps_from[{index}].doctype",
                f"没有单据类型 {mapping.doctype!r}。",
                f"{mapping.doctype!r} is not a DocType.",
                nearest(mapping.doctype, model.doctypes),
            )
            continue
        for ours, value in mapping.values.items():
            field = doctype.by_name.get(ours)
            at = f"maps_from[{index}].values.{ours}"
            if field is None or field.type.kind is None or field.is_computed:
                fillable = [one.fieldname for one in doctype.stored_fields if not one.is_computed]
                text = f"{ours!r} 不是可填写的字段。", f"{ours!r} is not a field of {doctype.name} that can be filled in."
                shape.add(at, *text, nearest(ours, fillable))
                continue
            if field.fieldtype == "Select" and field.choices and value not in field.choices:
                words = ", ".join(field.choices)
                shape.add(at, f"没有选项 {value!r}，可用：{words}。", f"{value!r} is not a choice; use one of {words}.")
                continue
            try:
                field.type.parse(value, field)
            except ValueRefused as refused:
                shape.add(at, f"{value!r}：{refused.text.zh}", f"{value!r}: {refused.text.en}")
        for ours, theirs in mapping.fields.items():
            if ours not in doctype.by_name:
                shape.add(
                    f"maps_from[{index}].fields.{ours}",
                    f"没有字段 {ours!r}。",
                    f"{ours!r} is not a field of {doctype.name}.",
                    nearest(ours, doctype.by_name),
                )
            if theirs not in source.by_name and theirs not in STANDARD_FIELDS:
                shape.add(
                    f"maps_from[{index}].fields.{ours}",
                    f"{source.name} 没有字段 {theirs!r}。",
                    f"{theirs!r} is not a field of {source.name}.",
                    nearest(theirs, source.by_name),
                )
        _check_mapped_tables(mapping, f"maps_from[{index}].tables", doctype, source, model, shape)


def _check_mapped_tables(mapping: MapsFrom, path: str, doctype: DocType, source: DocType, model: Model, shape: Shape) -> None:
    """Rows that come along: both child tables and their columns must exist, or a value is lost in silence."""
    for table, (theirs, columns) in mapping.tables.items():
        held: list[DocType] = []
        for owner, fieldname in ((doctype, table), (source, theirs)):
            item = owner.by_name.get(fieldname)
            child = model.get(item.options or "") if item is not None and item.type.holds_rows else None
            if child is None:
                tables = [one.fieldname for one in owner.table_fields]
                text = f"{owner.name} 没有子表 {fieldname!r}。", f"{owner.name} has no child table {fieldname!r}."
                shape.add(f"{path}.{table}", *text, nearest(fieldname, tables))
            else:
                held.append(child)
        if len(held) < 2:
            continue
        for ours, column in columns.items():
            known = {*source.by_name, *STANDARD_FIELDS} if column.startswith(OF_PARENT) else set(held[1].by_name)
            named = ((held[0], ours, set(held[0].by_name)), (held[1], column.removeprefix(OF_PARENT), known))
            for owner, fieldname, allowed in named:
                if fieldname not in allowed:
                    text = f"{owner.name} 没有字段 {fieldname!r}。", f"{fieldname!r} is not a field of {owner.name}."
                    shape.add(f"{path}.{table}.{ours}", *text, nearest(fieldname, allowed))


def _check_reference(
    item: DocField, path: str, doctype: DocType, model: Model, shape: Shape, notes: Shape, lenient: Shape
) -> None:
    """What a field refers to; `lenient` takes what is a fault in a file of ours and only told of one written for Frappe."""
    if item.type.holds_rows:
        child = model.get(item.options or "")
        if child is None:
            lenient.add(
                f"{path}.options",
                f"没有单据类型 {item.options!r}。",
                f'Table needs the name of a child DocType; "{item.options}" is not one.',
                nearest(item.options, model.doctypes),
            )
            return
        if not child.istable:
            lenient.add(f"{path}.options", f"{child.name} 不是子表（istable）", f"{child.name} is not a child table (istable)")
            return
        for number, row in enumerate(item.prefill):
            for column in row:
                if column not in child.by_name:
                    shape.add(
                        f"{path}.prefill[{number}]",
                        f"{child.name} 没有字段 {column!r}。",
                        f"{column!r} is not a field of {child.name}.",
                        nearest(column, child.by_name),
                    )
    elif item.fieldtype == "Link" and item.options not in model and item.options != DOCTYPE:
        notes.add(
            f"{path}.options",
            f"没有单据类型 {item.options!r}，出现之前该字段不检查。",
            f'Link needs the name of a DocType; "{item.options}" is not one.',
            nearest(item.options, model.doctypes),
        )
    elif item.fieldtype == "Dynamic Link" and item.options not in doctype.by_name:
        lenient.add(
            f"{path}.options",
            f"没有字段 {item.options!r}。",
            f"{item.options!r} is not a field of {doctype.name}.",
            nearest(item.options, doctype.by_name),
        )
    if item.fetch_from and "." in item.fetch_from:
        link, _, target = item.fetch_from.partition(".")
        through = doctype.by_name.get(link)
        if through is None or through.fieldtype != "Link":
            lenient.add(
                f"{path}.fetch_from",
                f"{link!r} 不是本单的链接字段，不会带出值。",
                f"{link!r} is not a Link field of {doctype.name}; nothing is taken over.",
                nearest(link, doctype.by_name),
            )
        elif (linked := model.get(through.options or "")) and target not in linked.by_name and target not in STANDARD_FIELDS:
            lenient.add(
                f"{path}.fetch_from",
                f"{linked.name} 没有字段 {target!r}，不会带出值。",
                f"{target!r} is not a field of {linked.name}; nothing is taken over.",
                nearest(target, linked.by_name),
            )
        elif linked and target in linked.by_name and linked.by_name[target].mask and not item.mask:
            notes.add(
                f"{path}.fetch_from",
                f"{linked.name} 的 {target!r} 部分隐藏（mask），带到此处却全部可见；不该如此时也给此字段设 mask。",
                f"{target!r} of {linked.name} is masked, but taken over here it is shown in full; give this field mask, too, unless that is meant.",
            )


def _check_expressions(item: DocField, path: str, doctype: DocType, model: Model, shape: Shape, notes: Shape) -> None:
    for part in CONDITIONS:
        source = getattr(item, part)
        if source:
            try:
                parse_condition(source)
            except ExpressionRefused as refused:
                if is_frappes(doctype.extra):
                    notes.add(
                        f"{path}.{part}",
                        f"{source!r} 在此读不懂（{refused.text.zh}），该条件不起作用。",
                        f"{source!r} is not understood here ({refused.text.en}); the condition has no effect.",
                    )
                else:
                    shape.add(
                        f"{path}.{part}", f"表达式 {source!r}：{refused.text.zh}", f"expression {source!r}: {refused.text.en}"
                    )
    if not item.formula:
        return
    try:
        reads = parse(item.formula).reads
    except ExpressionRefused as refused:
        shape.add(
            f"{path}.formula", f"表达式 {item.formula!r}：{refused.text.zh}", f"expression {item.formula!r}: {refused.text.en}"
        )
        return
    for read in sorted(reads):
        for owner, name in _unknown(read.split("."), doctype, model):
            shape.add(
                f"{path}.formula",
                f"{owner.name} 没有字段 {name!r}。",
                f"{name!r} is not a field of {owner.name}.",
                nearest(name, owner.by_name),
            )


def _unknown(read: Sequence[str], doctype: DocType, model: Model) -> Iterator[tuple[DocType, str]]:
    """The names in a path that a formula reads which no DocType has: of the record, its rows, or (in a row) its parents."""
    root, *names = read
    if not names or root == "user":
        return
    owners = [doctype] if root != "parent" else [other for other in model if _holds_rows_of(other, doctype)]
    for owner in owners:
        name = names[0]
        item = owner.by_name.get(name)
        if item is None and not _is_known(name):
            yield owner, name
        if item is None or not item.type.holds_rows or len(names) < 2:
            continue
        child = model.get(item.options or "")
        if child is not None and names[1] not in child.by_name and not _is_known(names[1]):
            yield child, names[1]


def _is_known(name: str) -> bool:
    return name in STANDARD_FIELDS or name in CHILD_FIELDS or name == "length" or name.startswith("__")


def _holds_rows_of(doctype: DocType, child: DocType) -> bool:
    return any(item.options == child.name for item in doctype.table_fields)


def _check_formula_order(doctype: DocType, model: Model, shape: Shape) -> None:
    try:
        formula_steps(model, doctype)
    except FormulaLoop as loop:
        shape.add("fields", loop.text.zh, loop.text.en)
    except ExpressionRefused:
        return  # named at its own field already


def _gives_series(doctype: DocType) -> bool:
    """Whether there are series to choose from, or the field follows another one: by a formula, or fetched from a linked record."""
    item = doctype.by_name.get("naming_series")
    return bool(doctype.naming_series) or (item is not None and bool(item.formula or item.fetch_from))


def _check_autoname(doctype: DocType, shape: Shape) -> None:
    form = doctype.autoname
    if not form:
        return
    if form.startswith("field:"):
        name = form.removeprefix("field:").strip()
        if name not in doctype.by_name:
            shape.add(
                "autoname",
                f"没有字段 {name!r}。",
                f"{name!r} is not a field of {doctype.name}.",
                nearest(name, doctype.by_name),
            )
    elif form.startswith("naming_series:") and not _gives_series(doctype):
        shape.add(
            "autoname",
            "naming_series：需要名为 naming_series 的选择字段，每行一个编号规则",
            "naming_series: needs a Select field named naming_series with one series a line",
        )
    elif not doctype.asks_name and not form.startswith(AUTONAME_FORMS) and "#" not in form and "." not in form:
        shape.add("autoname", f"不认识编号规则 {form!r}", f"{form!r} is not a naming rule", nearest(form, AUTONAME_FORMS))
    elif form.startswith(FORMAT) or not form.startswith(AUTONAME_FORMS):
        for name in unknown_fields(form, doctype.by_name):
            shape.add(
                "autoname",
                f"{form!r} 中的 {name!r} 不是字段。",
                f"{name!r} in {form!r} is not a field of {doctype.name}.",
                nearest(name, doctype.by_name),
            )
