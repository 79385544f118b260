"""Reads a rule aloud, in Chinese and English: for the list of rules, the builder, and the person asked to approve one."""

from __future__ import annotations

from collections.abc import Iterable

from ..calendars.term import Term
from ..core.text import Text
from ..metadata.model import DocField, DocType, Model
from .changing import changed_type
from .conditions import GROUP_LABELS, ROW_LABELS, expected_text
from .display import cite, join, show
from .durations import duration_text, term_text
from .messages import with_labels
from .model import (
    Assign,
    Block,
    Change,
    Compare,
    Conclude,
    Concluded,
    Condition,
    Consequence,
    Create,
    Expr,
    Fulfil,
    Group,
    Hide,
    Lock,
    MoveTrigger,
    NotifyPeople,
    Oblige,
    Operand,
    Require,
    RequireApproval,
    RequireSignature,
    Rows,
    Rule,
    SetFields,
    SetTags,
    Warn,
    Withdraw,
)
from .operands import literal
from .operators import OPERATORS, Operator
from .paths import Frame, PathRefused, Resolved, resolve
from .spoken import spoken
from .tables.model import Table

_EVENTS = {"validate": Text("保存", "saved"), "submit": Text("提交", "submitted"), "cancel": Text("作废", "cancelled")}

_OUTPUTS = {
    "oblige": Text("待办", "what is owed"),
    "notify": Text("通知", "who is told"),
    "block": Text("是否拒绝", "a refusal"),
    "warn": Text("提醒", "a warning"),
    "require_approval": Text("审批人", "who approves"),
}


def describe(rule: Rule, model: Model) -> Text:
    """The rule as sentences: when it is judged, on which conditions, and what then follows; version by version."""
    said = _version(rule, model)
    for later in rule.versions:
        text = _version(later, model) if later.enabled else Text("不再适用。", "no longer applies.")
        said = Text(f"{said.zh}自 {later.valid_from} 起：{text.zh}", f"{said.en} From {later.valid_from}: {text.en}")
    return said


def spoken_parts(rule: Rule, model: Model) -> dict[str, list[Text]]:
    """The conditions (`when`) and the consequences (`then`) of a rule one by one, as `describe` says them."""
    doctype = model.get(rule.applies_to)
    if doctype is None:
        return {"when": [], "then": []}
    frame = Frame(model, doctype, rule.facts)
    return {
        "when": [_condition(item, frame) for item in rule.when],
        "then": [_consequence(item, frame) for item in rule.then],
    }


def _version(rule: Rule, model: Model) -> Text:
    doctype = model.get(rule.applies_to)
    if doctype is None:
        return Text(f"适用于未知的单据类型 {rule.applies_to}。", f"For the unknown record type {rule.applies_to}.")
    frame = Frame(model, doctype, rule.facts)
    label = doctype.label
    one = f"{'an' if label.en[:1] in 'AEIO' else 'a'} {label.en}"
    events = [_EVENTS[event] for event in rule.events if event in _EVENTS]
    zh = [f"{label.zh}{'、'.join(item.zh for item in events)}时"] if events else []
    en = [f"When {one} is {' or '.join(item.en for item in events)}"] if events else []
    for trigger in rule.times:
        length, of = duration_text(trigger.after), _path(trigger.of, frame)
        zh.append(f"{of.zh}之后 {length.zh}")
        en.append(f"{'or ' if en else ''}{length.en} after {of.en} of {one}")
    for move in rule.moves:
        way = _way(move)
        zh.append(f"{label.zh}{way.zh}时")
        en.append(f"{'or ' if en else ''}when {one} {way.en}")
    for schedule in rule.schedules:
        zh.append(f"{schedule.text.zh}，对每张{label.zh}")
        en.append(f"{'or ' if en else ''}{schedule.text.en}, for each {label.en}")
    when = _all(rule.when, frame)
    then = [_consequence(item, frame) for item in rule.then]
    cited = cite(rule.source)
    if when:
        zh.append(f"若{when.zh}")
        en.append(f"if {when.en}")
    return Text(
        f"{'，'.join(zh)}：{'；'.join(item.zh for item in then)}{cited.zh}。",
        f"{', '.join(en)}: {'; '.join(item.en for item in then)}{cited.en}.",
    )


def _way(move: MoveTrigger) -> Text:
    zh, en = "", ""
    if move.actions:
        zh, en = f"经“{'、'.join(move.actions)}”", f"goes by {' or '.join(move.actions)}"
    if move.from_:
        zh, en = f"{zh}由“{'、'.join(move.from_)}”", f"{en or 'goes'} from {' or '.join(move.from_)}"
    if move.to:
        zh, en = f"{zh}进入“{'、'.join(move.to)}”", f"{en or 'goes'} to {' or '.join(move.to)}"
    return Text(zh, en)


def _all(conditions: Iterable[Condition], frame: Frame) -> Text:
    parts = [_condition(item, frame) for item in conditions]
    return Text(" 且 ".join(part.zh for part in parts), " and ".join(part.en for part in parts))


def _condition(item: Condition, frame: Frame) -> Text:
    if isinstance(item, Compare):
        return _compare(item, frame)
    if isinstance(item, Group):
        parts = join([_condition(part, frame) for part in item.items])
        label = GROUP_LABELS[item.kind]
        return Text(f"（{label.zh}：{parts.zh}）", f"({label.en}: {parts.en})")
    if isinstance(item, Rows):
        return _rows(item, frame)
    if isinstance(item, Expr):
        return spoken(item.source, frame, is_condition=True)
    assert isinstance(item, Concluded)
    return Text(f"已得出结论“{item.name}”", f'it is concluded: "{item.name}"')


def _rows(item: Rows, frame: Frame) -> Text:
    try:
        inner = frame.rows(item.table)
    except PathRefused as refused:
        return refused.text
    table = inner.table.label if inner.table else Text.of(item.table)
    label = ROW_LABELS[item.kind].format(table=table)
    where = _all(item.where, inner)
    if item.kind == "count_rows":
        operator = OPERATORS[item.operator]
        count = _operand(item.count, operator, None, frame)
        zh, en = f"{label.zh}{operator.label.zh} {count.zh}", f"{label.en} {operator.label.en} {count.en}"
        return Text(f"{zh}（仅计 {where.zh}）", f"{en} (counting {where.en})") if where else Text(zh, en)
    return Text(f"{label.zh}满足 {where.zh}", f"{label.en} has {where.en}") if where else label


def _compare(item: Compare, frame: Frame) -> Text:
    operator = OPERATORS[item.operator]
    try:
        left = resolve(item.path, frame)
    except PathRefused as refused:
        return refused.text
    right = _operand(item.value, operator, left, frame)
    if operator.expects == "nothing":
        negated = item.value.value is False
        return Text(
            f"{left.label.zh}{'未更改' if negated else operator.label.zh}",
            f"{left.label.en} {'was not changed' if negated else operator.label.en}",
        )
    return Text(f"{left.label.zh}{operator.label.zh} {right.zh}", f"{left.label.en} {operator.label.en} {right.en}")


def _operand(operand: Operand, operator: Operator, left: Resolved | None, frame: Frame) -> Text:
    if operand.kind == "path":
        return _path(operand.value, frame)
    if operand.kind == "expr":
        return spoken(operand.value, frame)
    if isinstance(operand.value, tuple):
        return join([_operand(part, OPERATORS["="], left, frame) for part in operand.value])
    if left is None:
        return show(operand.value)
    try:
        return expected_text(operator, literal(operand.value, left, operator.expects), left, None) or Text("", "")
    except PathRefused:
        return show(operand.value)


def _path(path: str, frame: Frame) -> Text:
    try:
        return resolve(path, frame).label
    except PathRefused:
        return Text.of(path)


def _fields(names: Iterable[str], frame: Frame) -> Text:
    return join([_path(name, frame) for name in names])


def _consequence(item: Consequence, frame: Frame) -> Text:
    each = getattr(item, "each", None)
    if each is None:
        return _said(item, frame)
    try:
        inner = frame.rows(each.table)
    except PathRefused as refused:
        return refused.text
    table = inner.table.label if inner.table else Text.of(each.table)
    where = _all(each.where, inner)
    zh = f"“{table.zh}”中{where.zh or '每一行'}的行" if where else f"“{table.zh}”的每一行"
    en = f'for each row of "{table.en}"' + (f" where {where.en}" if where else "")
    said = _said(item, inner)
    return Text(f"{zh}：{said.zh}", f"{en}: {said.en}")


def _said(item: Consequence, frame: Frame) -> Text:
    if isinstance(item, Block):
        said = with_labels(item.message, frame)
        return Text(f"不能继续，提示“{said.zh}”", f'it stops with the message "{said.en}"')
    if isinstance(item, Warn):
        said = with_labels(item.message, frame)
        return Text(f"提醒“{said.zh}”", f'a warning says "{said.en}"')
    if isinstance(item, SetFields):
        parts = [_set(name, operand, frame) for name, operand in item.values]
        return join(parts)
    if isinstance(item, Require):
        fields = _fields(item.fields, frame)
        return Text(f"{fields.zh}必填", f"{fields.en} is required")
    if isinstance(item, RequireApproval):
        again = _fields(dict.fromkeys(path.partition(".")[0] for path in item.again_when), frame.record())
        zh = f"须{item.role}审批" + (f"，{again.zh}更改后须重新审批" if again else "")
        return Text(zh, f"{item.role} must approve" + (f", and again when {again.en} changes" if again else ""))
    if isinstance(item, RequireSignature):
        return _signature(item, frame)
    if isinstance(item, Oblige):
        return _oblige(item, frame)
    return _rest(item, frame)


def _set(name: str, operand: Operand, frame: Frame) -> Text:
    left, value = _path(name, frame), _assigned(operand, frame.here.by_name.get(name), frame)
    return Text(f"{left.zh}设为 {value.zh}", f"{left.en} is set to {value.en}")


def _assigned(operand: Operand, item: DocField | None, frame: Frame) -> Text:
    """The value that a field is given, in words."""
    if operand.kind == "expr":
        return spoken(str(operand.value), frame)
    return _path(operand.value, frame) if operand.kind == "path" else show(operand.value, item)


def _signature(item: RequireSignature, frame: Frame) -> Text:
    who = Text.of(item.role or "") if item.role else _path(item.user_field or "", frame)
    zh, en = f"须由{who.zh}电子签名（{item.meaning}）", f"{who.en} must sign ({item.meaning})"
    if item.covers:
        fields = _fields(item.covers, frame)
        zh, en = f"{zh}，签名涵盖{fields.zh}", f"{en}, which covers {fields.en}"
    if item.distinct:
        zh, en = f"{zh}，不得与其他签名人相同", f"{en}, not one who signed already"
    return Text(zh, en)


def _oblige(item: Oblige, frame: Frame) -> Text:
    who = Text.of(item.role or "") if item.role else _path(item.user_field or "", frame)
    title = with_labels(item.title, frame)
    zh, en = f"{who.zh}须完成“{title.zh}”", f'{who.en} owes "{title.en}"'
    start = _path(item.from_, frame) if item.from_ else Text("此时", "now")
    if item.every is not None:
        often = item.every.text
        zh, en = f"{zh}，自{start.zh}起{often.zh}", f"{en} {often.en} from {start.en}"
        if item.until:
            until = _path(item.until, frame)
            zh, en = f"{zh}，至{until.zh}止", f"{en} until {until.en}"
    elif item.deadline.due is not None:
        length = term_text(item.deadline.due)
        zh, en = f"{zh}，时限为{start.zh}起 {length.zh}", f"{en}, due {length.en} from {start.en}"
    for step in item.deadline.escalations:
        late = term_text(step.after) if step.after != Term() else Text("", "")
        zh = f"{zh}，超期{late.zh and f' {late.zh} '}升级至{step.to}"
        en = f"{en}, escalated to {step.to} when {f'{late.en} ' if late.en else ''}late"
    if item.pause_when:
        waits = _all(item.pause_when, frame)
        zh, en = f"{zh}，{waits.zh} 时暂停计时", f"{en}, its clock stopped while {waits.en}"
    return Text(zh, en)


def _rest(item: Consequence, frame: Frame) -> Text:
    if isinstance(item, Table):
        inputs = join([one.label or (_path(one.path, frame) if one.path else spoken(one.expr, frame)) for one in item.inputs])
        outputs = join(
            [one.label or (_path(one.field, frame) if one.kind == "set" else _OUTPUTS[one.kind]) for one in item.outputs]
        )
        return Text(
            f"按{inputs.zh}查 {len(item.rows)} 行的决策表得出{outputs.zh}",
            f"{outputs.en} follows from {inputs.en} by a table of {len(item.rows)} rows",
        )
    if isinstance(item, Fulfil):
        return Text(f"规则 {item.rule} 的待办完成", f"what {item.rule} asked for is fulfilled")
    if isinstance(item, Withdraw):
        return Text(f"规则 {item.rule} 的待办撤回", f"what {item.rule} asked for is withdrawn")
    if isinstance(item, Create):
        target = frame.model.get(item.doctype)
        label = target.label if target else Text.of(item.doctype)
        return _created(item, label, target, frame)
    if isinstance(item, Change):
        return _changed(item, frame)
    if isinstance(item, NotifyPeople):
        who = _told(item, frame)
        how = Text("紧急", "at once, ") if item.urgent else Text("", "")
        also = Text(f"，附“{item.attach}”PDF", f', with the PDF "{item.attach}"') if item.attach else Text("", "")
        said = with_labels(item.message, frame)
        return Text(f"{how.zh}通知{who.zh}“{said.zh}”{also.zh}", f'{how.en}{who.en} is told "{said.en}"{also.en}')
    if isinstance(item, Assign):
        return _given(item, frame)
    if isinstance(item, SetTags):
        return _tags(item)
    if isinstance(item, Conclude):
        return Text(f"得出结论“{item.name}”", f'it is concluded: "{item.name}"')
    assert isinstance(item, Hide | Lock)
    fields = _fields(item.fields, frame)
    return (
        Text(f"隐藏 {fields.zh}", f"{fields.en} is hidden")
        if isinstance(item, Hide)
        else Text(f"锁定 {fields.zh}", f"{fields.en} is locked")
    )


def _given(item: Assign, frame: Frame) -> Text:
    """To whom the record is given, with what, until when."""
    found = [Text.of(name) for name in (item.role, *item.users) if name]
    who = join([*found, *([_path(item.user_field, frame)] if item.user_field else [])])
    zh, en = f"其间由{who.zh}处理", f"meanwhile it is assigned to {who.en}"
    if item.note:
        note = with_labels(item.note, frame)
        zh, en = f"{zh}“{note.zh}”", f'{en}: "{note.en}"'
    if item.due is not None:
        start, length = _path(item.from_, frame) if item.from_ else Text("此时", "now"), term_text(item.due)
        zh, en = f"{zh}，时限为{start.zh}起 {length.zh}", f"{en}, due {length.en} from {start.en}"
    return Text(zh, en)


def _tags(item: SetTags) -> Text:
    parts = [
        Text(f"{zh}标签“{'、'.join(words)}”", f'{en} "{", ".join(words)}"')
        for zh, en, words in (("加", "it is tagged", item.add), ("去掉", "it loses the tag", item.remove))
        if words
    ]
    return join(parts)


def _created(item: Create, label: Text, target: DocType | None, frame: Frame) -> Text:
    """What is made, from what, and what becomes of it later."""
    verb = Text("新建并提交", "created and submitted") if item.submit else Text("新建", "created")
    zh, en = f"{verb.zh}{label.zh}", f"a {label.en} is {verb.en}"
    values = [_value(name, operand, target, frame) for name, operand in item.values]
    for made in item.rows:
        table = target.by_name.get(made.table) if target else None
        title = table.label if table is not None else Text.of(made.table)
        if made.each is None:
            values.append(Text(f"“{title.zh}”一行", f'one row of "{title.en}"'))
            continue
        source = _path(made.each.table, frame.record())
        values.append(Text(f"“{title.zh}”各行取自“{source.zh}”", f'rows of "{title.en}" from those of "{source.en}"'))
    if values:
        said = join(values)
        zh, en = f"{zh}（{said.zh}）", f"{en} ({said.en})"
    if item.per:
        per = _path(item.per, frame)
        zh, en = f"{zh}，每个{per.zh}一张", f"{en}, one for every {per.en}"
    if item.on_cancel != "keep":
        gone = Text("作废", "cancelled") if item.on_cancel == "cancel" else Text("删除", "deleted")
        zh, en = f"{zh}，本单作废时一并{gone.zh}", f"{en}, {gone.en} with this record when that is cancelled"
    return Text(zh, en)


def _changed(item: Change, frame: Frame) -> Text:
    """Which record is changed, and what its fields are given."""
    try:
        target: DocType | None = changed_type(item, frame)
    except PathRefused:
        target = None
    led, label = _path(item.record, frame), target.label if target else Text("", "")
    values = join([_value(name, operand, target, frame) for name, operand in item.values])
    which = Text(f"{led.zh}（{label.zh}）", f"{led.en} ({label.en})") if label and label != led else led
    zh, en = f"更改{which.zh}：{values.zh}", f"{which.en} is changed: {values.en}"
    return Text(f"{zh}，本单作废时恢复", f"{en}, put back when this record is cancelled") if item.take_back else Text(zh, en)


def _value(name: str, operand: Operand, target: DocType | None, frame: Frame) -> Text:
    item = target.by_name.get(name) if target else None
    label = item.label if item is not None else Text.of(name)
    value = _assigned(operand, item, frame)
    return Text(f"{label.zh} = {value.zh}", f"{label.en} = {value.en}")


def _told(item: NotifyPeople, frame: Frame) -> Text:
    """Everybody whom a `notify` tells, in one enumeration."""
    found = [Text.of(name) for name in (item.role, *item.users, item.group) if name]
    if item.user_field:
        found.append(_path(item.user_field, frame))
    if item.department_head:
        where = _path(item.department_head, frame)
        found.append(Text(f"{where.zh}的负责人", f"the head of {where.en}"))
    found += [Text(f"通道“{name}”", f'the channel "{name}"') for name in item.via]
    return join(found)
