"""Workflow JSON to `Workflow`, collecting every fault of its form on the way. What its words refer to is the work of `check`.

Properties that are unknown here are Frappe's or somebody else's: they stay in `raw` and are written out again unchanged. Within
`steps`, which are ours, an unknown word is a fault.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from dataclasses import replace
from typing import Any

from ..calendars.term import Term
from ..core.errors import Fault, MetadataInvalid
from ..core.ids import digest
from ..core.text import EMPTY, Text, nearest
from ..core.values import canonical
from ..rulebook.faults import Faults
from .model import (
    ALL,
    ANY,
    APPROVER_KINDS,
    STATE_FIELD,
    Approver,
    Node,
    Parallel,
    Quorum,
    Sequence,
    State,
    Step,
    Transition,
    Workflow,
)

_STEP_KEYS = (
    "step", "title", "by", "needs", "fallback", "allow_self", "different_from", "skip_approved", "comment", "due", "condition",
    "signature", "source",
)  # fmt: skip
_PERCENT = re.compile(r"(\d{1,3})\s*%\Z")
_DOC_STATUS = {"0": 0, "1": 1, "2": 2}
_NEEDED_OF_TRANSITION = {
    "state": Text("起始状态", "the state it starts from"), "action": Text("动作名称", "the name of the action"),
    "next_state": Text("到达的状态", "the state it leads to"), "allowed": Text("可执行的角色", "the role that may take it"),
}  # fmt: skip
STEP_NAME = re.compile(r"[\w][\w .\-]{0,59}\Z")
MAX_DEPTH, MAX_STATES, MAX_STEPS = 6, 100, 200


def read_workflow(raw: Mapping[str, Any], file: str = "") -> Workflow:
    """The workflow that a JSON object says. Raises MetadataInvalid with every fault of its form."""
    found, faults = read(raw, file)
    if found is None or faults:
        raise MetadataInvalid.of(faults)
    return found


def read_as_far_as_possible(raw: Mapping[str, Any]) -> Workflow:
    """What can be read of a workflow whose form has faults, so that the rest is checked along."""
    found, _ = read(raw, "")
    assert found is not None
    return found


def check_workflow_shape(raw: Any, file: str) -> list[Fault]:
    """The faults of one workflow's JSON object seen alone; `read_workflow` is safe when there are none."""
    return read(raw, file)[1]


def read(raw: Any, file: str) -> tuple[Workflow | None, list[Fault]]:
    """The workflow as far as it can be read, and all faults of its form."""
    faults = Faults(file)
    if not isinstance(raw, Mapping):
        faults.add("", "应为 JSON 对象", "expected a JSON object")
        return None, faults.found
    return _Reader(raw, faults).workflow(), faults.found


class _Reader:
    def __init__(self, raw: Mapping[str, Any], faults: Faults) -> None:
        self.raw = raw
        self.faults = faults

    def workflow(self) -> Workflow:
        raw, faults = self.raw, self.faults
        name = raw.get("name") or raw.get("workflow_name")
        if not isinstance(name, str) or not name.strip() or len(name) > 140:
            faults.add("name", f"{name!r} 不是流程名", f"{name!r} is not the name of a workflow")
        for key, zh, en in (("document_type", "单据类型", "the DocType"),):
            if not isinstance(raw.get(key), str) or not raw[key]:
                faults.add(key, f"缺少{zh}", f"{en} is missing")
        states = self._states()
        if not states:
            faults.add("states", "流程没有任何状态", "the workflow has no state")
        return Workflow(
            name=str(name or ""),
            document_type=str(raw.get("document_type") or ""),
            title=faults.text(raw, "title", "") or Text.of(str(name or "?")),
            is_active=self._flag("is_active", 1),
            state_field=str(raw.get("workflow_state_field") or STATE_FIELD),
            override_status=self._flag("override_status", 0),
            send_email_alert=self._flag("send_email_alert", 0),
            allow_withdraw=self._flag("allow_withdraw", 1),
            states=states,
            transitions=self._transitions({state.name for state in states if state.doc_status == 2}),
            tables=self._tables(),
            source=self._names(raw.get("source"), "source"),
            digest=digest(canonical(dict(raw))),
            raw=raw,
        )

    def _flag(self, name: str, default: int) -> bool:
        value = self.raw.get(name, default)
        if value in (0, 1, None, "0", "1", True, False):
            return str(int(value or 0)) == "1"
        self.faults.add(name, f"{value!r} 应为 0 或 1", f"{value!r} should be 0 or 1")
        return bool(default)

    def _tables(self) -> Mapping[str, Mapping[str, Any]]:
        given = self.raw.get("tables") or {}
        if not isinstance(given, Mapping) or not all(isinstance(item, Mapping) for item in given.values()):
            self.faults.add("tables", "应为对象：名称 → 决策表", "expected an object: name to decision table")
            return {}
        return given

    # States

    def _states(self) -> tuple[State, ...]:
        """Frappe repeats a state to let several roles edit it: such rows are one state."""
        found: dict[str, State] = {}
        for at, item in self.faults.items(self.raw.get("states") or [], "states"):
            state = self._state(item, at)
            if state is None:
                continue
            before = found.get(state.name)
            if before is None:
                found[state.name] = state
            elif before.doc_status != state.doc_status:
                self.faults.add(
                    at,
                    f"状态“{state.name}”写了两次，doc_status 不同",
                    f'state "{state.name}" stands twice with another doc_status',
                )
            else:
                roles = tuple(dict.fromkeys((*before.allow_edit, *state.allow_edit)))
                found[state.name] = replace(before, allow_edit=roles)
        if len(found) > MAX_STATES:
            self.faults.add("states", f"状态最多 {MAX_STATES} 个", f"a workflow has at most {MAX_STATES} states")
        return tuple(found.values())[:MAX_STATES]

    def _state(self, item: Any, at: str) -> State | None:
        faults = self.faults
        name = item.get("state") if isinstance(item, Mapping) else None
        if not isinstance(name, str) or not name:
            faults.add(f"{at}.state", "缺少状态名", "the name of the state is missing")
            return None
        status = _DOC_STATUS.get(str(item.get("doc_status") or 0))
        if status is None:
            faults.add(
                f"{at}.doc_status",
                f"{item.get('doc_status')!r} 应为 0、1 或 2",
                f"{item.get('doc_status')!r} should be 0, 1 or 2",
            )
        edit = item.get("allow_edit")
        steps = self._sequence(item.get("steps") or [], f"{at}.steps", 0)
        return State(
            name=name,
            title=faults.text(item, "title", at) or Text.of(name),
            doc_status=status or 0,
            allow_edit=(edit,) if isinstance(edit, str) and edit else (),
            style=str(item.get("style") or ""),
            is_optional=bool(item.get("is_optional_state")),
            tells_next=str(item.get("send_email", 1)) not in ("0", "False"),
            update_field=str(item.get("update_field") or ""),
            update_value=item.get("update_value"),
            steps=steps,
            again_when=self._names(item.get("again_when"), f"{at}.again_when"),
            editable=self._names(item["editable"], f"{at}.editable") if "editable" in item else None,
            read_only=self._names(item.get("read_only"), f"{at}.read_only"),
            source=self._names(item.get("source"), f"{at}.source"),
            at=at,
        )

    def _names(self, value: Any, at: str) -> tuple[str, ...]:
        if value in (None, "", []):
            return ()
        return self.faults.words(value, at)

    # Transitions

    def _transitions(self, cancelled: Collection[str]) -> tuple[Transition, ...]:
        """What cancels a record needs a comment, unless the file says no; Frappe's own files know none."""
        found = []
        why_cancelled = () if "modified" in self.raw else cancelled
        for at, item in self.faults.items(self.raw.get("transitions") or [], "transitions"):
            if not isinstance(item, Mapping):
                self.faults.add(at, "应为对象", "expected an object")
                continue
            words = {key: str(item.get(key) or "") for key in ("state", "action", "next_state", "allowed", "condition")}
            when = str(item.get("when") or "")
            needed = ("state", "action", "next_state") if when else ("state", "action", "next_state", "allowed")
            for key in needed:
                if not words[key]:
                    said = _NEEDED_OF_TRANSITION[key]
                    self.faults.add(f"{at}.{key}", f"缺少{said.zh}（{key}）", f"{said.en} ({key}) is missing")
            if when not in ("", "approved", "refused"):
                self.faults.add(
                    f"{at}.when", f"{when!r} 应为 approved 或 refused", f"{when!r} should be approved or refused",
                    nearest(when, ("approved", "refused")),
                )  # fmt: skip
            found.append(
                Transition(
                    **words,
                    title=self.faults.text(item, "title", at) or Text.of(words["action"] or "?"),
                    # Frappe's default: whoever made the record may act on it unless the box is cleared
                    allow_self_approval=str(item.get("allow_self_approval", 1)) not in ("0", "False"),
                    when=when if when in ("approved", "refused") else "",  # type: ignore[arg-type]
                    needs_comment=bool(item.get("comment", words["next_state"] in why_cancelled and not when)),
                    source=self._names(item.get("source"), f"{at}.source"),
                    at=at,
                )
            )
        return tuple(found)

    # Steps

    def _sequence(self, value: Any, at: str, depth: int) -> Sequence:
        return Sequence(tuple(node for place, item in self.faults.items(value, at) if (node := self._node(item, place, depth))))

    def _node(self, item: Any, at: str, depth: int) -> Node | None:
        if depth > MAX_DEPTH:
            self.faults.add(at, f"步骤嵌套超过 {MAX_DEPTH} 层", f"steps are nested deeper than {MAX_DEPTH}")
            return None
        if not isinstance(item, Mapping):
            self.faults.add(at, f"{item!r} 应为步骤（对象）", f"{item!r} should be a step (an object)")
            return None
        if "parallel" in item:
            self.faults.keys(item, ("parallel", "needs"), at)
            branches = [
                node
                for place, part in self.faults.items(item["parallel"], f"{at}.parallel")
                if (node := self._node(part, place, depth + 1))
            ]
            if not branches:
                self.faults.add(f"{at}.parallel", "没有任何分支", "there is no branch")
            needs = self._quorum(item.get("needs", "all"), f"{at}.needs", ALL)
            if needs.kind == "number" and needs.amount > len(branches):
                self.faults.add(
                    f"{at}.needs", f"要 {needs.amount} 个同意，只有 {len(branches)} 个分支",
                    f"{needs.amount} must agree, and there are {len(branches)} branches",
                )  # fmt: skip
            return Parallel(tuple(branches), needs)
        if "sequence" in item:
            self.faults.keys(item, ("sequence",), at)
            return self._sequence(item["sequence"], f"{at}.sequence", depth + 1)
        return self._step(item, at)

    def _step(self, item: Mapping[str, Any], at: str) -> Step | None:
        faults = self.faults
        faults.keys(item, _STEP_KEYS, at)
        name = item.get("step")
        if not isinstance(name, str) or not STEP_NAME.match(name):
            faults.add(
                f"{at}.step", f"步骤名 {name!r} 无效：1 到 60 个文字、数字、空格或连字符",
                f"{name!r} is not the name of a step: 1 to 60 letters, digits, spaces or hyphens",
            )  # fmt: skip
            return None
        by = self._approvers(item.get("by") or [], f"{at}.by")
        if not item.get("by"):
            faults.add(f"{at}.by", f"步骤“{name}”没有审批人", f'step "{name}" asks nobody')
        different = item.get("different_from")
        comment = item.get("comment", "refusal")
        if comment not in ("refusal", "always"):
            faults.add(
                f"{at}.comment", f"{comment!r} 应为 refusal 或 always", f"{comment!r} should be refusal or always",
                nearest(comment, ("refusal", "always")),
            )  # fmt: skip
        return Step(
            name=name,
            title=faults.text(item, "title", at) or Text.of(name),
            by=by,
            needs=self._quorum(item.get("needs", "any"), f"{at}.needs", ANY),
            fallback=self._approvers(item["fallback"], f"{at}.fallback") if item.get("fallback") else (),
            allow_self=bool(item.get("allow_self")),
            different_from=self._names([different] if isinstance(different, str) else different, f"{at}.different_from"),
            skip_approved=bool(item.get("skip_approved")),
            needs_comment=comment == "always",
            due=self._due(item.get("due"), f"{at}.due"),
            condition=str(item.get("condition") or ""),
            signature=str(item.get("signature") or ""),
            source=self._names(item.get("source"), f"{at}.source"),
            at=at,
        )

    def _due(self, value: Any, at: str) -> Term | None:
        return None if value in (None, "") else self.faults.term(value, at)

    def _approvers(self, value: Any, at: str) -> tuple[Approver, ...]:
        listed = value if isinstance(value, list) else [value]
        found = []
        for index, item in enumerate(listed):
            place = f"{at}[{index}]" if isinstance(value, list) else at
            kinds = [key for key in item if key in APPROVER_KINDS] if isinstance(item, Mapping) else []
            if len(kinds) == 1 and item[kinds[0]] == "":
                self.faults.add(f"{place}.{kinds[0]}", "没有说是谁", "it is not said who")
                continue
            if len(kinds) != 1 or not isinstance(item[kinds[0]], str):
                words = ", ".join(APPROVER_KINDS)
                near = nearest(next(iter(item), ""), APPROVER_KINDS) if isinstance(item, Mapping) else EMPTY
                self.faults.add(place, f"审批人须恰有一个：{words}。", f"an approver has exactly one of: {words}.", near)
                continue
            self.faults.keys(item, (kinds[0],), place)
            found.append(Approver(kinds[0], item[kinds[0]]))
        return tuple(found)

    def _quorum(self, value: Any, at: str, default: Quorum) -> Quorum:
        if value in ("any", "all"):
            return ANY if value == "any" else ALL
        if isinstance(value, int) and not isinstance(value, bool) and value >= 1:
            return Quorum("number", value)
        percent = _PERCENT.match(value) if isinstance(value, str) else None
        if percent and 1 <= int(percent[1]) <= 100:
            return Quorum("percent", int(percent[1]))
        self.faults.add(
            at,
            f'{value!r} 应为 any、all、人数（2）或百分比（"60%"）',
            f'{value!r} should be any, all, a number (2) or a percentage ("60%")',
        )
        return default
