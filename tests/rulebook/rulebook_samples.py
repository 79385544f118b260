"""A small model (visit, its lines, a customer), and short ways to make rules and judge records with them."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from server.metadata.load import read_doctype
from server.metadata.model import Model
from server.rulebook.check import check_rules
from server.rulebook.model import Rule
from server.rulebook.read import read_rule
from server.rulebook.rulebook import FactQuery, Outcome, Rulebook, Situation
from server.rulebook.testing import Tester, read_record

NOW = datetime(2026, 3, 31, 4, 0, tzinfo=UTC)  # 12:00 in Beijing


def _field(name: str, kind: str, zh: str, en: str, **more: Any) -> dict[str, Any]:
    return {"fieldname": name, "fieldtype": kind, "label": {"zh": zh, "en": en}, **more}


CUSTOMER = {
    "name": "Customer",
    "label": {"zh": "客户", "en": "Customer"},
    "fields": [
        _field("customer_name", "Data", "名称", "Name"),
        _field("credit_limit", "Currency", "信用额度", "Credit limit"),
        _field("blocked", "Check", "冻结", "Blocked"),
    ],
}
LINE = {
    "name": "Visit Line",
    "istable": 1,
    "label": {"zh": "明细", "en": "Line"},
    "fields": [
        _field("item", "Data", "物料", "Item"),
        _field("qty", "Float", "数量", "Quantity"),
        _field("picked_qty", "Float", "实拣数量", "Picked quantity"),
        _field("rate", "Currency", "单价", "Rate"),
        _field("amount", "Currency", "金额", "Amount", formula="qty * rate"),
        _field("measure", "Data", "措施", "Measure"),
        _field("decision", "Select", "意见", "Decision", options="adopted\nrejected"),
        _field("person", "Link", "责任人", "Person", options="Customer"),
    ],
}
VISIT = {
    "name": "Visit",
    "label": {"zh": "上门服务", "en": "Visit"},
    "is_submittable": 1,
    "fields": [
        _field("subject", "Data", "主题", "Subject"),
        _field("note", "Small Text", "备注", "Note"),
        _field("customer", "Link", "客户", "Customer", options="Customer"),
        _field(
            "category",
            "Select",
            "类别",
            "Category",
            options="repair\ncheck",
            option_labels={"repair": {"zh": "维修", "en": "Repair"}},
        ),
        _field("count", "Int", "次数", "Count"),
        _field("weight", "Float", "重量", "Weight"),
        _field("total", "Currency", "总价", "Total"),
        _field("deviation", "Percent", "偏差", "Deviation"),
        _field("urgent", "Check", "加急", "Urgent"),
        _field("due_on", "Date", "应完成日", "Due on"),
        _field("reported_at", "Datetime", "报修时间", "Reported at"),
        _field("fixed_at", "Datetime", "修复时间", "Fixed at"),
        _field("opens", "Time", "开门时间", "Opens"),
        _field("length", "Duration", "时长", "Length"),
        _field("signature", "Signature", "签名", "Signature"),
        _field("level", "Int", "级别", "Level"),
        _field("discount", "Currency", "折扣", "Discount"),
        _field("engineer", "Link", "工程师", "Engineer", options="User"),
        _field("items", "Table", "明细", "Items", options="Visit Line"),
        _field("grand_total", "Currency", "合计", "Grand total", formula="sum(items.amount)"),
        _field("net", "Currency", "净额", "Net", formula="total - discount"),
    ],
}
USER = {"name": "User", "fields": [_field("login", "Data", "登录名", "Login")]}


def make_model(*more: Mapping[str, Any]) -> Model:
    doctypes = [read_doctype(raw) for raw in (CUSTOMER, LINE, VISIT, USER, *more)]
    return Model({item.name: item for item in doctypes})


MODEL = make_model()


class Facts:
    """Facts by name; counts how often each was asked."""

    def __init__(self, values: Mapping[str, Any] | None = None) -> None:
        self.values = dict(values or {})
        self.asked: list[FactQuery] = []

    def value(self, fact: FactQuery, situation: Situation) -> Any:
        self.asked.append(fact)
        found = self.values.get(fact.name)
        return found(fact) if callable(found) else found


def rule(name: str = "r", *, when: Any = None, then: Any = None, **more: Any) -> Rule:
    raw: dict[str, Any] = {
        "name": name,
        "applies_to": "Visit",
        "then": then or [{"warn": {"message": f"{name} speaks"}}],
        **more,
    }
    if when is not None:
        raw["when"] = when
    return read_rule(raw, f"rules/{name}.json")


def record(**values: Any) -> dict[str, Any]:
    return read_record(values, MODEL["Visit"], MODEL)


def judge(
    rules: Rule | list[Rule],
    values: Mapping[str, Any],
    *,
    old: Mapping[str, Any] | None = None,
    facts: Facts | None = None,
    event: str = "validate",
    now: datetime = NOW,
    user: Tester | None = None,
    matcher: str = "both",
    recompute: Any = None,
    move: tuple[str, str, str] | None = None,
    model: Model = MODEL,
) -> Outcome:
    found = rules if isinstance(rules, list) else [rules]
    rulebook = Rulebook.compile(found, model, matcher)
    situation = Situation(
        doctype="Visit",
        event=event,
        record=record(**values),
        user=user or Tester(),
        now=now,
        old=None if old is None else record(**old),
        recompute=recompute,
        move=move,
    )
    return rulebook.evaluate(situation, facts or Facts())


def matches(condition: Any, values: Mapping[str, Any], **more: Any) -> bool:
    """Whether a rule with this one condition matches a record."""
    facts = more.pop("declared", None)
    made = rule(when={"all": [condition]}, **({"facts": facts} if facts else {}))
    assert [fault.text.en for fault in check_rules([made], MODEL)] == []
    return bool(judge(made, values, **more).matched)


def faults_of(*rules: Rule, **more: Any) -> list[str]:
    return [fault.text.en for fault in check_rules(rules, MODEL, **more)]
