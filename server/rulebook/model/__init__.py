"""What a rule is: immutable, typed, as read from its JSON by `read`.

Every node keeps `at`, its JSON path, so that faults found later can name their place. Nothing here judges or evaluates.
"""

from __future__ import annotations

from .conditions import NOTHING, Compare, Concluded, Condition, Expr, Group, Operand, Rows, walk
from .consequences import (
    BLOCKING,
    CONSEQUENCES,
    Assign,
    Block,
    Change,
    Conclude,
    Consequence,
    Create,
    EachRow,
    Fulfil,
    Hide,
    Lock,
    NotifyPeople,
    Oblige,
    Require,
    RequireApproval,
    RequireSignature,
    RowsMade,
    SetFields,
    SetTags,
    Warn,
    Withdraw,
)
from .facts import PAIRS, Fact
from .rule import RECORD_EVENTS, TRANSITION, MoveTrigger, Rule, RuleTest, TimeTrigger

__all__ = [
    "Assign",
    "BLOCKING",
    "Block",
    "CONSEQUENCES",
    "Change",
    "Compare",
    "Conclude",
    "Concluded",
    "Condition",
    "Consequence",
    "Create",
    "EachRow",
    "Expr",
    "Fact",
    "Fulfil",
    "Group",
    "Hide",
    "Lock",
    "MoveTrigger",
    "NOTHING",
    "NotifyPeople",
    "Oblige",
    "Operand",
    "PAIRS",
    "RECORD_EVENTS",
    "Require",
    "RequireApproval",
    "RequireSignature",
    "Rows",
    "RowsMade",
    "Rule",
    "RuleTest",
    "SetFields",
    "SetTags",
    "TRANSITION",
    "TimeTrigger",
    "Warn",
    "Withdraw",
    "walk",
]
