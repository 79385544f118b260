"""What a rule can be made of, for whoever offers it to people: fields, operators, consequences with their parameters, facts.

Everything is read from what declares it (DocTypes, the registry of operators, the classes of consequences), so that a kind
that is new appears by itself: its parameters follow from its fields, named by their own names until they get words here.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Literal, get_type_hints

from ..core.text import EMPTY, Text
from ..metadata.model import CHILD_FIELDS, STANDARD_FIELDS, DocField, DocType, Model
from .conditions import GROUP_LABELS, ROW_LABELS
from .kinds import KINDS
from .model import RECORD_EVENTS, Consequence, EachRow, Fact
from .operators import COUNT_OPERATORS, FACT_OPERATORS, OPERATORS
from .paths import USER_PATHS, Frame, PathRefused, Resolved, resolve
from .tables.model import AGGREGATES, HIT_POLICIES, OUTPUT_KINDS

Editor = Literal[
    "message", "field", "fields", "paths", "role", "person", "duration", "time_field", "check", "doctype", "values", "rule",
    "link", "conclusion", "rows", "meaning", "action", "people", "names", "text", "made_rows", "path", "choices",
    "number", "escalations", "conditions",
]  # fmt: skip
Body = Literal["object", "list", "values", "plain", "table"]

OWN = Text("本单", "This record")
SYSTEM = Text("系统字段", "System fields")
USER = Text("当前用户", "The user")
FACTS = Text("事实", "Facts")

_PARAMETERS: Mapping[str, tuple[Text, Editor]] = {
    "message": (Text("提示文字", "Message"), "message"),
    "title": (Text("标题", "Title"), "message"),
    "field": (Text("跳到字段", "Jumps to the field"), "field"),
    "fields": (Text("字段", "Fields"), "fields"),
    "role": (Text("角色", "Role"), "role"),
    "user_field": (Text("人员字段", "Person in the field"), "person"),
    "escalate_to": (Text("超期升级至", "When late, goes to"), "role"),
    "due": (Text("时限", "Due after"), "duration"),
    "from_": (Text("起算于", "Counted from"), "time_field"),
    "escalate": (Text("逐级升级", "Escalated step by step"), "escalations"),
    "calendar": (Text("按此链接记录的工作日历", "In the work calendar of"), "link"),
    "pause_when": (Text("暂停计时的条件", "Its clock stands while"), "conditions"),
    "every": (Text("周期（如 3 months）", "Again every (such as 3 months)"), "text"),
    "until": (Text("至", "Until"), "time_field"),
    "ahead": (Text("预先列出的次数", "How many ahead"), "number"),
    "warn_before": (Text("提前提醒", "Warn before"), "duration"),
    "again_when": (Text("这些更改后重新审批", "Asks again when these change"), "paths"),
    "show": (Text("给审批人看", "Shown to who approves"), "paths"),
    "allow_self": (Text("填单人也可批准", "Whoever filled it in may approve"), "check"),
    "meaning": (Text("签名含义", "Meaning of the signature"), "meaning"),
    "covers": (Text("签名涵盖的字段", "Fields that it covers"), "fields"),
    "distinct": (Text("须由未签过此单的人签", "By somebody who has signed nothing else here"), "check"),
    "before": (Text("在此操作前", "Before the action"), "action"),
    "users": (Text("人员", "People"), "people"),
    "department_head": (Text("此部门（字段）的负责人", "Head of the department in"), "link"),
    "group": (Text("用户组", "User group"), "text"),
    "via": (Text("经由渠道", "By these channels"), "names"),
    "urgent": (Text("紧急（不受免打扰限制）", "Urgent, also in quiet hours"), "check"),
    "attach": (Text("邮件附 PDF（打印格式，或 Standard）", "PDF attached to e-mails (a print format, or Standard)"), "text"),
    "doctype": (Text("单据类型", "Record type"), "doctype"),
    "values": (Text("字段的值", "Values"), "values"),
    "rows": (Text("子表各行", "Rows of its child tables"), "made_rows"),
    "per": (Text("每个此值一张", "One for every"), "path"),
    "submit": (Text("随即提交", "Submitted at once"), "check"),
    "on_cancel": (Text("本单作废时", "When this is cancelled"), "choices"),
    "take_back": (Text("本单作废或删除时恢复原值", "Put back when this is cancelled or deleted"), "check"),
    "note": (Text("说明", "Note"), "message"),
    "add": (Text("加上的标签", "Tags to put on"), "names"),
    "remove": (Text("去掉的标签", "Tags to take off"), "names"),
    "rule": (Text("规则", "Rule"), "rule"),
    "record": (Text("哪张单据（链接字段）", "Which record (link field)"), "link"),
    "name": (Text("结论", "Conclusion"), "conclusion"),
    "each": (Text("对子表每一行", "For each row of"), "rows"),
}  # fmt: skip

_CHOICES: Mapping[str, tuple[tuple[str, Text], ...]] = {
    "on_cancel": (("keep", Text("保留", "it stays")), ("cancel", Text("一并作废", "it is cancelled too")), ("delete", Text("一并删除", "it is deleted"))),
}  # fmt: skip

_EDITORS: Mapping[Any, Editor] = {
    Text: "message", bool: "check", timedelta: "duration", timedelta | None: "duration", EachRow | None: "rows",
    tuple[str, ...]: "fields",
}  # fmt: skip

_EVENTS = {
    "validate": Text("保存时", "when saved"),
    "submit": Text("提交时", "when submitted"),
    "cancel": Text("作废时", "when cancelled"),
}

FACT_FUNCTIONS: Mapping[str, Text] = {
    "count": Text("数量", "number of records"),
    "exists": Text("是否存在", "whether one exists"),
    "sum": Text("合计", "total"),
    "min": Text("最小值", "smallest"),
    "max": Text("最大值", "largest"),
    "avg": Text("平均值", "average"),
    "first": Text("第一条的值", "value of the first"),
    "list": Text("所有的值", "all values"),
    "hours_between": Text("两时间之间的小时数", "hours between two times"),
    "working_hours_after": Text("若干工作小时之后的时间", "so many working hours later"),
}

ROW_KINDS: Mapping[str, Text] = {
    "any_row": Text("有一行满足", "a row fits"),
    "all_rows": Text("每一行都满足", "every row fits"),
    "no_row": Text("没有一行满足", "no row fits"),
    "count_rows": Text("满足的行数", "number of rows that fit"),
}

HITS: Mapping[str, Text] = {
    "unique": Text("唯一：至多一行符合", "unique: at most one row matches"),
    "first": Text("首行：第一行符合者算", "first: the first row that matches"),
    "any": Text("任一：符合的行结果相同", "any: rows that match agree"),
    "priority": Text("优先：最优先的结果算", "priority: the most urgent output"),
    "collect": Text("汇集：所有符合的行都算", "collect: all rows that match"),
}
_AGGREGATES = {
    "list": Text("列出", "list"), "sum": Text("求和", "sum"), "min": Text("最小", "smallest"), "max": Text("最大", "largest"),
    "count": Text("计数", "count"),
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Parameter:
    """One value of a consequence: its key in JSON, what people call it, how it is entered."""

    key: str
    label: Text
    editor: Editor
    is_needed: bool
    choices: tuple[tuple[str, Text], ...] = ()


@dataclass(frozen=True, slots=True)
class Form:
    """A kind of consequence. `body` says what stands in its JSON: an object of the parameters, or the one parameter itself."""

    kind: str
    label: Text
    help: Text
    body: Body
    parameters: tuple[Parameter, ...]


@dataclass(frozen=True, slots=True)
class Named:
    """Something that a path names, and the heading under which it is offered."""

    found: Resolved
    group: Text

    def to_json(self, language: str) -> dict[str, Any]:
        return {"group": self.group.to(language), **described(self.found, language)}


def described(found: Resolved, language: str) -> dict[str, Any]:
    """What an editor of values needs to know of a path."""
    item = found.item
    shown: dict[str, Any] = {"path": found.path, "label": found.label.to(language), "kind": found.kind, "source": found.source}
    if item is not None:
        shown["type"] = item.fieldtype
        shown["computed"] = item.is_computed
        if item.fieldtype == "Select":
            shown["choices"] = [[value, item.choice_label(value).to(language)] for value in item.choices]
        if item.fieldtype == "Link":
            shown["link"] = item.options
    if found.standard == "docstatus":
        shown["choices"] = [[value, text.to(language)] for value, text in enumerate(_DOCSTATUS)]
    if found.path == "user.roles":
        shown["roles"] = True
    return shown


_DOCSTATUS = (Text("草稿", "Draft"), Text("已提交", "Submitted"), Text("已作废", "Cancelled"))


def consequence_forms() -> list[Form]:
    """Every kind of consequence with its parameters, in the order of the registry."""
    return [_form(item) for item in Consequence.__args__]


def _form(declared: Any) -> Form:
    kind = declared.kind
    label, help_text = KINDS.get(kind, (Text.of(kind), EMPTY))
    if kind == "table":
        return Form(kind, label, help_text, "table", ())
    hints = get_type_hints(declared)
    parameters = tuple(
        _parameter(one, hints[one.name]) for one in dataclasses.fields(declared) if one.name != "at"
    )  # fmt: skip
    return Form(kind, label, help_text, _body(parameters), parameters)


def _parameter(declared: dataclasses.Field[Any], hint: Any) -> Parameter:
    label, editor = _PARAMETERS.get(declared.name, (Text.of(declared.name), _EDITORS.get(hint, "text")))
    is_needed = declared.default is dataclasses.MISSING and declared.default_factory is dataclasses.MISSING
    return Parameter(
        "each_row" if editor == "rows" else declared.name.rstrip("_"), label, editor, is_needed, _CHOICES.get(declared.name, ())
    )


def _body(parameters: tuple[Parameter, ...]) -> Body:
    own = [one for one in parameters if one.editor != "rows"]
    if len(own) != 1:
        return "object"
    return {"fields": "list", "values": "values"}.get(own[0].editor, "plain")  # type: ignore[return-value]


def words(language: str) -> dict[str, Any]:
    """The registries, as JSON in one language."""
    return {
        "operators": [
            {"name": one.name, "label": one.label.to(language), "kinds": sorted(one.kinds), "expects": one.expects, "family": one.family}
            for one in OPERATORS.values()
        ],
        "count_operators": list(COUNT_OPERATORS),
        "fact_operators": list(FACT_OPERATORS),
        "forms": [
            {
                "kind": form.kind, "label": form.label.to(language), "help": form.help.to(language), "body": form.body,
                "parameters": [
                    {"key": one.key, "label": one.label.to(language), "editor": one.editor, "needed": one.is_needed,
                     "choices": [[name, text.to(language)] for name, text in one.choices]}
                    for one in form.parameters
                ],
            }
            for form in consequence_forms()
        ],
        "events": [[event, _EVENTS.get(event, Text.of(event)).to(language)] for event in RECORD_EVENTS],
        "functions": [[name, text.to(language)] for name, text in FACT_FUNCTIONS.items()],
        "row_kinds": [[name, ROW_KINDS.get(name, Text.of(name)).to(language)] for name in ROW_LABELS],
        "groups": [[name, label.to(language)] for name, label in GROUP_LABELS.items()],
        "hits": [[name, HITS[name].to(language)] for name in HIT_POLICIES],
        "aggregates": [[name, _AGGREGATES[name].to(language)] for name in AGGREGATES],
        "outputs": [[name, KINDS[name][0].to(language)] for name in OUTPUT_KINDS],
    }  # fmt: skip


def fields_of(doctype: DocType, model: Model, facts: Mapping[str, Fact] | None = None) -> list[Named]:
    """Everything that a condition on a record can name: its fields, those of records it links to, facts, the user."""
    frame = Frame(model, doctype, facts or {})
    found = [Named(one, OWN) for one in _own(doctype, frame)]
    found += [Named(one, FACTS) for name in frame.facts for one in _read(f"@{name}", frame)]
    found += list(_linked(doctype, frame))
    found += [Named(one, SYSTEM) for name in STANDARD_FIELDS for one in _read(name, frame)]
    return found + [Named(one, USER) for path in USER_PATHS for one in _read(path, frame)]


def row_fields_of(table: DocField, doctype: DocType, model: Model, facts: Mapping[str, Fact] | None = None) -> list[Named]:
    """What a condition on a row can name: its columns, facts, and the record's fields as `parent.x`."""
    frame = Frame(model, doctype, facts or {}).rows(table.fieldname)
    label = table.label or Text.of(table.fieldname)
    found = [Named(one, label) for one in _own(frame.here, frame)]
    found += [Named(one, FACTS) for name in frame.facts for one in _read(f"@{name}", frame)]
    found += list(_linked(frame.here, frame))
    found += [Named(one, OWN) for item in doctype.stored_fields for one in _read(f"parent.{item.fieldname}", frame)]
    found += [Named(one, SYSTEM) for name in CHILD_FIELDS if name in ("idx", "name") for one in _read(name, frame)]
    return found


def tables_of(doctype: DocType, model: Model) -> list[DocField]:
    """Its child tables whose rows are known."""
    return [item for item in doctype.table_fields if (item.options or "") in model]


def _own(here: DocType, frame: Frame) -> Iterator[Resolved]:
    for item in here.stored_fields:
        if not item.type.is_secret:
            yield from _read(item.fieldname, frame)


def _linked(here: DocType, frame: Frame) -> Iterator[Named]:
    for link in here.stored_fields:
        target = frame.model.get(link.options or "") if link.fieldtype == "Link" else None
        if target is None:
            continue
        label = link.label or Text.of(link.fieldname)
        group = Text(f"{label.zh}（{target.label.zh or target.name}）", f"{label.en} ({target.label.en or target.name})")
        for item in target.stored_fields:
            if not item.type.is_secret:
                for one in _read(f"{link.fieldname}.{item.fieldname}", frame):
                    yield Named(one, group)


def _read(path: str, frame: Frame) -> Iterator[Resolved]:
    try:
        yield resolve(path, frame)
    except PathRefused:
        return  # a link that leads to nothing, a fact that is wrong: told where it is written
