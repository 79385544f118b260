"""Finds every fault of the templates of print formats, with file and line.

A misspelt field is found when the format is published, not when a customer waits for the paper. What stands in variables is
not followed: only `doc.x`, `row.x` in a loop over a child table, and the constant arguments of the block functions.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from jinja2 import TemplateSyntaxError, meta, nodes

from ..core.errors import Fault
from ..core.remembered import Remembered
from ..core.text import Text, nearest
from ..metadata.model import CHILD_FIELDS, STANDARD_FIELDS, DocType, Model
from .designed_faults import at_blocks, too_wide
from .format import PrintFormat
from .linked import Linked, unknown_linked
from .template import FUNCTIONS, VARIABLES, environment, forbidden

_FIELDNAME = re.compile(r"[a-z][a-z0-9_]*\Z")
_IN_TEMPLATES = {"loop", "caller", "varargs", "kwargs"}
_OWN_FIELDS = ("fields", "paragraph", "image", "choices")  # arguments are fields of the record
_TABLES = ("table", "checklist", "photos")  # the first argument is a child table, the others its columns
_COLUMN_KEYWORDS = {"total", "caption"}


def check_templates(formats: Mapping[str, PrintFormat], model: Model) -> list[Fault]:
    """Faults of all templates; `formats` maps the file (of the JSON) to what was read from it."""
    faults: list[Fault] = []
    for file, form in formats.items():
        doctype = model.get(form.doctype)
        if doctype is None:
            near = nearest(form.doctype, model.doctypes)
            place = f"{file}: doc_type"
            text = Text(
                f"{place}：没有单据类型 {form.doctype!r}。{near.zh}",
                f'{place}: "{form.doctype}" is not a record type.{near.en}',
            )
            faults.append(Fault(place, text))
            continue
        if form.workbook:
            from .workbook_check import check_workbook  # openpyxl: loaded where there is such a format

            faults += check_workbook(file, form, doctype, model)
            faults += _unknown_needs(file, form, doctype, model)
            continue
        found = _faults(file.removesuffix(".json") + ".html", form.html, doctype, model, form.linked)
        faults += at_blocks(found, file, form) if form.blocks else found
        faults += unknown_linked(file, form.linked, doctype, model)
        faults += too_wide(file, form, doctype, model)
        faults += _unknown_needs(file, form, doctype, model)
    return faults


def _unknown_needs(file: str, form: PrintFormat, doctype: DocType, model: Model) -> list[Fault]:
    """What it needs must be fields of the record, or columns of its child tables."""
    faults = []
    for index, path in enumerate(form.needs):
        table, _, column = path.rpartition(".")
        holder = doctype.by_name.get(table)
        child = model.get(holder.options or "") if holder and holder.type.holds_rows else None
        owner = child if table else doctype
        if owner is None or column not in owner.by_name:
            place = f"{file}: needs[{index}]"
            near = nearest(column, (owner or doctype).by_name)
            zh, en = f"{doctype.name} 没有字段 {path!r}。{near.zh}", f'{doctype.name} has no field "{path}".{near.en}'
            faults.append(Fault(place, Text(f"{place}：{zh}", f"{place}: {en}")))
    return faults


def _faults(file: str, html: str, doctype: DocType, model: Model, linked: tuple[Linked, ...]) -> tuple[Fault, ...]:
    """The faults of one template. Publishing anything checks all templates, of which few change with it."""
    children = [child for table in doctype.table_fields if (child := model.get(table.options or "")) is not None]
    depends_on = tuple(
        (one.name, one.label, tuple((item.fieldname, item.fieldtype, item.options) for item in one.fields))
        for one in (doctype, *children)
    )
    return _known.get(
        (file, html, depends_on, linked),
        lambda: tuple(_Template(file, doctype, model, {one.key: one for one in linked}).check(html)),
    )


_known: Remembered[tuple[object, ...], tuple[Fault, ...]] = Remembered(500)


@dataclass
class _Template:
    """Collects the faults of one template."""

    file: str
    doctype: DocType
    model: Model
    linked: Mapping[str, Linked] = field(default_factory=dict)
    faults: list[Fault] = field(default_factory=list)

    def check(self, source: str) -> list[Fault]:
        sandbox = environment(None)
        try:
            tree = sandbox.parse(source)
        except TemplateSyntaxError as error:
            self._add(error.lineno, f"语法错误：{error.message}", f"syntax: {error.message}")
            return self.faults
        for line, word in forbidden(tree):
            self._add(line, f"打印格式不能使用 {word}", f"a print format cannot use {word}")
        self._check_words(tree, sandbox.filters, sandbox.tests)
        self._check_calls(tree)
        self._check_attributes(tree, {"doc": self.doctype})
        self._check_linked(tree)
        self._check_variables(tree)  # last: it changes the tree
        return sorted(self.faults, key=lambda fault: int(fault.where.rsplit(":", 1)[1]))

    def _add(self, line: int, zh: str, en: str, near: Text | None = None) -> None:
        place = f"{self.file}:{line}"
        fault = Fault(place, Text(f"{place}：{zh}{near.zh if near else ''}", f"{place}: {en}{near.en if near else ''}"))
        if fault not in self.faults:
            self.faults.append(fault)

    def _check_words(self, tree: nodes.Template, filters: dict[str, Any], tests: dict[str, Any]) -> None:
        for kind, allowed, zh, en in ((nodes.Filter, filters, "过滤器", "filter"), (nodes.Test, tests, "判断", "test")):
            right = list(allowed)
            for node in tree.find_all(kind):
                if node.name not in right:
                    allowed.setdefault(node.name, str)  # Jinja finds variables by compiling, which stops at an unknown word
                    self._add(
                        node.lineno, f"没有{zh} {node.name}。", f'there is no {en} "{node.name}".', nearest(node.name, right)
                    )

    def _check_variables(self, tree: nodes.Template) -> None:
        known = {*VARIABLES, *FUNCTIONS}
        unknown = meta.find_undeclared_variables(tree) - known - _IN_TEMPLATES
        for node in tree.find_all(nodes.Name):
            if node.name in unknown:
                self._add(node.lineno, f"没有变量 {node.name}。", f'there is no "{node.name}".', nearest(node.name, known))

    def _check_calls(self, tree: nodes.Template) -> None:
        macros = {macro.name for macro in tree.find_all(nodes.Macro)} | _IN_TEMPLATES
        for call in tree.find_all(nodes.Call):
            if not isinstance(call.node, nodes.Name):
                self._add(
                    call.lineno,
                    "只能调用内置函数和本模板的宏",
                    "only the built-in functions and macros of the template can be called",
                )
            elif call.node.name in FUNCTIONS:
                self._check_arguments(call, call.node.name)
            elif call.node.name not in macros:
                self._add(
                    call.lineno,
                    f"没有函数 {call.node.name}。",
                    f'there is no function "{call.node.name}".',
                    nearest(call.node.name, FUNCTIONS),
                )

    def _check_arguments(self, call: nodes.Call, function: str) -> None:
        given = list(_texts(call.args))
        if function in ("value", "label"):
            for path in given[:1]:
                self._check_path(call.lineno, path)
        elif function in _OWN_FIELDS:
            for path in given:
                self._check_path(call.lineno, path)
            for keyword in call.kwargs:
                if keyword.key == "wide":
                    for path in _texts([keyword.value]):
                        self._check_path(call.lineno, path)
        elif function in _TABLES and given:
            self._check_columns(call, given)
        elif function == "signatures":
            for name in given:
                if _FIELDNAME.match(name) and name not in self.doctype.by_name:
                    self._check_path(call.lineno, name)

    def _check_columns(self, call: nodes.Call, given: list[str]) -> None:
        item = self.doctype.by_name.get(given[0])
        child = self.model.get(item.options or "") if item and item.type.holds_rows else None
        if child is None:
            tables = [table.fieldname for table in self.doctype.table_fields]
            self._add(
                call.lineno,
                f"{given[0]!r} 不是“{self.doctype.label.zh}”的子表。",
                f'"{given[0]}" is not a child table of {self.doctype.name}.',
                nearest(given[0], tables),
            )
            return
        named = given[1:] + [text for word in call.kwargs if word.key in _COLUMN_KEYWORDS for text in _texts([word.value])]
        for column in named:
            self._check_field(call.lineno, column, child)

    def _check_path(self, line: int, path: str) -> None:
        head, _, column = path.partition(".")
        if not self._check_field(line, head, self.doctype) or not column:
            return
        item = self.doctype.by_name.get(head)
        child = self.model.get(item.options or "") if item and item.type.holds_rows else None
        if child is None:
            self._add(line, f"{head!r} 不是子表，不能写 {path!r}", f'"{head}" is not a child table; "{path}" means nothing')
        else:
            self._check_field(line, column, child)

    def _check_field(self, line: int, name: str, doctype: DocType) -> bool:
        if name in doctype.by_name or name in STANDARD_FIELDS or (doctype.istable and name in CHILD_FIELDS):
            return True
        self._add(
            line,
            f"“{doctype.label.zh}”没有字段 {name!r}。",
            f'{doctype.name} has no field "{name}".',
            nearest(name, doctype.by_name),
        )
        return False

    def _check_attributes(self, node: nodes.Node, known: Mapping[str, DocType]) -> None:
        """`doc.x`, and `row.x` inside `{% for row in doc.items %}`."""
        if isinstance(node, nodes.Getattr) and isinstance(node.node, nodes.Name) and node.node.name in known:
            self._check_field(node.lineno, node.attr, known[node.node.name])
        inside = known
        if isinstance(node, nodes.For) and isinstance(node.target, nodes.Name):
            child = self._rows_of(node.iter, known)
            without = {name: doctype for name, doctype in known.items() if name != node.target.name}
            inside = without | {node.target.name: child} if child else without
            self._check_attributes(node.iter, known)
            for part in (*node.body, *([node.test] if node.test else [])):
                self._check_attributes(part, inside)
            for part in node.else_:
                self._check_attributes(part, known)
            return
        for part in node.iter_child_nodes():
            self._check_attributes(part, inside)

    def _check_linked(self, tree: nodes.Template) -> None:
        """`linked.x`, and `row.y` inside `{% for row in linked.x %}`: what the format reads of other records, no more."""
        for node in tree.find_all(nodes.Getattr):
            if _is_linked(node) and node.attr not in self.linked:
                said = nearest(node.attr, self.linked)
                self._add(node.lineno, f"linked 中没有 {node.attr!r}。", f'"linked" has no "{node.attr}".', said)
        for loop in tree.find_all(nodes.For):
            one = self.linked.get(loop.iter.attr) if isinstance(loop.iter, nodes.Getattr) and _is_linked(loop.iter) else None
            if one is None or not isinstance(loop.target, nodes.Name):
                continue
            for node in (found for part in loop.body for found in part.find_all(nodes.Getattr)):
                if isinstance(node.node, nodes.Name) and node.node.name == loop.target.name and node.attr not in one.fields:
                    zh, en = f"linked.{one.key} 没有读取 {node.attr!r}。", f'linked.{one.key} does not read "{node.attr}".'
                    self._add(node.lineno, zh, en, nearest(node.attr, one.fields))

    def _rows_of(self, source: nodes.Node, known: Mapping[str, DocType]) -> DocType | None:
        if isinstance(source, nodes.Getattr) and isinstance(source.node, nodes.Name) and source.node.name in known:
            item = known[source.node.name].by_name.get(source.attr)
            if item and item.type.holds_rows:
                return self.model.get(item.options or "")
        return None


def _is_linked(node: nodes.Getattr) -> bool:
    return isinstance(node.node, nodes.Name) and node.node.name == "linked"


def _texts(given: Iterable[nodes.Node]) -> Iterable[str]:
    """The constant texts among arguments, in lists too."""
    for node in given:
        if isinstance(node, nodes.Const) and isinstance(node.value, str):
            yield node.value
        elif isinstance(node, nodes.List | nodes.Tuple):
            yield from _texts(node.items)
