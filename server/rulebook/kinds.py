"""What the kinds of consequence are called, and what each does in a few words."""

from __future__ import annotations

from collections.abc import Mapping

from ..core.text import EMPTY, Text

KINDS: Mapping[str, tuple[Text, Text]] = {
    "block": (Text("拒绝", "Refuse"), Text("不让保存，并说明原因", "keep the record from being saved, and say why")),
    "warn": (Text("提醒", "Warn"), Text("照常保存，并提醒", "save, and say something")),
    "require": (Text("必填", "Require"), Text("这些字段此时必须填写", "these fields must be filled in now")),
    "set": (Text("填值", "Set values"), Text("把字段设为某值或公式", "give fields a value or a formula")),
    "require_approval": (Text("须审批", "Ask for approval"), Text("提交前须此角色批准", "a role approves before submitting")),
    "require_signature": (Text("须电子签名", "Ask for an e-signature"), Text("操作前须此人签名", "somebody signs before the action")),
    "oblige": (Text("产生待办", "Open an obligation"), Text("某人须在期限内完成", "somebody owes something by a time")),
    "fulfil": (Text("完成待办", "Fulfil"), Text("某规则的待办就此完成", "what a rule asked for is done")),
    "withdraw": (Text("撤回待办", "Withdraw"), Text("某规则的待办不再需要", "what a rule asked for is no longer needed")),
    "create": (Text("新建单据", "Make a record"), Text("按对应关系新建一张单据", "make another record from this one")),
    "change": (Text("更改相关单据", "Change a linked record"), Text("把所链接单据的字段设为某值", "give fields of a record that this one leads to a value")),
    "notify": (Text("通知", "Notify"), Text("告诉角色或人员", "tell a role or a person")),
    "assign": (Text("分配", "Assign"), Text("条件成立期间由某人处理", "somebody sees to the record while this holds")),
    "tag": (Text("标签", "Tag"), Text("加上或去掉标签", "put words on the record, or take them off")),
    "conclude": (Text("得出结论", "Conclude"), Text("供其他规则引用", "other rules can build on it")),
    "hide": (Text("隐藏字段", "Hide fields"), EMPTY),
    "lock": (Text("锁定字段", "Lock fields"), EMPTY),
    "table": (Text("决策表", "Decision table"), Text("按表格逐行查出结果", "look the answer up row by row")),
}  # fmt: skip


def kind_label(kind: str) -> Text:
    """What a kind is called; its own name where it has no words yet."""
    return KINDS.get(kind, (Text.of(kind), EMPTY))[0]
