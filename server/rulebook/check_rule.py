"""Every fault of one rule among the others: what it reads, what follows from it, what it would lock. All rules together are `check`."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from ..core.text import Text, nearest
from ..expressions import ExpressionRefused, parse
from ..metadata.model import CHILD_FIELDS, STANDARD_FIELDS, DocType, Model
from .analysis.boxes import holds_always
from .changing import changed_type
from .check_tests import check_tests
from .compile import set_steps
from .conditions import compile_condition, row_test
from .consequences import compile_consequence
from .creating import listed_path, value_readers
from .drawing import Making
from .faults import Faults
from .gather import fact_reader
from .matcher import MAX_ATOMS_PER_RULE, MAX_NEEDS
from .messages import PLACE, compile_message
from .model import (
    Block,
    Change,
    Concluded,
    Condition,
    Consequence,
    Create,
    EachRow,
    Expr,
    Fulfil,
    Group,
    Lock,
    Oblige,
    Operand,
    Rows,
    Rule,
    SetFields,
    Withdraw,
    walk,
)
from .operands import FactReaders
from .paths import Frame, PathRefused, resolve, unknown
from .reads import conjunction, top_conclusions
from .tables.check import check_table
from .tables.model import Table


class RuleCheck:
    """The faults of one rule among the others."""

    def __init__(self, rule: Rule, rules: Sequence[Rule], model: Model, faults: Faults, roles: frozenset[str] | None) -> None:
        self.rule = rule
        self.rules = rules
        self.model = model
        self.faults = faults
        self.roles = roles
        # Facts that are wrong are named once, at their own place.
        self.facts: FactReaders = {name: lambda place: None for name in rule.facts}

    def run(self) -> None:
        rule = self.rule
        doctype = self.model.get(rule.applies_to)
        if doctype is None:
            near = nearest(rule.applies_to, self.model.doctypes)
            self.faults.add(
                "applies_to", f"没有单据类型 {rule.applies_to!r}。", f"{rule.applies_to!r} is not a record type.", near
            )
            return
        if doctype.istable:
            self.faults.add(
                "applies_to",
                f"{doctype.name} 是子表，规则应适用于其主单",
                f"{doctype.name} is a child table; rules apply to its parent",
            )
            return
        frame = Frame(self.model, doctype, rule.facts)
        self._period_and_events(doctype, frame)
        for fact in rule.facts.values():
            self._try(fact.at, lambda fact=fact: fact_reader(fact, frame, self.facts, row_test))  # type: ignore[misc]
        self._conditions(rule.when, frame)
        self._empty_conditions()
        self._conclusions()
        before = len(self.faults.found)
        for item in rule.then:
            self._consequence(item, frame)
        if len(self.faults.found) == before:
            self._shuts_out_all(doctype)
        check_tests(rule, self.model, doctype, self.faults)

    def _try(self, at: str, build: Callable[[], Any]) -> bool:
        try:
            build()
        except PathRefused as refused:
            self.faults.refused(at, refused.text)
            return False
        return True

    def _period_and_events(self, doctype: DocType, frame: Frame) -> None:
        rule = self.rule
        if rule.valid_from and rule.valid_to and rule.valid_to < rule.valid_from:
            self.faults.add(
                "valid_to",
                f"{rule.valid_to} 早于生效日 {rule.valid_from}",
                f"{rule.valid_to} is before valid_from, {rule.valid_from}",
            )
        if rule.dated_by:
            self._time_field(rule.dated_by, "dated_by", frame)
        for event in rule.events:
            if event in ("submit", "cancel") and not doctype.is_submittable:
                self.faults.add(
                    "on",
                    f"{doctype.name} 不可提交，没有事件 {event!r}",
                    f"{doctype.name} is not submittable, so {event!r} never happens",
                )
        for trigger in rule.times:
            self._time_field(trigger.of, f"{trigger.at}.of", frame)

    def _time_field(self, name: str, at: str, frame: Frame) -> None:
        try:
            found = resolve(name, frame)
        except PathRefused as refused:
            self.faults.refused(at, refused.text)
            return
        if found.source != "field" or found.kind not in ("date", "datetime"):
            self.faults.add(at, f"{name!r} 不是日期或时间字段", f"{name!r} is not a Date or Datetime field")

    def _conditions(self, conditions: Iterable[Condition], frame: Frame) -> None:
        for item in conditions:
            if isinstance(item, Group):
                self._conditions(item.items, frame)
            elif isinstance(item, Rows):
                self._rows(item, frame)
            elif self._try(item.at, lambda item=item: compile_condition(item, frame, self.facts)):  # type: ignore[misc]
                if isinstance(item, Expr):
                    self._expression(item.source, item.at, frame)
                elif not isinstance(item, Concluded):
                    self._operand(item.value, item.at, frame)

    def _empty_conditions(self) -> None:
        """A group without conditions: whoever wrote it meant something else, or nothing."""
        raw = self.rule.raw.get("when")
        whole = ["when"] if raw == [] else ["when.all"] if isinstance(raw, Mapping) and raw.get("all") == [] else []
        groups = [item.at for item in walk(self.rule.when) if isinstance(item, Group) and not item.items]
        for at in dict.fromkeys([*whole, *groups]):
            self.faults.add(
                at,
                "没有任何条件。请填写条件；规则若总是成立，请去掉这一项",
                "no condition. Write one, or leave this out when the rule always holds",
            )

    def _rows(self, item: Rows, frame: Frame) -> None:
        try:
            inner = frame.rows(item.table)
        except PathRefused as refused:
            self.faults.refused(f"{item.at}.{item.kind}", refused.text)
            return
        before = len(self.faults.found)
        self._conditions(item.where, inner)
        if len(self.faults.found) == before:
            self._try(item.at, lambda: compile_condition(item, frame, self.facts))

    def _operand(self, operand: Operand, at: str, frame: Frame) -> None:
        """Names that an expression on the right side reads (its syntax was read already)."""
        if operand.kind == "expr":
            self._expression(operand.value, at, frame)
        elif isinstance(operand.value, tuple):
            for part in operand.value:
                if isinstance(part, Operand):
                    self._operand(part, at, frame)

    def _expression(self, source: str, at: str, frame: Frame) -> None:
        try:
            reads = parse(source).reads
        except ExpressionRefused:
            return  # named when the condition was compiled
        for read in sorted(reads):
            parts = read.split(".")
            here = frame.doctype if parts[0] == "parent" or frame.table is None else frame.here
            if parts[0] not in ("doc", "parent") or len(parts) < 2 or parts[1].startswith("__"):
                continue
            words = [*here.by_name, *STANDARD_FIELDS, *CHILD_FIELDS]
            if parts[1] not in words and parts[1] != "length":
                near = nearest(parts[1], here.by_name)
                self.faults.add(
                    at,
                    f"表达式 {source!r}：{here.name} 没有字段 {parts[1]!r}。",
                    f"expression {source!r}: {parts[1]!r} is not a field of {here.name}.",
                    near,
                )
                continue
            item = here.by_name.get(parts[1])
            if item is None or not item.type.holds_rows or len(parts) < 3 or (item.options or "") not in self.model:
                continue
            child = self.model.child(item)
            if parts[2] not in child.by_name and parts[2] not in (*CHILD_FIELDS, "length", "includes"):
                near = nearest(parts[2], child.by_name)
                self.faults.add(
                    at,
                    f"表达式 {source!r}：{child.name} 没有字段 {parts[2]!r}。",
                    f"expression {source!r}: {parts[2]!r} is not a field of {child.name}.",
                    near,
                )

    def _conclusions(self) -> None:
        rule = self.rule
        number = sum(1 for item in conjunction(rule.when) if not isinstance(item, Concluded))
        if number > MAX_ATOMS_PER_RULE:
            self.faults.add(
                "when",
                f"条件有 {number} 个，最多 {MAX_ATOMS_PER_RULE} 个",
                f"{number} conditions; at most {MAX_ATOMS_PER_RULE} in one rule",
            )
        if len(top_conclusions(rule)) > MAX_NEEDS:
            self.faults.add(
                "when", f"引用的结论超过 {MAX_NEEDS} 个", f"more than {MAX_NEEDS} conclusions are needed in one rule"
            )
        others = [one for one in self.rules if one.applies_to == rule.applies_to and one.enabled]
        for item in walk(rule.when):
            if not isinstance(item, Concluded):
                continue
            for event in rule.all_events:
                if any(item.name in one.concludes() and event in one.all_events for one in others):
                    continue
                near = nearest(item.name, {name for one in others for name in one.concludes()})
                self.faults.add(
                    item.at,
                    f"没有适用于 {rule.applies_to}、事件 {event} 的规则得出结论 {item.name!r}。",
                    f"no rule for {rule.applies_to} on {event} comes to the conclusion {item.name!r}.",
                    near,
                )

    def _shuts_out_all(self, doctype: DocType) -> None:
        """A rule that holds for every record and refuses, or locks whatever can be filled in, leaves none to work with."""
        rule = self.rule
        if rule.group or rule.valid_from or rule.valid_to or not rule.enabled or "validate" not in rule.events:
            return
        if not holds_always(rule, self.model):
            return
        why = Text("条件总是成立", "the condition always holds") if rule.when else Text("没有条件", "there is no condition")
        for item in rule.then:
            if isinstance(item, Block) and item.each is None:
                self.faults.add(
                    item.at,
                    f"{why.zh}：每张{doctype.label.zh}都将不能保存",
                    f"{why.en}: no {doctype.label.en} could ever be saved",
                )
        locked = {name for item in rule.then if isinstance(item, Lock) for name in item.fields}
        editable = {item.fieldname for item in doctype.data_fields if not (item.read_only or item.is_computed)}
        if locked and editable <= locked:
            self.faults.add(
                "then",
                f"{why.zh}，且锁定了全部字段：每张{doctype.label.zh}都将不能修改",
                f"{why.en} and every field is locked: no {doctype.label.en} could ever be changed",
            )

    # Consequences

    def _consequence(self, item: Consequence, frame: Frame) -> None:
        if isinstance(item, Table):
            self._table(item, frame)
            return
        before = len(self.faults.found)
        each = getattr(item, "each", None)
        inner = frame
        if each is not None:
            try:
                inner = frame.rows(each.table)
            except PathRefused as refused:
                self.faults.refused(f"{item.at}.each_row", refused.text)
                return
            self._conditions(each.where, inner)
        for part in ("message", "title", "note"):
            text = getattr(item, part, None)
            if isinstance(text, Text) and text:
                self._message(text, f"{item.at}.{part}", inner)
        for index, name in enumerate(getattr(item, "fields", ())):
            if name not in inner.here.by_name:
                self.faults.refused(f"{item.at}.fields[{index}]", unknown(name, inner.here, inner.here.by_name).text)
        if isinstance(item, SetFields):
            self._set(item, inner)
        elif isinstance(item, Create) and len(self.faults.found) == before:
            self._create(item, frame, inner)
        elif isinstance(item, Change) and len(self.faults.found) == before:
            self._change(item, frame, inner)
        elif len(self.faults.found) == before:
            self._try(item.at, lambda: compile_consequence(item, Making(self.rule, frame, self.facts)))
        self._others(item)

    def _table(self, table: Table, record: Frame) -> None:
        try:
            frame = record.rows(table.each.table) if table.each else record
        except PathRefused as refused:
            self.faults.refused(f"{table.at}.each_row", refused.text)
            return
        for source in table.inputs:
            if source.expr:
                self._expression(source.expr, source.at, frame)
        for row in table.rows:
            for index, cell in enumerate(row.then):
                if isinstance(cell, str) and cell.startswith("="):
                    self._expression(cell[1:].strip(), f"{row.at}[{len(row.when) + index}]", frame)
        check_table(table, Making(self.rule, record, self.facts), self.faults, self.roles)

    def _message(self, text: Text, at: str, frame: Frame) -> None:
        """Every place of a message by itself, so that all of them are named."""
        for piece in dict.fromkeys(PLACE.findall(text.zh) + PLACE.findall(text.en)):
            self._try(at, lambda piece=piece: compile_message(Text.of("{" + piece + "}"), frame, self.facts))  # type: ignore[misc]

    def _set(self, item: SetFields, frame: Frame) -> None:
        each = EachRow(item.each.table) if item.each else None
        for name, operand in item.values:
            at = f"{item.at}.{name}"
            one = SetFields(((name, operand),), each, item.at)
            alone = Rule(self.rule.name, self.rule.applies_to, facts=self.rule.facts, then=(one,))
            if self._try(at, lambda alone=alone: list(set_steps(alone, frame.record(), self.facts))):  # type: ignore[misc]
                self._operand(operand, at, frame)

    def _create(self, item: Create, frame: Frame, inner: Frame) -> None:
        """Every value of a record that is made by itself, so that all that do not fit are named."""
        making = Making(self.rule, frame, self.facts)
        before = len(self.faults.found)
        target = self.model.get(item.doctype)
        if target is None:
            near = nearest(item.doctype, self.model.doctypes)
            self.faults.add(
                f"{item.at}.doctype", f"没有单据类型 {item.doctype!r}。", f"{item.doctype!r} is not a record type.", near
            )
            return
        known = not item.per or self._try(f"{item.at}.per", lambda: resolve(item.per or "", inner))
        listed = listed_path(item, inner) if known else ""
        for name, operand in item.values:
            self._value(name, operand, target, inner, making, f"{item.at}.values.{name}", listed)
        for one in item.rows:
            table = target.by_name.get(one.table)
            if table is None or not table.type.holds_rows:
                tables = [known.fieldname for known in target.table_fields]
                self.faults.refused(one.at, unknown(one.table, target, tables, Text("子表", "child table")).text)
                continue
            here = inner
            if one.each is not None:
                try:
                    here = frame.rows(one.each.table)
                except PathRefused as refused:
                    self.faults.refused(f"{one.at}.each_row", refused.text)
                    continue
                self._conditions(one.each.where, here)
            for name, operand in one.values:
                self._value(name, operand, self.model.child(table), here, making, f"{one.at}.values.{name}")
        if len(self.faults.found) == before:
            self._try(item.at, lambda: compile_consequence(item, making))

    def _change(self, item: Change, frame: Frame, inner: Frame) -> None:
        """Every value of a record that is changed by itself, as of one that is made."""
        making, before = Making(self.rule, frame, self.facts), len(self.faults.found)
        if not self._try(f"{item.at}.record", lambda: changed_type(item, inner)):
            return
        target = changed_type(item, inner)
        for name, operand in item.values:
            self._value(name, operand, target, inner, making, f"{item.at}.values.{name}")
        if len(self.faults.found) == before:
            self._try(item.at, lambda: compile_consequence(item, making))

    def _value(
        self, name: str, operand: Operand, target: DocType, frame: Frame, making: Making, at: str, listed: str = ""
    ) -> None:
        if self._try(at, lambda: value_readers(((name, operand),), target, frame, making, listed)):
            self._operand(operand, at, frame)

    def _others(self, item: Consequence) -> None:
        """What a consequence says about other rules and about roles."""
        if isinstance(item, Fulfil | Withdraw):
            opening = [one for one in self.rules if "oblige" in one.kinds]
            if item.rule not in {one.name for one in opening}:
                near = nearest(item.rule, [one.name for one in opening])
                self.faults.add(
                    f"{item.at}.rule",
                    f"没有产生待办（oblige）的规则 {item.rule!r}。",
                    f"{item.rule!r} is not a rule that obliges.",
                    near,
                )
        if self.roles is None:
            return
        named = [("role", getattr(item, "role", None))]
        if isinstance(item, Oblige):
            named += [("escalate", step.to) for step in item.deadline.escalations]
        for part, role in named:
            if role and role not in self.roles:
                self.faults.add(
                    f"{item.at}.{part}",
                    f"没有角色 {role!r}（没有任何单据类型授予它权限）。",
                    f"{role!r} is not a role: no record type gives it a permission.",
                    nearest(role, self.roles),
                )
