"""S12 Installation: planned a week ahead, organised, the goods looked at first, accepted by the customer.

Zheng Li (郑丽) of sales plans, Li Qiang (李强) installs, Shen Jie (沈洁) agrees to exceptions, Wu Gang (吴刚) of quality clears up.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

from scenario_company import PNG, Company, refused

from server.access.user import User

Sign = Callable[[str], dict[str, str]]
PLAN = {
    "construction_plan": "吊装就位",
    "schedule": "3 天",
    "quality_requirements": "水平 0.02/1000",
    "safety_measures": "动火审批",
    "project_leader": "liqiang",
}


# S12-01, S12-02, S12-03, S12-04, S12-05: the installation


def plan(works: Company, days: int, **values: Any) -> str:
    given = {
        "customer": works.customers["市二院"],
        "contract_number": "HT-12",
        "site": "消毒供应室",
        "start_on": date(2026, 6, 15) + timedelta(days=days),
    }
    return str(works.zhengli.enters("Installation Plan", **given | PLAN | values)["name"])


def test_an_installation_plan_is_submitted_a_week_ahead_or_with_an_exception(works: Company) -> None:
    assert works.zhengli.submits("Installation Plan", plan(works, 7))["docstatus"] == 1
    late = plan(works, 6)
    with refused("不足一周", "S12-01"):
        works.zhengli.submits("Installation Plan", late)
    works.zhengli.changes("Installation Plan", late, exception_reason="客户停产检修")
    works.shenjie.approves(late)
    assert works.zhengli.submits("Installation Plan", late)["docstatus"] == 1
    works.passes(minutes=1)
    told = [text for text in works.hejun.is_told() if late in text]
    assert [text for text in told if "不足一周（提前 6 天" in text and "客户停产检修" in text], told


def test_production_is_told_of_every_plan(works: Company) -> None:
    name = plan(works, 7)
    works.zhengli.submits("Installation Plan", name)
    works.passes(minutes=1)
    [told] = [text for text in works.hejun.is_told() if name in text]
    assert "提前 7 天" in told
    assert "不足一周" not in told


def test_the_work_is_organised_before_it_begins(works: Company) -> None:
    name = plan(works, 10, safety_measures=None)
    with refused("安全技术措施", "S12-02"):
        works.zhengli.submits("Installation Plan", name)


def test_missing_goods_are_reported_to_quality_which_clears_them_up(works: Company) -> None:
    name = plan(works, 8)
    works.zhengli.submits("Installation Plan", name)
    works.liqiang.changes(
        "Installation Plan", name, arrived_on=date(2026, 6, 23), goods_condition="Missing", goods_report="少一箱附件"
    )
    feedback = works.named("Quality Feedback", reference_name=name)
    assert [item.obligation.rule for item in works.wugang.inbox(feedback)] == ["quality-feedback-told"]
    with refused("原因和处置措施"):
        works.wugang.changes("Quality Feedback", feedback, corrected_on=date(2026, 6, 24), correction="补发")
    cleared = {"cause": "漏装", "disposition": "补发", "correction": "补发", "corrected_on": date(2026, 6, 24)}
    assert works.wugang.changes("Quality Feedback", feedback, **cleared)["status"] == "Corrected"
    assert "质量信息反馈单" in works.wugang.prints("Quality Feedback", feedback)
    assert works.wugang.inbox(feedback) == []


def looked_at(works: Company, name: str) -> None:
    """Li Qiang is on site and finds the goods complete."""
    works.liqiang.changes("Installation Plan", name, arrived_on=date(2026, 6, 24), goods_condition="Normal")


def test_the_customer_accepts_after_self_check_and_trial_run(works: Company, signature: Sign) -> None:
    name = plan(works, 9)
    works.zhengli.submits("Installation Plan", name)
    record = works.liqiang.makes("Installation Acceptance", "Installation Plan", name, self_check="Pass")["name"]
    with refused("首先查看", "S12-03"):
        works.liqiang.submits("Installation Acceptance", record)
    looked_at(works, name)
    with refused("试运行正常后", "S12-04"):
        works.liqiang.changes("Installation Acceptance", record, customer_signature=signature("护士长"))
    works.liqiang.changes("Installation Acceptance", record, trial_run="Pass", customer_signature=signature("护士长"))
    with refused("盖章"):
        works.liqiang.submits("Installation Acceptance", record)
    page = works.liqiang.prints("Installation Acceptance", record)
    assert all(text in page for text in ("安装验收记录", "用户盖章", "自检"))
    stamped = works.liqiang.uploads("验收.png", PNG)
    assert works.liqiang.submits("Installation Acceptance", record, stamped_copy=stamped)["docstatus"] == 1


# S12-07: sales asks how it runs, and a problem goes to quality


def accepted(works: Company, signature: Sign) -> str:
    made = plan(works, 9)
    works.zhengli.submits("Installation Plan", made)
    looked_at(works, made)
    given = {"self_check": "Pass", "trial_run": "Pass", "customer_signature": signature("护士长")}
    name = works.liqiang.makes("Installation Acceptance", "Installation Plan", made, **given)["name"]
    works.liqiang.submits("Installation Acceptance", name, stamped_copy=works.liqiang.uploads("验收.png", PNG))
    return str(name)


def test_sales_asks_within_a_month_how_it_runs(works: Company, signature: Sign) -> None:
    name = accepted(works, signature)
    [owed] = works.obligations("Installation Acceptance", name, "installation-use-asked")
    assert owed.due_at - works.clock.now() <= timedelta(days=30)
    with refused("使用情况"):
        works.zhengli.changes("Installation Acceptance", name, use_asked_on=date(2026, 7, 1))
    done = works.zhengli.changes("Installation Acceptance", name, use_asked_on=date(2026, 7, 1), use_found="Good")
    assert done["use_asked_by"] == "zhengli"
    assert works.obligations("Installation Acceptance", name, "installation-use-asked")[0].state == "met"
    feedback = [("reference_name", "=", name)]
    assert works.site.queries.list(User.administrator(), "Quality Feedback", filters=feedback).rows == []


def test_a_problem_in_use_goes_to_quality_once(works: Company, signature: Sign) -> None:
    name = accepted(works, signature)
    found = {"use_asked_on": date(2026, 7, 1), "use_found": "Problems"}
    with refused("用户意见"):
        works.zhengli.changes("Installation Acceptance", name, **found)
    works.zhengli.changes("Installation Acceptance", name, **found, use_note="门封漏汽")
    works.zhengli.changes("Installation Acceptance", name, use_note="门封漏汽，已临时紧固")
    feedback = works.named("Quality Feedback", reference_name=name)
    assert works.wugang.reads("Quality Feedback", feedback)["problem"] == "门封漏汽"


# S12-08: installations are spot-checked and assessed


def test_quality_spot_checks_an_installation_and_assesses_it(works: Company, signature: Sign) -> None:
    of = accepted(works, signature)
    given = {
        "subject": "安装质量抽查", "kind": "Installation Check", "department": "制造部", "scope": "水平、接线、标识", "audited_on": date(2026, 6, 15),
        "auditors": [{"person": "wugang"}], "conclusion": "接线须整改",
        "findings": [{"finding": "线号缺两处", "result": "Minor", "department": "制造部", "action_owner": "hejun", "due_on": date(2026, 6, 30)}],
    }  # fmt: skip
    name = works.qianli.makes("Service Audit", "Installation Acceptance", of, **given)["name"]
    assert works.qianli.reads("Service Audit", name)["installation_acceptance"] == of
    with refused("考核结果", "S12-08"):
        works.qianli.submits("Service Audit", name)
    works.qianli.submits("Service Audit", name, grade="Acceptable")
    assert (
        works.qianli.reads("Corrective Action", works.named("Corrective Action", reference_name=name))["problem"]
        == "线号缺两处"
    )


# S12-06: customers' spare parts stand first in the logistics list (with what is shipped in S03 beside it)


def test_spare_parts_for_a_customer_are_arranged_before_machines(works: Company) -> None:
    listed = {}
    for item, order in (("VMC850E", "HT-12-机床"), ("BJ-LUB", "HT-12-备件")):
        given = {
            "customer": works.customers["市二院"],
            "order_number": order,
            "consignee": "张",
            "items": [{"item": item, "qty": 1}],
        }
        listed[order] = works.zhengli.enters("Shipment Note", **given)["name"]
    rows = [row["name"] for row in works.fengbo.runs("logistics-list").rows]
    assert rows.index(listed["HT-12-备件"]) < rows.index(listed["HT-12-机床"])
