"""Finds every fault of workflows among the DocTypes: unknown words, states that nothing reaches or that lead nowhere, transitions that
contradict each other or the life cycle of records, steps that cannot be carried out.

What Frappe itself lets pass in a file of its own is told as a warning: nobody here can mend such a file.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from ..core.errors import Fault
from ..core.text import Text, nearest
from ..expressions import ExpressionRefused
from ..metadata.model import CHILD_FIELDS, STANDARD_FIELDS, DocField, DocType, Model
from ..rulebook.faults import Faults
from .conditions import condition
from .model import Approver, Step, Transition, Workflow
from .tables import columns, table_faults

GROUP = "User Group"


@dataclass
class Findings:
    """What is wrong, and what is only told."""

    faults: list[Fault] = field(default_factory=list)
    warnings: list[Fault] = field(default_factory=list)


def check_workflows(workflows: Iterable[Workflow], model: Model, files: Mapping[str, str]) -> Findings:
    """All faults of workflows whose form is right; `files` says where each was read."""
    known = list(workflows)
    found = Findings()
    active: dict[str, str] = {}
    for workflow in known:
        file = files.get(workflow.name) or workflow.name
        check = _Check(workflow, model, file)
        check.run()
        if workflow.is_active and (other := active.setdefault(workflow.document_type, workflow.name)) != workflow.name:
            check.faults.add(
                "is_active",
                f"{workflow.document_type} 已有启用的流程“{other}”；一种单据只能启用一个",
                f'{workflow.document_type} has the active workflow "{other}" already; only one can be active',
            )
        found.faults += check.faults.found
        found.warnings += check.told.found
    return found


class _Check:
    """The faults of one workflow."""

    def __init__(self, workflow: Workflow, model: Model, file: str) -> None:
        self.workflow = workflow
        self.model = model
        self.file = file
        self.faults = Faults(file)
        self.told = Faults(file)
        # of a file of Frappe's, what Frappe lets pass
        self.lenient = self.told if "modified" in workflow.raw else self.faults

    def run(self) -> None:
        doctype = self.model.get(self.workflow.document_type)
        if doctype is None or doctype.istable:
            self.faults.add(
                "document_type",
                f"没有单据类型 {self.workflow.document_type!r}。",
                f"{self.workflow.document_type!r} is not a record type with records.",
                nearest(self.workflow.document_type, [item.name for item in self.model if not item.istable]),
            )
        self._states(doctype)
        self._transitions(doctype)
        self._ways()
        self._steps(doctype)
        if doctype is not None:
            self._state_field(doctype)
            self.faults.found += table_faults(self.workflow, self.model, self.file)

    # States

    def _state_field(self, doctype: DocType) -> None:
        name = self.workflow.state_field
        item = doctype.by_name.get(name)
        if name in STANDARD_FIELDS or not name.isidentifier():
            self.faults.add("workflow_state_field", f"{name!r} 不能作字段名", f"{name!r} cannot be the name of a field")
        elif item is not None and (item.type.kind != "text" or item.is_computed):
            self.faults.add(
                "workflow_state_field",
                f"字段 {name}（{item.fieldtype}）不能存状态，应为 Select、Link 或 Data",
                f"field {name} ({item.fieldtype}) cannot hold a state; it should be a Select, Link or Data",
            )
        elif item is not None and item.fieldtype == "Select":
            for state in self.workflow.states:
                if state.name not in item.choices:
                    self.faults.add(
                        f"{state.at}.state", f"字段 {name} 的选项中没有“{state.name}”。",
                        f'"{state.name}" is not among the options of the field {name}.', nearest(state.name, item.choices),
                    )  # fmt: skip

    def _states(self, doctype: DocType | None) -> None:
        if self.workflow.states and self.workflow.first.doc_status != 0:
            first = self.workflow.first
            self.faults.add(
                f"{first.at}.doc_status", f"第一个状态“{first.name}”是新单的状态，doc_status 应为 0",
                f'the first state, "{first.name}", is that of a new record; its doc_status should be 0',
            )  # fmt: skip
        for state in self.workflow.states:
            for role in state.allow_edit:
                self._role(role, f"{state.at}.allow_edit")
            if doctype is None:
                continue
            if state.doc_status and not doctype.is_submittable:
                self.faults.add(
                    f"{state.at}.doc_status",
                    f"{doctype.name} 不是可提交的单据，状态“{state.name}”的 doc_status 只能为 0",
                    f'{doctype.name} is not submittable; the doc_status of state "{state.name}" can only be 0',
                )
            fields = {"update_field": (state.update_field,) if state.update_field else (), "again_when": state.again_when,
                      "editable": state.editable or (), "read_only": state.read_only}  # fmt: skip
            for key, names in fields.items():
                for name in names:
                    self._field(name, f"{state.at}.{key}", doctype)

    def _field(self, name: str, at: str, doctype: DocType) -> DocField | None:
        item = doctype.by_name.get(name)
        if item is None or (item.type.kind is None and not item.type.holds_rows):
            known = [one.fieldname for one in doctype.data_fields]
            self.faults.add(
                at, f"{doctype.name} 没有字段 {name!r}。", f"{doctype.name} has no field {name!r}.", nearest(name, known)
            )
            return None
        return item

    def _role(self, role: str, at: str) -> None:
        if role not in self.model.roles:
            self.faults.add(
                at, f"没有角色 {role!r}。", f"{role!r} is not a role that any record type gives a permission to.",
                nearest(role, self.model.roles),
            )  # fmt: skip

    # Transitions

    def _transitions(self, doctype: DocType | None) -> None:
        seen: dict[tuple[str, ...], str] = {}
        for item in self.workflow.transitions:
            self._ends(item)
            if item.allowed:
                self._role(item.allowed, f"{item.at}.allowed")
            if item.condition:
                self._condition(item.condition, f"{item.at}.condition", doctype, self.lenient)
            key = (item.state, item.action, item.allowed, item.condition.strip(), item.when)
            if key in seen:
                self.lenient.add(
                    item.at,
                    f"与 {seen[key]} 重复：状态“{item.state}”的动作“{item.action}”",
                    f'the same as {seen[key]}: action "{item.action}" of state "{item.state}"',
                )
            seen.setdefault(key, item.at)

    def _ends(self, item: Transition) -> None:
        states = self.workflow.by_name
        for key, name in (("state", item.state), ("next_state", item.next_state)):
            if name and name not in states:
                self.faults.add(f"{item.at}.{key}", f"没有状态“{name}”。", f'"{name}" is not a state.', nearest(name, states))
        before, after = states.get(item.state), states.get(item.next_state)
        if before is None or after is None:
            return
        if item.when and not before.has_steps:
            self.faults.add(
                f"{item.at}.when",
                f"状态“{before.name}”没有步骤，不会有审批结果",
                f'state "{before.name}" has no steps that could end so',
            )
        step = (before.doc_status, after.doc_status)
        if step not in ((0, 0), (0, 1), (1, 1), (1, 2)):
            words = Text(
                f"doc_status 不能由 {step[0]} 到 {step[1]}（“{before.name}”到“{after.name}”）：草稿可提交，提交后可作废，不能倒退或跳过",
                f'doc_status cannot go from {step[0]} to {step[1]} ("{before.name}" to "{after.name}"): a draft is submitted, what is '
                "submitted is cancelled, nothing goes back or skips one",
            )
            self.faults.refused(f"{item.at}.next_state", words)

    def _condition(self, source: str, at: str, doctype: DocType | None, faults: Faults) -> None:
        try:
            found = condition(source)
        except ExpressionRefused as refused:
            faults.add(
                at, f"条件 {source!r} 不能识别：{refused.text.zh}", f"condition {source!r} cannot be read: {refused.text.en}"
            )
            return
        if doctype is None:
            return
        known = {*doctype.by_name, *STANDARD_FIELDS, *CHILD_FIELDS, "doctype", self.workflow.state_field}
        for path in sorted(found.reads):
            root, _, rest = path.partition(".")
            name = rest.split(".")[0]
            if root == "doc" and name and name not in known:
                faults.add(
                    at,
                    f"条件中的字段 {name!r} 不存在。",
                    f"the condition reads {name!r}, which is no field.",
                    nearest(name, known),
                )

    # Ways

    def _ways(self) -> None:
        """Every state is reached from the first, and an end is reached from every state."""
        workflow = self.workflow
        if not workflow.states:
            return
        ahead: dict[str, set[str]] = {state.name: set() for state in workflow.states}
        for item in workflow.transitions:
            if item.state in ahead and item.next_state in ahead:
                ahead[item.state].add(item.next_state)
        reached = _closure({workflow.first.name}, ahead)
        for state in workflow.states:
            if state.name not in reached and not state.is_optional:
                self.lenient.add(
                    state.at, f"没有途径到达状态“{state.name}”", f'no transition leads to the state "{state.name}"'
                )
        back: dict[str, set[str]] = {name: set() for name in ahead}
        for name, following in ahead.items():
            for one in following:
                back[one].add(name)
        ends = {name for name in reached if workflow.is_end(name)}
        if not ends:
            self.lenient.add(
                "transitions",
                "流程没有终点：每个状态都还有后续动作",
                "the workflow has no end: every state has a transition that leaves it",
            )
            return
        for name in sorted(reached - _closure(ends, back)):
            self.lenient.add(
                workflow.by_name[name].at, f"从状态“{name}”到不了任何终点", f'no end is reached from the state "{name}"'
            )

    # Steps

    def _steps(self, doctype: DocType | None) -> None:
        seen: dict[str, Step] = {}
        for state in self.workflow.states:
            for step in state.steps.steps():
                if step.name in seen:
                    self.faults.add(
                        f"{step.at}.step", f"步骤名“{step.name}”已用于 {seen[step.name].at}",
                        f'"{step.name}" is the name of {seen[step.name].at} already',
                    )  # fmt: skip
                seen.setdefault(step.name, step)
            if state.has_steps:
                self._after(state.name, state.at)
        for step in seen.values():
            self._step(step, seen, doctype)

    def _after(self, state: str, at: str) -> None:
        """Whatever the record holds, the steps must lead somewhere once they are approved."""
        ahead = [item for item in self.workflow.leaving(state) if item.when == "approved"]
        if not any(not item.condition for item in ahead):
            self.faults.add(
                at,
                f'状态“{state}”的步骤通过后没有去处：须有一个 "when": "approved" 且不带条件的转换',
                f'the steps of state "{state}" lead nowhere once approved: a transition with "when": "approved" and no condition is needed',
            )
        states = self.workflow.by_name
        entered = [item.state for item in self.workflow.transitions if item.next_state == state and item.state in states]
        refused = [item for item in self.workflow.leaving(state) if item.when == "refused" and not item.condition]
        if not refused and any(states[name].doc_status != states[state].doc_status for name in entered):
            self.faults.add(
                at,
                f'状态“{state}”的步骤被驳回后没有去处（提交不能退回草稿）：须有一个 "when": "refused" 且不带条件的转换',
                f'the steps of state "{state}" lead nowhere once refused, as nothing submitted goes back to a draft: a transition with '
                '"when": "refused" and no condition is needed',
            )

    def _step(self, step: Step, known: Mapping[str, Step], doctype: DocType | None) -> None:
        for key, approvers in (("by", step.by), ("fallback", step.fallback)):
            for approver in approvers:
                self._approver(approver, f"{step.at}.{key}", doctype)
        for name in step.different_from:
            if name not in known or name == step.name:
                self.faults.add(
                    f"{step.at}.different_from",
                    f"没有另一个步骤“{name}”。",
                    f'"{name}" is not another step.',
                    nearest(name, known),
                )
        if step.condition:
            self._condition(step.condition, f"{step.at}.condition", doctype, self.faults)

    def _approver(self, approver: Approver, at: str, doctype: DocType | None) -> None:
        match approver.kind:
            case "role":
                self._role(approver.value, f"{at}.role")
                if doctype is not None and approver.value in self.model.roles:
                    self._may_read(approver.value, f"{at}.role", doctype)
            case "user_field" | "department_head" if doctype is not None:
                wanted = "User" if approver.kind == "user_field" else "Department"
                item = self._named(approver, f"{at}.{approver.kind}", doctype)
                if item is not None and not (item.fieldtype == "Link" and item.options == wanted):
                    self.faults.add(
                        f"{at}.{approver.kind}", f"字段 {approver.value} 应为指向 {wanted} 的 Link",
                        f"field {approver.value} should be a Link to {wanted}",
                    )  # fmt: skip
            case "group" if GROUP not in self.model:
                self.faults.add(f"{at}.group", f"没有单据类型 {GROUP}", f"there is no record type {GROUP}")
            case "table":
                name, _, column = approver.value.partition(".")
                offered = [f"{table}.{one}" for table, raw in self.workflow.tables.items() for one in columns(raw)]
                if f"{name}.{column}" not in offered:
                    self.faults.add(
                        f"{at}.table", f"没有决策表的列 {approver.value!r}。", f"{approver.value!r} is not a column of a table here.",
                        nearest(approver.value, offered),
                    )  # fmt: skip

    def _named(self, approver: Approver, at: str, doctype: DocType) -> DocField | None:
        """The field of the record, or the column of its rows, that says who is asked."""
        if not approver.is_of_rows:
            return self._field(approver.value, at, doctype)
        name, _, column = approver.value.partition(".")
        table = self._field(name, at, doctype)
        if table is None or not table.type.holds_rows:
            if table is not None:
                self.faults.add(at, f"字段 {name} 不是子表", f"field {name} holds no rows")
            return None
        return self._field(column, at, self.model.child(table))

    def _may_read(self, role: str, at: str, doctype: DocType) -> None:
        if not any(item.read and item.role in (role, "All") for item in doctype.permissions):
            self.told.add(
                at,
                f"角色 {role} 不能查看 {doctype.name}，担任者须另有查看权限才能审批",
                f"role {role} may not read {doctype.name}; whoever holds it needs that right from elsewhere to decide",
            )


def _closure(start: set[str], ahead: Mapping[str, set[str]]) -> set[str]:
    found, waiting = set(start), list(start)
    while waiting:
        for name in ahead[waiting.pop()] - found:
            found.add(name)
            waiting.append(name)
    return found
