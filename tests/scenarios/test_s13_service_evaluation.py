"""S13, the manual of GB/T 27922: objectives, risks, returns, surveys, self-evaluation, corrective actions, nonconforming service,
training, recall, the management review.

Wang Fang (王芳) of customer service, Li Qiang (李强) technician, Chen Jing (陈静) the after-sales manager, Yuan Fei (袁飞) the management
representative, Zhang Jianguo (张建国) the general manager, Wu Gang (吴刚) and Qian Li (钱立) of quality, Feng Bo (冯博) of the store,
Sun Yu (孙宇) who sees to corrective actions.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import pytest
from scenario_company import PNG, Company, refused

from server.core.errors import PermissionRefused, ValidationFailed

Sign = Callable[[str], dict[str, str]]
SURVEY, RETURN, NONCONFORMING, TRAINING = (
    "Satisfaction Survey", "Return and Exchange", "Nonconforming Service", "Customer Training Record",
)  # fmt: skip
OBJECTIVE, EVALUATION, RISK, ACTION = (
    "Service Objective",
    "Service Self-evaluation",
    "Risk and Opportunity",
    "Corrective Action",
)
TODAY = date(2026, 6, 15)
WEIGHTS = {"Product Quality": 25, "Delivery": 15, "Response": 20, "Skill": 20, "Attitude": 15, "Charges": 5}


# S13-05: the survey


def survey(works: Company, answer: str, **values: Any) -> dict[str, Any]:
    """The customer gives the same answer to all six questions, but where `answers` says otherwise."""
    others = values.pop("answers", {})
    answers = [{"aspect": a, "weight": w, "answer": others.get(a, answer)} for a, w in WEIGHTS.items()]
    return works.wangfang.enters(SURVEY, customer=works.customers["市二院"], answers=answers, **values)


@pytest.mark.parametrize(
    ("answers", "score", "status"),
    [
        pytest.param({}, 80, "Recorded", id="satisfied"),
        pytest.param({"Skill": "Dissatisfied"}, 70, "Recorded", id="exactly 70"),
        pytest.param({"Skill": "Dissatisfied", "Charges": "Fair"}, 69, "To Follow Up", id="69"),
    ],
)
def test_a_score_is_weighted_and_below_70_is_followed_up(
    works: Company, answers: dict[str, str], score: int, status: str
) -> None:
    record = survey(works, "Satisfied", answers=answers)
    assert (record["score"], record["status"]) == (score, status)
    owed = works.obligations(SURVEY, record["name"], "survey-low-score")
    assert [item.owed_by_role for item in owed] == (["Customer Service"] if score < 70 else [])


def test_a_follow_up_says_what_was_found(works: Company) -> None:
    record = survey(works, "Dissatisfied", opinion="等了三天")
    works.passes(minutes=1)
    assert any("仅 30" in text for text in works.chenjing.is_told())
    with refused("回访情况", "S13-05"):
        works.wangfang.changes(SURVEY, record["name"], followed_up_on=TODAY)
    done = works.wangfang.changes(SURVEY, record["name"], followed_up_on=TODAY, follow_up="已上门致歉并约定备件到货日")
    assert done["status"] == "Followed Up"
    assert [item.state for item in works.obligations(SURVEY, record["name"], "survey-low-score")] == ["met"]


def test_the_trend_shows_each_month_against_the_target(works: Company) -> None:
    for month, answer in ((1, "Very Satisfied"), (1, "Satisfied"), (2, "Fair")):
        survey(works, answer, surveyed_on=date(2024, month, 20))
    answer = works.chenjing.runs("satisfaction-trend", surveyed_on="2024-01-01..2024-12-31")
    assert [(row["surveys"], row["average"], row["low"]) for row in answer.rows] == [(2, 90, 0), (1, 60, 1)]
    assert answer.totals is not None
    assert (answer.totals["average"], answer.light) == (80, "red")


# S13-01: objectives


def objective(works: Company, **values: Any) -> dict[str, Any]:
    given = {
        "subject": "满意度不低于 85 分", "metric": "Satisfaction Score", "department": "客服部", "responsible": "chenjing", "target": 85,
        "margin": 5, "period_from": date(2023, 1, 1), "period_to": date(2023, 12, 31),
    }  # fmt: skip
    return works.yuanfei.enters(OBJECTIVE, **given | values)


@pytest.mark.parametrize(
    ("target", "margin", "status"),
    [(80, 0, "Met"), (80.1, 0.1, "At Risk"), (80.2, 0.1, "Missed")],
    ids=["reached", "within the margin", "missed"],
)
def test_the_actual_is_counted_and_the_light_follows(works: Company, target: float, margin: float, status: str) -> None:
    survey(works, "Satisfied", surveyed_on=date(2023, 1, 1))
    survey(works, "Satisfied", surveyed_on=date(2023, 12, 31))
    survey(works, "Very Dissatisfied", surveyed_on=date(2022, 12, 31))  # before the period
    record = objective(works, target=target, margin=margin)
    assert (record["actual"], record["status"]) == (80, status)
    owed = works.obligations(OBJECTIVE, record["name"], "objective-missed")
    assert [item.owed_by_user for item in owed] == (["chenjing"] if status == "Missed" else [])


def test_during_its_period_an_objective_is_counted_again_every_day(works: Company) -> None:
    period = {"period_from": date(2026, 6, 15), "period_to": date(2026, 6, 17)}
    record = objective(works, metric="Repeat Repairs", direction="At Most", target=2, margin=1, **period)
    name = record["name"]
    ticket = {"subject": "报警", "customer": works.customers["市二院"], "fault_description": "升压超时"}
    works.wangfang.enters("Service Ticket", reported_at=works.clock.now(), **ticket)
    works.passes(days=1, minutes=1)
    assert works.yuanfei.reads(OBJECTIVE, name)["denominator"] == record["denominator"] + 1
    for _ in range(4):  # the last count is on the day after the period
        works.passes(days=1, minutes=1)
    assert works.yuanfei.reads(OBJECTIVE, name)["measured_at"].date() == date(2026, 6, 18)


def test_the_report_of_objectives_shows_target_actual_and_light(works: Company) -> None:
    survey(works, "Satisfied", surveyed_on=date(2021, 5, 1))
    period = {"period_from": date(2021, 1, 1), "period_to": date(2021, 12, 31)}
    objective(works, subject="满意度 2021", target=80, **period)
    objective(works, subject="满意度 2021 挑战", target=90, **period)
    rows = works.zhangjianguo.runs("service-objectives", period_to="2021-01-01..2021-12-31").rows
    assert [(row["subject"], row["target"], row["actual"], row["status"]) for row in rows] == [
        ("满意度 2021", 80, 80, "Met"), ("满意度 2021 挑战", 90, 80, "Missed"),
    ]  # fmt: skip


# S13-02: risks and opportunities


def risk(works: Company, **values: Any) -> dict[str, Any]:
    given = {
        "subject": "备件断供",
        "process": "Spare Parts",
        "department": "客服部",
        "description": "进口件交期 12 周，停机损失",
    }
    return works.yuanfei.enters(RISK, **given | values)


RESPONSE = {"response": "Reduce", "measure": "关键件安全库存", "action_owner": "chenjing", "due_on": date(2026, 6, 30)}


@pytest.mark.parametrize(
    ("likelihood", "impact", "level"),
    [("1", "5", "Low"), ("2", "4", "Medium"), ("3", "4", "Medium")],
)
def test_the_level_of_a_risk_is_computed(works: Company, likelihood: str, impact: str, level: str) -> None:
    assert risk(works, likelihood=likelihood, impact=impact)["level"] == level


def test_a_high_risk_is_responded_to_and_closed_when_it_is_no_longer_high(works: Company) -> None:
    with refused("15", "S13-02"):
        risk(works, likelihood="3", impact="5")
    record = risk(works, likelihood="3", impact="5", **RESPONSE)
    assert (record["level"], record["status"]) == ("High", "Responding")
    assert [item.owed_by_user for item in works.obligations(RISK, record["name"], "risk-response-due")] == ["chenjing"]
    done = {"done_on": TODAY, "evaluation": "已备 3 套", "closed_on": TODAY, "residual_impact": "5"}
    with refused("剩余等级不为高"):
        works.chenjing.changes(RISK, record["name"], residual_likelihood="3", **done)
    closed = works.chenjing.changes(RISK, record["name"], residual_likelihood="2", **done)
    assert (closed["residual_level"], closed["status"]) == ("Medium", "Closed")


# S13-03: return and exchange


def returned(works: Company, days: int, **values: Any) -> dict[str, Any]:
    """Asked for so many days after delivery, taken back, and found to be our fault."""
    given = {
        "customer": works.customers["市二院"], "item": "MC250", "serial_number": "MC250-OLD", "reason": "Fault", "description": "门锁失效",
        "asked_on": TODAY, "delivered_on": TODAY - timedelta(days=days), "taken_back_on": TODAY, "inspection": "Product",
        "inspected_by": "wugang", "inspection_note": "锁舌断裂",
    }  # fmt: skip
    return works.wangfang.enters(RETURN, **given | values)


@pytest.mark.parametrize(
    ("kind", "days", "asked"),
    [("Return", 7, False), ("Return", 8, True), ("Exchange", 15, False), ("Exchange", 16, True)],
)
def test_after_the_promised_days_the_after_sales_manager_approves(works: Company, kind: str, days: int, asked: bool) -> None:
    outcome = {"replacement_serial": "MC250-NEW", "refund": 1000, "refunded_on": TODAY, "customer_informed_on": TODAY}
    name = returned(works, days, kind=kind, decision=kind, **outcome)["name"]
    if asked:
        with refused("售后经理", "S13-03"):
            works.wangfang.submits(RETURN, name)
        works.chenjing.approves(name)
    assert works.wangfang.submits(RETURN, name)["status"] == "Completed"


def test_goods_are_taken_back_and_inspected_before_it_is_decided_and_the_serial_is_traced(works: Company) -> None:
    uninspected = {"taken_back_on": None, "inspection": None, "inspected_by": None, "inspection_note": None}
    with refused("须先收回、检验", "S13-03"):
        returned(works, 3, decision="Exchange", **uninspected)
    name = returned(works, 3, decision="Exchange")["name"]
    with refused("换出", "S13-03"):
        works.wangfang.submits(RETURN, name)
    works.wangfang.submits(RETURN, name, replacement_serial="MC250-N1", customer_informed_on=TODAY)
    feedback = works.wugang.reads("Quality Feedback", works.named("Quality Feedback", reference_name=name))
    assert (feedback["item"], feedback["customer"]) == ("MC250", works.customers["市二院"])
    with refused("理由"):
        returned(works, 3, decision="Refuse")


def test_a_return_is_made_from_the_service_ticket(works: Company) -> None:
    given = {
        "subject": "门锁失效",
        "fault_description": "门锁打不开",
        "device": "MC250-2501-006",
        "reported_at": works.clock.now(),
    }
    ticket = works.wangfang.enters("Service Ticket", customer=works.customers["市二院"], **given)
    made = works.wangfang.makes(
        RETURN, "Service Ticket", ticket["name"], item="MC250", reason="Fault", delivered_on=date(2026, 6, 10)
    )
    kept = (made["customer"], made["serial_number"], made["description"])
    assert kept == (ticket["customer"], "MC250-2501-006", "门锁打不开")


# S13-06: self-evaluation


def evaluation(works: Company, *ratings: float, **values: Any) -> dict[str, Any]:
    """Two items of fifty points each, the department's record as evidence."""
    proof = values.pop("proof", {"evidence_doctype": "Department", "evidence": "客服部"})
    items = [
        {"clause": f"5.{n}", "requirement": "Repair", "weight": 50, "rating": rating, "finding": "查记录 10 份", **proof}
        for n, rating in enumerate(ratings, start=1)
    ]
    given = {"subject": "2026 年自我评价", "period_from": date(2026, 1, 1), "period_to": date(2026, 6, 30), "leader": "qianli"}
    return works.qianli.enters(EVALUATION, items=items, **given | values)


@pytest.mark.parametrize(
    ("ratings", "total", "grade"),
    [
        ((70, 69), 69.5, "Not Reached"), ((70, 70), 70, "Reached"), ((80, 79), 79.5, "Reached"), ((80, 80), 80, "Three Stars"),
        ((90, 90), 90, "Four Stars"), ((95, 94), 94.5, "Four Stars"), ((95, 95), 95, "Five Stars"),
    ],
)  # fmt: skip
def test_total_and_grade_are_computed(works: Company, ratings: tuple[int, int], total: float, grade: str) -> None:
    record = evaluation(works, *ratings)
    assert (record["total"], record["grade"]) == (total, grade)


def test_a_self_evaluation_is_complete_improves_what_is_weak_and_is_approved(works: Company) -> None:
    with refused("合计须为 100", "S13-06"):
        evaluation(works, 80)
    weak = evaluation(works, 60, 59, conclusion="基本有效")["name"]
    with refused("59", "改进要求"):
        works.qianli.submits(EVALUATION, weak)
    name = evaluation(works, 60, 90, conclusion="有效")["name"]
    with refused("总经理"):
        works.qianli.submits(EVALUATION, name)
    works.zhangjianguo.approves(name)
    assert works.qianli.submits(EVALUATION, name)["docstatus"] == 1


def test_every_rating_has_a_record_or_a_file_as_its_evidence(works: Company) -> None:
    name = evaluation(works, 80, 90, conclusion="有效", proof={})["name"]
    works.zhangjianguo.approves(name)
    with refused("5.1", "5.2", "须附证据", "S13-06"):
        works.qianli.submits(EVALUATION, name)
    first, second = works.qianli.reads(EVALUATION, name)["items"]
    rows = [
        {"name": first["name"], "evidence_doctype": "Department", "evidence": "客服部"},
        {"name": second["name"], "evidence_file": works.qianli.uploads("抽查.png", PNG)},
    ]
    works.qianli.changes(EVALUATION, name, items=rows)
    if works.zhangjianguo.inbox(name):
        works.zhangjianguo.approves(name)
    assert works.qianli.submits(EVALUATION, name)["docstatus"] == 1


# S13-08, S11-04: a corrective action runs in order, and only quality closes it


def test_a_corrective_action_is_closed_by_quality_when_it_is_found_effective(works: Company) -> None:
    made = works.wugang.enters(
        ACTION, subject="焊缝开裂", problem="腔体焊缝开裂", action_owner="sunyu", due_on=date(2026, 6, 20)
    )
    name = made["name"]
    [owed] = works.obligations(ACTION, name, "corrective-action-due")
    assert owed.owed_by_user == "sunyu"
    with refused("S13-08"):
        works.sunyu.changes(ACTION, name, done_on=date(2026, 6, 15))
    works.sunyu.changes(ACTION, name, cause="坡口角度不足", measure="修改工艺规程", done_on=date(2026, 6, 15), result="已下发")
    assert works.obligations(ACTION, name, "corrective-action-due")[0].state == "met"

    with pytest.raises((PermissionRefused, ValidationFailed)):
        works.wugang.changes(ACTION, name, closed_on=date(2026, 6, 15), verification="Effective", verification_note="x")
    for wrong in ({}, {"verification": "Not Effective", "verification_note": "再次开裂"}):
        with refused("S11-04"):
            works.qianli.changes(ACTION, name, closed_on=date(2026, 6, 15), **wrong)
    done = works.qianli.changes(
        ACTION, name, closed_on=date(2026, 6, 15), verification="Effective", verification_note="30 件无裂纹"
    )
    assert (done["status"], done["verified_by"]) == ("Closed", "qianli")


def test_an_overdue_corrective_action_escalates_to_the_quality_manager(works: Company) -> None:
    works.wugang.enters(ACTION, subject="逾期的措施", problem="p", action_owner="sunyu", due_on=date(2026, 6, 16))
    works.passes(days=3)
    assert any("逾期的措施" in text for text in works.qianli.is_told())


# S13-09: nonconforming service


def nonconforming(works: Company, **values: Any) -> dict[str, Any]:
    given = {
        "subject": "未按约定时间到场",
        "department": "工艺设备部",
        "requirement": "承诺 8 小时到场",
        "description": "16 小时后到场",
    }
    return works.wangfang.enters(NONCONFORMING, **given | values)


DISPOSED = {"disposition": "Apology", "disposal": "致歉并减免差旅费", "disposed_by": "wangfang", "disposed_on": TODAY}


def test_nonconforming_service_is_disposed_of_verified_and_then_closed(works: Company) -> None:
    record = nonconforming(works)
    [owed] = works.obligations(NONCONFORMING, record["name"], "nonconforming-service-due")
    assert owed.owed_by_role == "After-sales Manager"
    with refused("处置方式", "S13-09"):
        works.wangfang.changes(NONCONFORMING, record["name"], disposed_on=TODAY)
    works.wangfang.changes(NONCONFORMING, record["name"], **DISPOSED)
    assert works.obligations(NONCONFORMING, record["name"], "nonconforming-service-due")[0].state == "met"
    with refused("验证情况"):
        works.chenjing.changes(NONCONFORMING, record["name"], closed_on=TODAY)
    closed = works.chenjing.changes(NONCONFORMING, record["name"], closed_on=TODAY, verification="客户电话确认")
    assert closed["status"] == "Closed"
    assert works.wangfang.inbox(record["name"]) == []


def test_major_nonconforming_service_stays_open_until_its_corrective_action_is_closed(works: Company) -> None:
    record = nonconforming(works, severity="Major", subject="索要财物")
    action = works.named("Corrective Action", reference_name=record["name"])
    assert works.qianli.reads("Corrective Action", action)["origin"] == "Nonconforming Service"
    works.chenjing.changes(NONCONFORMING, record["name"], **DISPOSED)
    with refused(action, "S13-09"):
        works.chenjing.changes(NONCONFORMING, record["name"], closed_on=TODAY, verification="已核实")
    acted = {"cause": "未培训", "measure": "廉洁培训", "done_on": TODAY, "result": "全员完成"}
    works.qianli.changes("Corrective Action", action, **acted)
    works.qianli.changes("Corrective Action", action, verification="Effective", verification_note="抽查 20 单", closed_on=TODAY)
    assert works.chenjing.changes(NONCONFORMING, record["name"], closed_on=TODAY, verification="已核实")["status"] == "Closed"


# S13-11, S08-11: training and consultation


def test_a_training_names_its_participants_and_its_outcome(works: Company, signature: Sign) -> None:
    people = [
        {"participant": "谢军", "position": "护士长", "mark": 60}, {"participant": "赵敏", "position": "消毒员", "mark": 59}
    ]  # fmt: skip
    record = works.liqiang.makes(
        TRAINING, "Installed Device", "MC250-2501-006", subject="灭菌器操作与日常保养", hours=3, content="装载、程序选择、保养",
        participants=people,
    )  # fmt: skip
    assert (record["customer"], record["passed_count"], record["pass_rate"]) == (works.customers["市二院"], 1, 50)
    with refused("效果", "后续安排", "S13-11"):
        works.liqiang.submits(TRAINING, record["name"])
    judged = {
        "outcome": "Effective",
        "outcome_note": "现场操作考核",
        "next_step": "赵敏下周补训",
        "customer_signature": signature("谢军"),
    }
    assert works.liqiang.submits(TRAINING, record["name"], **judged)["docstatus"] == 1


def test_a_consultation_is_closed_with_its_answer(works: Company) -> None:
    given = {"subject": "保养周期", "fault_description": "询问保养周期", "request_type": "Consultation"}
    ticket = works.wangfang.enters(
        "Service Ticket", customer=works.customers["市二院"], reported_at=works.clock.now(), fixed_at=works.clock.now(), **given
    )
    with refused("解决方案"):
        works.wangfang.changes("Service Ticket", ticket["name"], closed_at=works.clock.now())
    done = works.wangfang.changes("Service Ticket", ticket["name"], closed_at=works.clock.now(), resolution="每 500 次更换密封")
    assert done["status"] == "Closed"


# S13-04: a recall finds every delivered lot and device and follows each customer to the end

RECALL, RESPONSE_OF = "Recall", "Recall Response"


def delivered(works: Company, customer: str, batch: str, qty: float = 2, leaves: bool = True) -> str:
    """A shipment of this batch; without `leaves` it is still being picked."""
    items = [
        {"item": "BJ-DSR", "qty": qty, "lot": works.lot("BJ-DSR", batch)},
        {"item": "BJ-VAC", "qty": 1, "lot": works.lot("BJ-VAC")},
    ]
    note = works.zhengli.enters(
        "Shipment Note", customer=works.customers[customer], order_number="HT-13", consignee="收", ship_date=TODAY, items=items
    )
    if leaves:
        picked = [row | {"picked_qty": row["qty"]} for row in note["items"]]
        works.fengbo.changes("Shipment Note", note["name"], items=picked, keeper="fengbo", packages=1)
        works.hezhong.approves(note["name"])
        works.fengbo.submits("Shipment Note", note["name"])
    return str(note["name"])


def recall(works: Company, batch: str, **values: Any) -> str:
    given = {
        "subject": "门密封圈开裂", "item": "BJ-DSR", "batch": batch, "reason": "胶料硫化不足", "hazard": "蒸汽泄漏烫伤", "measure": "Exchange",
        "notice": "立即停用并更换", "leader": "chenjing",
    }  # fmt: skip
    name = str(works.chenjing.enters(RECALL, **given | values)["name"])
    works.zhangjianguo.approves(name)
    works.chenjing.submits(RECALL, name)
    return name


def followed(works: Company, name: str) -> dict[str, dict[str, Any]]:
    """The responses of a recall by shipment or device."""
    fields = ["name", "customer", "shipment_note", "device", "qty", "status"]
    rows = works.site.queries.list(works.chenjing.user, RESPONSE_OF, filters=[("recall", "=", name)], fields=fields).rows
    return {row["shipment_note"] or row["device"]: row for row in rows}


def test_a_recall_finds_every_delivered_lot_and_device_of_the_batch_and_no_other(works: Company) -> None:
    first, second = delivered(works, "市二院", "M-2606"), delivered(works, "云河口腔", "M-2606", 5)
    waiting = delivered(works, "航达精密", "M-2606", leaves=False)
    delivered(works, "市二院", "M-2607")
    works.wangfang.enters(
        "Installed Device",
        serial_number="DSR-0001",
        item="BJ-DSR",
        production_batch="M-2606",
        customer=works.customers["安泽轴承"],
    )
    found = followed(works, recall(works, "M-2606"))
    assert {key: (row["customer"], row["qty"], row["status"]) for key, row in found.items()} == {
        first: (works.customers["市二院"], 2, "To Inform"), second: (works.customers["云河口腔"], 5, "To Inform"),
        waiting: (works.customers["航达精密"], 2, "Not Delivered"), "DSR-0001": (works.customers["安泽轴承"], 1, "To Inform"),
    }  # fmt: skip
    lot = works.fengbo.reads("Stock Lot", works.lot("BJ-DSR", "M-2606"))
    assert (lot["status"], works.fengbo.reads("Stock Lot", works.lot("BJ-DSR", "M-2607"))["status"]) == ("Recalled", "Free")
    late = works.zhengli.reads("Shipment Note", waiting)
    picked = [row | {"picked_qty": row["qty"]} for row in late["items"]]
    works.fengbo.changes("Shipment Note", waiting, items=picked, keeper="fengbo", packages=1)
    works.hezhong.approves(waiting)
    with refused("M-2606", "正在召回", "S13-04"):
        works.fengbo.submits("Shipment Note", waiting)


def test_a_batch_that_nobody_knows_is_not_recalled_and_a_cancelled_recall_frees_its_lots(works: Company) -> None:
    with refused("没有批号 M-9999", "S13-04"):
        recall(works, "M-9999")
    lot = works.lot("BJ-DSR", "K-1")
    name = recall(works, "K-1")
    assert (works.fengbo.reads("Stock Lot", lot)["status"], works.fengbo.reads("Stock Lot", lot)["recall"]) == (
        "Recalled",
        name,
    )
    works.qianli.cancels(RECALL, name, "复检合格，误报")
    assert (works.fengbo.reads("Stock Lot", lot)["status"], works.fengbo.reads("Stock Lot", lot)["recall"]) == ("Free", None)


@pytest.mark.parametrize(("level", "days"), [("I", 1), ("II", 3)])
def test_customers_are_informed_in_time_by_the_level(works: Company, level: str, days: int) -> None:
    batch = f"L-{level}"
    shipped = delivered(works, "市二院", batch)
    response = followed(works, recall(works, batch, level=level))[shipped]["name"]
    rule = "recall-inform-urgent" if level == "I" else "recall-inform-other"
    [owed] = works.obligations(RESPONSE_OF, response, rule)
    assert (owed.owed_by_role, (owed.due_at.date() - TODAY).days) == ("Customer Service", days)
    works.wangfang.changes(RESPONSE_OF, response, informed_on=TODAY, informed_by="wangfang", contact="谢军")
    assert works.obligations(RESPONSE_OF, response, rule)[0].state == "met"


def test_a_recall_is_completed_with_its_last_customer(works: Company) -> None:
    one, two = delivered(works, "市二院", "C-1"), delivered(works, "云河口腔", "C-1")
    name = recall(works, "C-1")
    found = followed(works, name)
    told = {"informed_on": TODAY, "informed_by": "wangfang", "contact": "谢军"}
    with refused("取得答复", "S13-04"):
        works.wangfang.changes(RESPONSE_OF, found[one]["name"], completed_on=TODAY, **told)
    done = told | {"response": "Agrees", "responded_on": TODAY, "handling": "换新", "handled_qty": 2, "completed_on": TODAY}
    works.wangfang.changes(RESPONSE_OF, found[one]["name"], **done)
    with refused("1 项召回跟踪未完成", found[two]["name"], "S13-04"):
        works.chenjing.changes(RECALL, name, completed_on=TODAY, summary="完成率 100 %")
    with refused("只处理了 1"):
        works.wangfang.changes(RESPONSE_OF, found[two]["name"], **done | {"handled_qty": 1})
    works.wangfang.changes(RESPONSE_OF, found[two]["name"], **done | {"handled_qty": 1, "response_note": "一件已用完报废"})
    lot = works.lot("BJ-DSR", "C-1")
    with refused("1 个在库批次", lot, "S13-04"):
        works.chenjing.changes(RECALL, name, completed_on=TODAY, summary="完成率 75 %")
    report = works.fengbo.makes("Stock Nonconformance", "Stock Lot", lot, affected_qty=996, problem="召回批次")["name"]
    works.wugang.changes("Stock Nonconformance", report, disposition="Return", disposition_note="退供方", disposed_on=TODAY)
    assert works.fengbo.reads("Stock Lot", lot)["status"] == "Free"
    assert works.chenjing.changes(RECALL, name, completed_on=TODAY, summary="完成率 75 %")["status"] == "Completed"
    answer = works.zhangjianguo.runs("recall-progress", recall=name)
    assert answer.totals is not None
    assert (answer.totals["share"], answer.light) == (75, "red")


# S13-07: the management review


def test_each_decision_of_a_management_review_is_followed_until_it_is_closed(works: Company) -> None:
    topics = ("Objectives", "Satisfaction", "Complaints", "Audit", "Improvement")
    inputs: list[dict[str, Any]] = [{"topic": topic, "reported_by": "chenjing", "summary": "见材料"} for topic in topics]
    record = works.yuanfei.enters(
        "Management Review", subject="2026 年管理评审", chair="zhangjianguo", participants=[{"person": "chenjing"}],
        inputs=[*inputs, {"topic": "Risks"}],
    )  # fmt: skip
    name = record["name"]
    with refused("没有内容摘要", "结论", "S13-07"):
        works.yuanfei.submits("Management Review", name)
    decided = [
        {
            "decision": "增设夜间值班",
            "department": "客服部",
            "action_owner": "chenjing",
            "due_on": date(2026, 7, 31),
            "kind": "Resources",
        },
        {
            "decision": "备件安全库存",
            "department": "仓储物流部",
            "action_owner": "pengtao",
            "due_on": date(2026, 8, 31),
            "kind": "Improvement",
        },
    ]
    works.yuanfei.changes("Management Review", name, inputs=inputs, conclusion="体系适宜、充分、有效", decisions=decided)
    works.zhangjianguo.approves(name)
    works.yuanfei.submits("Management Review", name)
    actions = works.site.queries.list(
        works.qianli.user,
        "Corrective Action",
        filters=[("reference_name", "=", name)],
        fields=["name", "action_owner", "due_on"],
    ).rows
    assert sorted((row["action_owner"], row["due_on"]) for row in actions) == [
        ("chenjing", date(2026, 7, 31)), ("pengtao", date(2026, 8, 31)),
    ]  # fmt: skip
    for row in actions:
        with refused(row["name"], "S13-07"):
            works.yuanfei.changes("Management Review", name, closed_on=TODAY)
        acted = {"cause": "资源不足", "measure": "已落实", "done_on": TODAY, "result": "完成"}
        works.qianli.changes("Corrective Action", row["name"], **acted)
        works.qianli.changes(
            "Corrective Action", row["name"], verification="Effective", verification_note="抽查", closed_on=TODAY
        )
    assert works.yuanfei.changes("Management Review", name, closed_on=TODAY)["status"] == "Closed"
    assert "增设夜间值班" in works.yuanfei.prints("Management Review", name)


# S13-12, S13-13: compliance obligations and their evaluation

COMPLIANCE, WASTE, CHANGE = "Compliance Obligation", "Waste Record", "Service System Change"


def compliance(works: Company, **values: Any) -> dict[str, Any]:
    given = {
        "subject": "三包凭证随货提供", "basis": "《消费者权益保护法》第二十四条", "department": "客服部", "responsible": "chenjing",
        "requirement": "七日内可退货", "measure": "发货前核对三包凭证",
    }  # fmt: skip
    return works.yuanfei.enters(COMPLIANCE, **given | values)


def test_compliance_is_evaluated_in_its_interval_and_a_failure_is_corrected(works: Company) -> None:
    record = compliance(works)
    name = record["name"]
    assert (record["status"], record["next_evaluation_on"]) == ("To Evaluate", date(2027, 6, 15))
    [owed] = works.obligations(COMPLIANCE, name, "compliance-evaluation-due")
    assert (owed.owed_by_user, owed.due_at.date()) == ("chenjing", date(2027, 6, 15))
    by = {"evaluated_by": "chenjing"}
    failed = by | {"evaluated_on": date(2026, 6, 14), "result": "Not Compliant", "finding": "抽查 10 单，2 单无凭证"}
    with refused("还没有到", "S13-13"):
        works.chenjing.changes(COMPLIANCE, name, evaluations=[failed | {"evaluated_on": date(2026, 6, 16)}])
    record = works.chenjing.changes(COMPLIANCE, name, evaluations=[failed])
    assert (record["status"], record["next_evaluation_on"]) == ("Not Compliant", date(2027, 6, 14))
    action = works.qianli.reads("Corrective Action", works.named("Corrective Action", reference_name=name))
    assert (action["action_owner"], action["problem"]) == ("chenjing", "抽查 10 单，2 单无凭证")
    again = by | {"evaluated_on": TODAY, "result": "Compliant", "finding": "抽查 20 单齐全"}
    record = works.chenjing.changes(COMPLIANCE, name, evaluations=[*record["evaluations"], again])
    assert (record["status"], record["last_evaluated_on"]) == ("Compliant", TODAY)
    [owed] = works.obligations(COMPLIANCE, name, "compliance-evaluation-due")
    assert (owed.state, owed.due_at.date()) == ("open", date(2027, 6, 15))
    assert "抽查20单齐全" in works.yuanfei.prints(COMPLIANCE, name)
    works.yuanfei.changes(COMPLIANCE, name, ended_on=TODAY)
    assert [item.state for item in works.obligations(COMPLIANCE, name, "compliance-evaluation-due")] == ["void"]


# S13-14: waste


def waste(works: Company, **values: Any) -> dict[str, Any]:
    given = {"description": "主轴箱废油", "kind": "Oil", "qty": 12, "uom": "L", "department": "工艺设备部"}
    return works.fengbo.enters(WASTE, **given | values)


def test_hazardous_waste_goes_to_a_licensed_disposer_within_30_days(works: Company) -> None:
    record = waste(works)
    [owed] = works.obligations(WASTE, record["name"], "waste-disposal-due")
    assert (record["hazardous"], owed.owed_by_role, owed.due_at.date()) == (1, "Warehouse Keeper", date(2026, 7, 15))
    gone = {"disposed_on": TODAY, "disposed_by": "fengbo", "disposer": "江城环保"}
    with refused("危险废物", "S13-14"):
        works.fengbo.changes(WASTE, record["name"], disposal="Recycled", **gone)
    papers = {"licence_number": "HW-08-031", "transfer_number": "LD-2026-0007"}
    done = works.fengbo.changes(WASTE, record["name"], disposal="Licensed", **gone, **papers)
    assert done["status"] == "Disposed"
    assert [item.state for item in works.obligations(WASTE, record["name"], "waste-disposal-due")] == ["met"]
    assert "LD-2026-0007" in works.fengbo.prints(WASTE, record["name"])


def test_a_customers_old_part_is_given_back_or_left_to_us(works: Company) -> None:
    part = {"description": "旧主轴", "kind": "Old Part", "qty": 1, "uom": "pcs", "customer": works.customers["市二院"]}
    gone = {"disposed_on": TODAY, "disposed_by": "fengbo"}
    with refused("归客户所有", "S13-14"):
        waste(works, disposal="Reused", **part, **gone)
    assert waste(works, disposal="Reused", customer_agrees=1, **part, **gone)["status"] == "Disposed"
    assert waste(works, disposal="Given Back", **part, **gone)["status"] == "Disposed"


# S13-15: a change of the service system is planned


def test_a_change_of_the_system_is_planned_approved_made_and_checked(works: Company) -> None:
    given = {
        "subject": "备件库并入仓储物流部", "area": "Organisation", "department": "仓储物流部", "responsible": "pengtao",
        "due_on": date(2026, 7, 1), "consequences": "交接期备件发放放慢", "resources": "盘点 2 天", "responsibilities": "备件由仓储物流部负责",
    }  # fmt: skip
    with refused("目的"):
        works.yuanfei.enters(CHANGE, **given)
    name = works.yuanfei.enters(CHANGE, purpose="统一库存", **given)["name"]
    with refused("总经理", "S13-15"):
        works.yuanfei.submits(CHANGE, name)
    works.zhangjianguo.approves(name)
    assert works.yuanfei.submits(CHANGE, name)["status"] == "Approved"
    [owed] = works.obligations(CHANGE, name, "system-change-due")
    assert (owed.owed_by_user, owed.due_at.date()) == ("pengtao", date(2026, 7, 1))
    with refused("登记实施日期", "S13-15"):
        works.yuanfei.changes(CHANGE, name, checked_on=TODAY, effect="x")
    done = works.yuanfei.changes(CHANGE, name, made_on=TODAY, checked_on=TODAY, effect="发放时间未延长")
    assert done["status"] == "Made"
    assert works.obligations(CHANGE, name, "system-change-due")[0].state == "met"
    assert "发放时间未延长" in works.yuanfei.prints(CHANGE, name)


# S13-16, S13-17: audits and checks of the service

AUDIT = "Service Audit"


@pytest.fixture
def cited(works: Company) -> None:
    """The procedure that is audited by, with two of its clauses, as the pack brings them."""
    if not works.records("Procedure", "name", code="S16"):
        works.xutao.enters("Procedure", code="S16", title="售后服务管理制度及工作流程")
        for code in ("S16-01", "S16-03"):
            works.xutao.enters("Clause", code=code, document="S16", text=code)


def audit(works: Company, *findings: dict[str, Any], **values: Any) -> dict[str, Any]:
    """Qian Li audits customer service by S16 with Wu Gang; what they find is given."""
    given = {
        "subject": "售后服务审核", "department": "客服部", "procedure": "S16", "planned_on": TODAY, "audited_on": TODAY, "scope": "报修与答复",
        "auditors": [{"person": "qianli"}, {"person": "wugang"}], "findings": list(findings), "conclusion": "受控",
    }  # fmt: skip
    return works.qianli.enters(AUDIT, **given | values)


MINOR = {
    "clause": "S16-03",
    "finding": "满意度调查表缺签字页",
    "result": "Minor",
    "department": "客服部",
    "action_owner": "wangfang",
    "due_on": TODAY + timedelta(days=30),
}
CONFORMS = {"clause": "S16-01", "finding": "均在 24 小时内答复", "result": "Conforms"}


@pytest.mark.usefixtures("cited")
def test_each_nonconformity_of_an_audit_has_its_corrective_action_until_which_it_stays_open(works: Company) -> None:
    major = MINOR | {"clause": "S16-01", "finding": "三张报修单未答复", "result": "Major"}
    observed = {"finding": "来函登记不及时", "result": "Observation"}
    name = audit(works, CONFORMS, observed, MINOR, major)["name"]
    done = works.qianli.submits(AUDIT, name)
    assert (done["status"], done["nonconformities"]) == ("Actions Open", 2)
    fields = ("name", "problem", "severity", "responsible_department", "origin", "due_on")
    actions = {row["problem"]: row for row in works.records(ACTION, *fields, reference_name=name)}
    assert {problem: row["severity"] for problem, row in actions.items()} == {
        "满意度调查表缺签字页": "Normal",
        "三张报修单未答复": "Major",
    }
    assert {(row["responsible_department"], row["origin"]) for row in actions.values()} == {("客服部", "Audit")}
    assert {name for row in actions.values() for name in works.asked(row["name"])} == {"wangfang"}
    with refused("还有 2 项纠正措施未关闭", "S13-16"):
        works.qianli.changes(AUDIT, name, closed_on=TODAY)
    said = works.qianli.prints(AUDIT, name)
    assert all(text in said for text in ("RCPJ-15", "满意度调查表缺签字页", "一般不符合", "S16-03"))


@pytest.mark.usefixtures("cited")
def test_an_audit_without_nonconformities_is_closed_at_once(works: Company) -> None:
    name = audit(works, CONFORMS)["name"]
    works.qianli.submits(AUDIT, name)
    assert works.qianli.changes(AUDIT, name, closed_on=TODAY)["status"] == "Closed"


@pytest.mark.usefixtures("cited")
def test_a_nonconformity_names_its_clause_and_an_audit_its_findings(works: Company) -> None:
    with refused("须注明不符合的条款", "S13-16"):
        works.qianli.submits(AUDIT, audit(works, MINOR | {"clause": None})["name"])
    with refused("审核发现"):
        works.qianli.submits(AUDIT, audit(works)["name"])


@pytest.mark.usefixtures("cited")
def test_nobody_audits_the_own_department(works: Company) -> None:
    with refused("陈静 属于受审核部门", "S13-16"):
        audit(works, CONFORMS, auditors=[{"person": "qianli"}, {"person": "chenjing"}])
    with refused("钱立"):
        audit(works, CONFORMS, department="质量部")


@pytest.mark.usefixtures("cited")
def test_a_planned_audit_is_owed_on_its_day_and_plans_the_next(works: Company) -> None:
    record = audit(works, planned_on=TODAY + timedelta(days=10), audited_on=None, conclusion=None, subject="年度审核")
    [owed] = works.obligations(AUDIT, record["name"], "service-audit-due")
    assert (owed.owed_by_user, owed.state) == ("qianli", "open")
    works.passes(days=11, minutes=1)
    assert any("年度审核" in text for text in works.yuanfei.is_told())
    on = date(2026, 6, 26)
    following = {"findings": [CONFORMS], "conclusion": "受控", "audited_on": on, "next_on": date(2027, 6, 25)}
    works.qianli.submits(AUDIT, record["name"], **following)
    assert [item.state for item in works.obligations(AUDIT, record["name"], "service-audit-due")] == ["met"]
    planned = works.qianli.reads(AUDIT, works.named(AUDIT, subject="年度审核", status="Planned"))
    assert (planned["planned_on"], planned["procedure"]) == (date(2027, 6, 25), "S16")
    assert [row["person"] for row in planned["auditors"]] == ["qianli", "wugang"]
    assert [item.state for item in works.obligations(AUDIT, planned["name"], "service-audit-due")] == ["open"]


@pytest.mark.usefixtures("cited")
def test_whoever_is_audited_reads_the_audit_and_does_not_write_it(works: Company) -> None:
    name = audit(works, CONFORMS)["name"]
    assert works.chenjing.reads(AUDIT, name)["subject"] == "售后服务审核"
    with pytest.raises(PermissionRefused):
        works.chenjing.changes(AUDIT, name, conclusion="全部符合")
    with pytest.raises(PermissionRefused):
        works.liqiang.reads(AUDIT, name)
