"""S01 New-product trial production, from the list of what is reviewed (RCDF-01) to the product quality review (RCDF-05).

Sun Yu (孙宇) is the process engineer and project leader, Zhou Min (周敏) the technology manager, He Zhong (何忠) the leader in
charge, Song Tao (宋涛) the workshop foreman, He Jun (何军) of manufacturing, Wu Gang (吴刚) and Qian Li (钱立) of quality.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any

import pytest
from scenario_company import PNG, Company, refused, said

from server.access.user import User
from server.core.errors import PermissionRefused, ValidationFailed

REVIEW, CHECKLIST = "Process Review Report", "Start-up Readiness Checklist"
TODAY = date(2026, 6, 15)
TEAM = [
    {"person": "zhoumin", "speciality": "机械制造工艺"}, {"person": "wugang", "speciality": "质量检验"}, {"person": "songtao", "speciality": "装配"},
]  # fmt: skip
PLAN = {"plan": "会前三天分发工艺规程，半天会议评审", "planned_on": TODAY}
DRAWING = {
    "kind": "Drawing",
    "document_number": "GJ-MC300-00",
    "document_title": "灭菌器总图",
    "revision": "B",
    "found_current": 1,
}
GROUP = [{"person": "hejun"}, *TEAM, {"external_name": "江城理工大学 林启明", "peer": 1}]


def project(works: Company, name: str) -> str:
    """A project of its own for a test; Sun Yu leads it."""
    found = works.sunyu.enters(
        "Trial Project", project_name=name, product="灭菌器", drawing_number=f"{name}-00", leader="sunyu", workshop="装配车间"
    )
    return str(found["name"])


def passed(works: Company, doctype: str, name: str, **values: Any) -> dict[str, Any]:
    """Every row of a report's checklist conforms; Sun Yu submits it."""
    table = {REVIEW: "checklist", "First Article Report": "checks"}[doctype]
    rows = [{"name": row["name"], "result": "Conforms"} for row in works.sunyu.reads(doctype, name)[table]]
    return works.sunyu.submits(doctype, name, **{table: rows}, **values)


# S01-01, S01-02: what is reviewed, RCDF-01


def test_the_item_list_is_in_force_when_the_technology_manager_approves_it(works: Company) -> None:
    items = [{"item": "电极箱焊接", "category": "Special Instruction", "reason": "图样标注专用焊接说明书"}]
    listed = works.sunyu.enters("Process Review Item List", project=project(works, "YD-1"), items=items)
    assert listed["name"].startswith("RCDF-01-2026-")
    assert listed["drawing_number"] == "YD-1-00"
    with refused("S01-02"):
        works.sunyu.submits("Process Review Item List", listed["name"])

    works.zhoumin.approves(listed["name"])
    assert works.sunyu.submits("Process Review Item List", listed["name"])["docstatus"] == 1

    report = works.site.new_records.make_from(works.sunyu.user, REVIEW, "Process Review Item List", listed["name"])
    assert (report["project"], report["drawing_number"]) == ("YD-1", "YD-1-00")


def test_another_item_after_the_approval_asks_again(works: Company) -> None:
    items = [{"item": "电极箱焊接", "category": "Other", "reason": "首次采用"}]
    name = works.sunyu.enters("Process Review Item List", project=project(works, "YD-2"), items=items)["name"]
    works.zhoumin.approves(name)
    works.sunyu.changes("Process Review Item List", name, items=[*items, items[0] | {"item": "电解抛光"}])
    with refused():
        works.sunyu.submits("Process Review Item List", name)


# S01-03, S01-04, S01-26: the team and the requirements to be reviewed


def review(works: Company, *comments: dict[str, Any], **values: Any) -> str:
    """Sun Yu writes the report: every requirement conforms, these are the comments."""
    given = {
        "project": "XG-26 高速主轴单元试制",
        "product": "高速电主轴",
        "drawing_number": "XG26-01-00",
        "chair": "zhoumin",
        "team": TEAM,
        "comments": list(comments),
        "conclusion": "Pass after Measures",
        **PLAN,
    }
    report = works.sunyu.enters(REVIEW, **given | values)
    rows = [{"name": row["name"], "result": "Conforms", "finding": "符合要求。"} for row in report["checklist"]]
    return str(works.sunyu.changes(REVIEW, report["name"], checklist=rows)["name"])


def test_a_new_report_brings_the_requirements_of_the_procedure_as_rows(works: Company) -> None:
    blank = works.site.new_records.blank(works.sunyu.user, REVIEW)
    assert [row["clause"] for row in blank["checklist"]] == [
        "a) 1)",
        "a) 2)",
        "a) 3)",
        "b) 1)",
        "b) 2)",
        "b) 3)",
        "c) 1)",
        "c) 2)",
    ]
    requirement = works.site.snapshot().doctype("Process Review Check").field("requirement")
    assert "必须经过研制试验" in requirement.choice_label(blank["checklist"][4]["requirement"]).zh


def test_a_review_needs_its_team_and_takes_departments_from_the_people(works: Company) -> None:
    with pytest.raises(ValidationFailed) as refusal:
        review(works, team=[])
    assert "评审组必填" in said(refusal)
    report = works.zhoumin.reads(REVIEW, review(works))
    assert [row["department"] for row in report["team"]] == ["科技部", "质量部", "装配车间"]
    assert report["name"].startswith("RCDF-02-2026-")


@pytest.mark.parametrize(
    ("team", "said"),
    [
        pytest.param(TEAM[:2], "还没有车间的人员", id="nobody of a workshop"),
        pytest.param(TEAM[2:], "还没有部门的人员", id="a workshop alone"),
        pytest.param([*TEAM[:2], {"person": "songtao"}], "逐人注明专业", id="without a speciality"),
    ],
)
def test_workshops_and_departments_send_their_specialists(works: Company, team: list[dict[str, Any]], said: str) -> None:
    name = review(works, team=team)
    with refused(said, "S01-03"):
        works.sunyu.submits(REVIEW, name)
    works.sunyu.changes(REVIEW, name, team=TEAM)
    assert works.sunyu.submits(REVIEW, name)["docstatus"] == 1


# S01-29: the review is planned, and held by its plan


def test_a_review_is_planned_and_held_on_the_day_that_its_plan_sets(works: Company) -> None:
    for missing in ({"plan": None}, {"planned_on": None}):
        with refused("制定评审计划", "S01-29"):
            passed(works, REVIEW, review(works, ADOPTED, **missing))
    name = review(works, ADOPTED, planned_on=date(2026, 6, 12))
    with refused("2026-06-12", "说明原因", "S01-29"):
        passed(works, REVIEW, name)
    assert passed(works, REVIEW, name, off_plan_reason="检验记录迟到，顺延")["docstatus"] == 1


def test_only_the_technology_manager_chairs_a_review(works: Company) -> None:
    with refused("由科技部经理主持", "吴刚", "S01-26"):
        review(works, chair="wugang")


def test_results_may_be_sent_along_when_the_report_is_made(works: Company) -> None:
    blank = works.site.new_records.blank(works.sunyu.user, REVIEW)
    rows = [
        {key: row[key] for key in ("clause", "category", "requirement")} | {"result": "Conforms"} for row in blank["checklist"]
    ]
    report = works.sunyu.enters(
        REVIEW,
        project="XG-26 高速主轴单元试制",
        chair="zhoumin",
        team=TEAM,
        checklist=rows,
    )
    assert [row["result"] for row in report["checklist"]] == ["Conforms"] * 8


def test_every_requirement_needs_a_result_before_the_report_is_submitted(works: Company) -> None:
    name = review(works)
    [first, second, *_] = works.sunyu.reads(REVIEW, name)["checklist"]
    rows = [{"name": row["name"]} for row in works.sunyu.reads(REVIEW, name)["checklist"]]
    rows[0] = {"name": first["name"], "result": None}
    rows[1] = {"name": second["name"], "result": "Does Not Conform", "finding": None}
    works.sunyu.changes(REVIEW, name, checklist=rows)
    with pytest.raises(ValidationFailed) as refusal:
        works.sunyu.submits(REVIEW, name)
    assert [fault.where for fault in refusal.value.faults] == ["checklist[0].result", "checklist[1].finding"]
    assert "评审要求 a) 1) 没有结论" in said(refusal)
    assert "评审要求 a) 2) 不符合，须写明评审情况" in said(refusal)


def test_a_review_with_a_nonconformity_does_not_pass_as_it_is(works: Company) -> None:
    name = review(works, conclusion="Pass")
    rows = [{"name": row["name"]} for row in works.sunyu.reads(REVIEW, name)["checklist"]]
    rows[5] |= {"result": "Does Not Conform", "finding": "缺供方合格证。"}
    works.sunyu.changes(REVIEW, name, checklist=rows)
    with pytest.raises(ValidationFailed) as refusal:
        works.sunyu.submits(REVIEW, name)
    assert "评审要求 b) 3) 不符合，结论不能是“通过”" in said(refusal)
    assert works.sunyu.submits(REVIEW, name, conclusion="Pass after Measures")["docstatus"] == 1


# S01-05, S01-06: what is new is proven before it is adopted


def new_technology(works: Company, name: str, **evidence: Any) -> str:
    report = works.sunyu.enters(
        REVIEW, project=project(works, name), chair="zhoumin", team=TEAM, **PLAN,
        subject="New Technology", new_items=[{"subject": "激光熔覆"} | evidence] if evidence else [],
    )  # fmt: skip
    return str(report["name"])


def test_a_new_process_does_not_pass_without_its_trials_and_the_message_names_what_is_missing(works: Company) -> None:
    record = works.sunyu.uploads("原始记录.txt", b"trial")
    name = new_technology(works, "YD-3", kind="Process", original_record=record)
    with pytest.raises(ValidationFailed) as refusal:
        passed(works, REVIEW, name, conclusion="Pass")
    assert "缺少试验报告" in said(refusal)
    assert "缺少合格试件" in said(refusal)
    assert "缺少原始记录" not in said(refusal)

    [row] = works.sunyu.reads(REVIEW, name)["new_items"]
    complete = {"name": row["name"], "test_report": works.sunyu.uploads("报告.txt", b"report"), "sample": "SJ-01"}
    assert passed(works, REVIEW, name, conclusion="Pass", new_items=[complete])["docstatus"] == 1


def test_new_material_without_a_certificate_blocks_every_passing_conclusion(works: Company) -> None:
    proof = {"original_record": works.sunyu.uploads("a.txt", b"a"), "test_report": works.sunyu.uploads("b.txt", b"b")}
    name = new_technology(works, "YD-4", kind="Material", sample="SJ-02", **proof)
    for conclusion in ("Pass", "Pass after Measures"):
        with refused("S01-06"):
            passed(works, REVIEW, name, conclusion=conclusion)
    assert passed(works, REVIEW, name, conclusion="Fail")["docstatus"] == 1


# S01-07: adopted needs a measure; rejected needs a reason and the technology manager


ADOPTED = {"comment": "补充去毛刺工序", "proposed_by": "wugang", "decision": "Adopted", "measure": "增加 55 工序"}
REJECTED = {"comment": "改用进口油石", "proposed_by": "wugang", "decision": "Rejected", "reason": "国产油石寿命试验合格"}


def test_all_adopted_with_measures_needs_nobodys_sign_off(works: Company) -> None:
    name = review(works, ADOPTED)
    assert works.zhoumin.inbox(name) == []
    assert works.sunyu.submits(REVIEW, name)["docstatus"] == 1


@pytest.mark.parametrize(
    ("comment", "missing", "message"),
    [
        pytest.param(ADOPTED | {"measure": None}, "measure", "已采纳，须写明措施", id="adopted without a measure"),
        pytest.param(REJECTED | {"reason": None}, "reason", "不予采纳，须写明理由", id="rejected without a reason"),
        pytest.param({"comment": "补充去毛刺工序"}, "decision", "没有处置", id="undecided"),
    ],
)
def test_an_unfinished_comment_keeps_the_report_open(
    works: Company, comment: dict[str, Any], missing: str, message: str
) -> None:
    name = review(works, ADOPTED, comment)
    with pytest.raises(ValidationFailed) as refusal:
        works.sunyu.submits(REVIEW, name)
    assert [fault.where for fault in refusal.value.faults] == [f"comments[1].{missing}"]
    assert message in said(refusal)
    assert "S01-07" in said(refusal)


def test_a_rejected_comment_waits_for_the_technology_manager_and_the_sign_off_stays_on_record(works: Company) -> None:
    name = review(works, ADOPTED, REJECTED)
    with pytest.raises(ValidationFailed) as refusal:
        works.sunyu.submits(REVIEW, name)
    assert "评审意见“改用进口油石”不予采纳，理由：国产油石寿命试验合格" in said(refusal)

    works.passes(minutes=20)
    works.zhoumin.approves(name, "同意不予采纳。")
    works.sunyu.submits(REVIEW, name)

    [signed] = works.obligations(REVIEW, name, "review-rejected-comment-approval")
    assert (signed.decision, signed.decided_by, signed.decided_at) == ("approved", "zhoumin", works.clock.now())
    assert signed.comment == "同意不予采纳。"
    assert "approved" in [entry.action for entry in works.site.queries.history(works.wugang.user, REVIEW, name)]


def test_each_rejected_comment_is_signed_off_by_itself(works: Company) -> None:
    second = REJECTED | {"comment": "取消低温时效", "reason": "薄壁件变形超差"}
    name = review(works, REJECTED, ADOPTED, second)
    asked = works.zhoumin.inbox(name)
    assert len(asked) == 2
    works.site.inbox.decide(works.zhoumin.user, asked[0].obligation.id, "approved")
    with pytest.raises(ValidationFailed) as refusal:
        works.sunyu.submits(REVIEW, name)
    assert len(refusal.value.faults) == 1
    works.site.inbox.decide(works.zhoumin.user, asked[1].obligation.id, "approved")
    assert works.sunyu.submits(REVIEW, name)["docstatus"] == 1


def test_another_reason_after_the_sign_off_asks_again_for_that_comment_only(works: Company) -> None:
    second = REJECTED | {"comment": "取消低温时效", "reason": "薄壁件变形超差"}
    name = review(works, REJECTED, second)
    works.zhoumin.approves(name)
    works.passes(minutes=5)
    [first, other] = works.sunyu.reads(REVIEW, name)["comments"]
    works.sunyu.changes(REVIEW, name, comments=[{"name": first["name"], "reason": "进口油石交期太长"}, {"name": other["name"]}])
    [asked] = works.zhoumin.inbox(name)
    assert "进口油石交期太长" in asked.obligation.title.zh


def test_who_wrote_the_report_cannot_sign_it_off(works: Company) -> None:
    name = review(works, REJECTED)
    [asked] = works.obligations(REVIEW, name, "review-rejected-comment-approval")
    for other in (works.sunyu, works.wugang):
        with pytest.raises(PermissionRefused):
            works.site.inbox.decide(other.user, asked.id, "approved")


def test_adopting_the_comment_after_all_needs_no_sign_off_any_more(works: Company) -> None:
    name = review(works, REJECTED)
    [row] = works.sunyu.reads(REVIEW, name)["comments"]
    works.sunyu.changes(REVIEW, name, comments=[{"name": row["name"], "decision": "Adopted", "measure": "试用 10 件"}])
    assert works.zhoumin.inbox(name) == []
    assert works.sunyu.submits(REVIEW, name)["docstatus"] == 1


# S01-08, S01-09, S01-10, S01-11, S01-12, S01-14: the start-up check, RCDF-03


def reported(works: Company, of: str, **values: Any) -> dict[str, Any]:
    """Song Tao of the workshop reports his own check: everything conforms, but for what `values` say."""
    given = {"project": of, "workshop": "装配车间", "scope_key_parts": 1, "checked_on": TODAY, "documents": [DRAWING]}
    record = works.songtao.enters(CHECKLIST, **given | values)
    rows = [{"name": row["name"], "conforms": "Yes", "finding": "符合"} for row in record["conditions"]]
    return works.songtao.changes(CHECKLIST, record["name"], conditions=rows)


def concluded(works: Company, name: str, conclusion: str, **values: Any) -> dict[str, Any]:
    """Zhou Min concludes the check; the three departments countersign at once (S01-13)."""
    works.zhoumin.takes("Send for Countersigning", CHECKLIST, name, conclusion=conclusion, **values)
    for who in (works.hejun, works.zhoumin, works.qianli):
        who.approves(name)
    return works.zhoumin.reads(CHECKLIST, name)


def verdicts(record: dict[str, Any]) -> dict[str, str]:
    return {row["code"]: row["verdict"] for row in record["conditions"]}


def qualified(works: Company, employee: str, valid_to: date) -> dict[str, Any]:
    who = works.named("Employee", employee_name=employee)
    made = works.wugang.enters(
        "Qualification", subject="氩弧焊", employee=who, kind="Special Process", certificate_number="TS-1", issued_on=date(2023, 6, 15),
        valid_to=valid_to,
    )  # fmt: skip
    return {"employee": who, "work": "焊接", "special": 1, "qualification": made["name"], "trained": 1}


def test_the_six_conditions_stand_prefilled(works: Company) -> None:
    blank = works.site.new_records.blank(works.songtao.user, CHECKLIST)
    assert [row["code"] for row in blank["conditions"]] == ["a", "b", "c", "d", "e", "f"]


@pytest.mark.parametrize(
    ("valid_to", "verdict"),
    [
        pytest.param(date(2026, 6, 15), "Yes", id="valid to the day of the check"),
        pytest.param(date(2026, 6, 14), "No", id="ended the day before"),
    ],
)
def test_a_welder_without_a_valid_qualification_fails_condition_a(works: Company, valid_to: date, verdict: str) -> None:
    of = project(works, f"YD-5-{valid_to.day}")
    record = reported(works, of, operators=[qualified(works, "丁浩", valid_to)])
    assert verdicts(record)["a"] == verdict
    assert [code for code, found in verdicts(record).items() if found == "No"] == (["a"] if verdict == "No" else [])


def test_a_gauge_out_of_date_fails_condition_c_and_says_so(works: Company) -> None:
    of = project(works, "YD-6")
    told = works.songtao.warnings_of(CHECKLIST, project=of, workshop="装配车间", equipment=[{"equipment": "LJ-0340"}])
    assert any("LJ-0340 压力表" in text and "条件 c)" in text for text in told)
    record = reported(works, of, equipment=[{"equipment": "LJ-0340"}, {"equipment": "LJ-0218"}])
    assert (verdicts(record)["c"], record["failed"]) == ("No", 1)


@pytest.mark.parametrize(
    ("disposition", "verdict"),
    [(None, "No"), ("Rework", "No"), ("May Be Installed", "Yes")],
    ids=["none", "rework", "may be installed"],
)
def test_a_nonconforming_part_needs_an_explicit_disposition(works: Company, disposition: str | None, verdict: str) -> None:
    part = {"part": "门密封圈", "marked": 1, "nonconforming": 1, "disposition": disposition}
    record = reported(works, project(works, f"YD-7-{disposition}"), parts=[part])
    assert verdicts(record)["e"] == verdict


# S01-31, S01-32: documents in force, people trained, parts marked and certified


def registered(works: Company, draft: bool = False, **values: Any) -> str:
    """A process instruction on the register of controlled documents, in force since yesterday."""
    given = {"document_title": "电解抛光工艺规程", "document_type": "Department", "department": "科技部", "revision": "A/1"}
    made = works.dongmei.enters("Controlled Document", **given | {"effective_on": date(2026, 6, 14)} | values)
    return str(made["name"]) if draft else released(works, str(made["name"]))


def released(works: Company, name: str) -> str:
    works.dongmei.takes("Send", "Controlled Document", name)
    works.zhoumin.approves(name)
    works.dongmei.takes("Release", "Controlled Document", name)
    return name


@pytest.mark.parametrize(
    ("effective_on", "verdict"),
    [pytest.param(TODAY, "Yes", id="in force on the day"), pytest.param(date(2026, 6, 16), "No", id="a day later")],
)
def test_a_document_of_the_register_is_in_force_on_the_day_of_the_check(
    works: Company, effective_on: date, verdict: str
) -> None:
    of = project(works, f"文件-{effective_on.day}")
    row = {"kind": "Instruction", "document": registered(works, effective_on=effective_on)}
    record = reported(works, of, documents=[DRAWING, row])
    assert record["documents"][1]["revision"] == "A/1"
    assert (verdicts(record)["b"], record["document_faults"]) == (verdict, int(verdict == "No"))


def test_a_document_of_another_revision_fails_condition_b_and_says_which_is_in_force(works: Company) -> None:
    row = {"kind": "Instruction", "document": registered(works), "revision": "A/0"}
    of = project(works, "旧版文件")
    told = works.songtao.warnings_of(CHECKLIST, project=of, workshop="装配车间", documents=[row])
    assert any("在用版次 A/0，在册版次 A/1，条件 b)" in text for text in told)
    assert verdicts(reported(works, of, documents=[row]))["b"] == "No"


def test_a_document_that_is_not_released_is_not_in_force(works: Company) -> None:
    row = {"kind": "Instruction", "document": registered(works, draft=True)}
    assert verdicts(reported(works, project(works, "未发布文件"), documents=[row]))["b"] == "No"


def test_condition_b_does_not_conform_without_the_documents(works: Company) -> None:
    name = reported(works, project(works, "无文件"), documents=[])["name"]
    with refused("逐份列出图纸、技术条件", "S01-31"):
        concluded(works, name, "Start")
    with refused("开工条件 b) 不符合", "S01-12"):
        works.songtao.changes(CHECKLIST, name, documents=[DRAWING | {"found_current": 0}])
    works.songtao.changes(CHECKLIST, name, documents=[DRAWING])
    assert concluded(works, name, "Start")["docstatus"] == 1
    assert "灭菌器总图" in works.zhoumin.prints(CHECKLIST, name)


def test_whoever_is_not_trained_fails_condition_a(works: Company) -> None:
    untrained = {"employee": works.named("Employee", employee_name="丁浩"), "work": "总装"}
    record = reported(works, project(works, "未培训"), operators=[untrained])
    assert [code for code, found in verdicts(record).items() if found == "No"] == ["a"]


@pytest.mark.parametrize(
    "part",
    [
        pytest.param({"marked": 0, "certificate": "HG-1"}, id="not marked"),
        pytest.param({"marked": 1}, id="no certificate"),
    ],
)
def test_a_part_without_marking_or_certificate_fails_condition_e(works: Company, part: dict[str, Any]) -> None:
    record = reported(works, project(works, f"零件-{part['marked']}"), parts=[{"part": "法兰"} | part])
    assert [code for code, found in verdicts(record).items() if found == "No"] == ["e"]


# S01-30: new technology has been appraised


def test_new_technology_within_the_scope_needs_its_appraisal(works: Company) -> None:
    name = reported(works, project(works, "新工艺开工"), scope_new_technology=1)["name"]
    with refused("允许使用、安装的鉴定结论", "S01-30"):
        concluded(works, name, "Start")
    rows = [{"name": row["name"]} for row in works.songtao.reads(CHECKLIST, name)["conditions"]]
    rows[3]["conforms"] = "Not Applicable"
    works.songtao.changes(CHECKLIST, name, conditions=rows)
    with refused("条件 d) 不能为不适用", "S01-30"):
        concluded(works, name, "Start")
    rows[3] |= {"conforms": "Yes", "evidence": works.songtao.uploads("鉴定.png", PNG)}
    works.songtao.changes(CHECKLIST, name, conditions=rows)
    assert concluded(works, name, "Start")["docstatus"] == 1


def test_what_fails_cannot_start_opens_a_corrective_action_and_only_the_re_check_releases(works: Company) -> None:
    of = project(works, "YD-8")
    name = reported(works, of, equipment=[{"equipment": "LJ-0340"}])["name"]
    with pytest.raises(ValidationFailed) as refusal:
        concluded(works, name, "Start")
    assert "开工条件 c) 不符合，结论不能是“同意开工”" in said(refusal)
    with refused("纠正措施"):
        concluded(works, name, "Rectify")

    concluded(works, name, "Rectify", corrective_measure="更换在检定期内的压力表")
    action = works.qianli.reads("Corrective Action", works.named("Corrective Action", reference_name=name))
    assert (action["responsible_department"], action["origin"], action["status"]) == ("装配车间", "Start-up Check", "Open")
    works.passes(minutes=1)
    assert any("的结论：整改后复查" in text for text in works.songtao.is_told())
    assert [item.obligation.rule for item in works.songtao.inbox(name)] == ["startup-rectify-measure"]

    # another first check does not release it
    with refused("不能另做首次检查"):
        reported(works, of)

    again = works.songtao.makes(CHECKLIST, CHECKLIST, name, checked_on=TODAY, equipment=[{"equipment": "LJ-0218"}])
    assert (again["check_type"], again["first_check"], again["project"]) == ("Re-check", name, of)
    rows = [{"name": row["name"], "conforms": "Yes"} for row in again["conditions"]]
    assert [(row["document_number"], row["state"]) for row in again["documents"]] == [("GJ-MC300-00", "Not in Force")]
    documents = [{"name": row["name"], "found_current": 1} for row in again["documents"]]
    works.songtao.changes(CHECKLIST, again["name"], conditions=rows, documents=documents, scope_key_parts=1)
    assert concluded(works, again["name"], "Start")["docstatus"] == 1
    assert works.songtao.inbox(name) == []


def test_a_re_check_belongs_to_a_check_of_the_same_project_that_asked_for_it(works: Company) -> None:
    of = project(works, "YD-9")
    fine = reported(works, of)["name"]
    concluded(works, fine, "Start")
    with refused("复查须对应"):
        works.songtao.enters(CHECKLIST, project=of, workshop="装配车间", first_check=fine)


# S01-15, S01-16, S01-17, S01-27: the first article, RCDF-04


def appraisal(works: Company, of: str, *characteristics: dict[str, Any], **values: Any) -> str:
    """He Jun asks for the appraisal, Sun Yu writes its report."""
    asked = works.hejun.enters("First Article Request", project=of, part_name="腔体", department="装配车间", self_check="Pass")
    works.hejun.submits("First Article Request", asked["name"])
    who = qualified(works, "丁浩", date(2027, 1, 1))
    person = {"employee": who["employee"], "qualification": who["qualification"]}
    report = works.sunyu.makes(
        "First Article Report", "First Article Request", asked["name"], characteristics=list(characteristics), appraised_on=TODAY, participants=GROUP[:3],
        people=[{"duty": "Operator"} | person, {"duty": "Inspector"} | person], **values,
    )  # fmt: skip
    return str(report["name"])


def test_the_report_is_made_from_the_request_and_results_are_computed(works: Company) -> None:
    edges = {"characteristic": "孔径", "nominal": "60", "upper": "0.02", "lower": "-0.01"}
    name = appraisal(
        works, project(works, "YD-10"), *({**edges, "measured": m} for m in ("60.02", "60.021", "59.99", "59.989"))
    )
    report = works.sunyu.reads("First Article Report", name)
    assert (report["project"], report["part_name"], report["department"]) == ("YD-10", "腔体", "装配车间")
    assert [row["code"] for row in report["checks"]] == list("abcdefgh")
    within = [row["result"] == "Conforms" for row in report["characteristics"]]
    assert within == [True, False, True, False]


@pytest.mark.parametrize(("kind", "conclusion"), [("Key", "Fail"), ("Important", "Fail"), ("General", "Pass")])
def test_a_key_characteristic_out_of_tolerance_fails_whatever_was_chosen(works: Company, kind: str, conclusion: str) -> None:
    wrong = {"characteristic": "壁厚", "class": kind, "nominal": "8", "upper": "0.1", "lower": "-0.1", "measured": "8.2"}
    name = appraisal(works, project(works, f"YD-11-{kind}"), wrong, conclusion="Pass")
    assert works.sunyu.reads("First Article Report", name)["conclusion"] == conclusion
    assert passed(works, "First Article Report", name)["conclusion"] == conclusion


@pytest.mark.parametrize("missing", ["zhoumin", "wugang", "hejun"])
def test_technology_quality_and_manufacturing_appraise_together(works: Company, missing: str) -> None:
    name = appraisal(works, project(works, f"YD-18-{missing}"))
    here = [member for member in GROUP[:3] if member["person"] != missing]
    with refused("三个部门都须有人参加", "S01-27"):
        passed(works, "First Article Report", name, conclusion="Pass", participants=here)


# S01-19, S01-20, S01-21, S01-22, S01-23, S01-28: the product quality review, RCDF-05


def reviewed(works: Company, of: str) -> None:
    """The project has a passed process review and a passed first article."""
    report = works.sunyu.enters(REVIEW, project=of, chair="zhoumin", team=TEAM, **PLAN)
    passed(works, REVIEW, report["name"], conclusion="Pass")
    passed(works, "First Article Report", appraisal(works, of), conclusion="Pass")


def application(works: Company, of: str, **values: Any) -> str:
    made = works.sunyu.enters("Product Quality Review Application", project=of, **{"team": GROUP} | values)
    rows = [{"name": row["name"], "ready": 1} for row in made["materials"]]
    rows[5] = {"name": rows[5]["name"], "ready": 0, "not_applicable": 1, "reason": "本产品没有软件"}
    works.sunyu.changes("Product Quality Review Application", made["name"], materials=rows)
    return str(made["name"])


def applied(works: Company, name: str) -> dict[str, Any]:
    """Sun Yu applies, the technology manager reviews, the leader in charge approves (S01-18)."""
    works.sunyu.takes("Apply", "Product Quality Review Application", name)
    works.zhoumin.approves(name)
    works.hezhong.approves(name)
    return works.sunyu.reads("Product Quality Review Application", name)


def test_leader_and_deputy_come_from_their_roles_and_others_are_refused(works: Company) -> None:
    of = project(works, "YD-12")
    record = works.sunyu.reads("Product Quality Review Application", application(works, of))
    assert (record["review_leader"], record["deputy_leader"]) == ("zhoumin", "sunyu")
    for other in ({"review_leader": "wugang"}, {"deputy_leader": "wugang"}):
        with refused("S01-19"):
            works.sunyu.changes("Product Quality Review Application", record["name"], **other)


def test_an_application_needs_its_materials_and_the_passed_reviews_of_the_same_project(works: Company) -> None:
    of = project(works, "YD-13")
    reviewed(works, project(works, "YD-13B"))  # of another project: they do not count
    name = application(works, of)
    rows = [{"name": row["name"]} for row in works.sunyu.reads("Product Quality Review Application", name)["materials"]]
    works.sunyu.changes("Product Quality Review Application", name, materials=[rows[0] | {"ready": 0}, *rows[1:]])
    with pytest.raises(ValidationFailed) as refusal:
        applied(works, name)
    for text in ("没有已通过的工艺评审报告", "没有合格的首件鉴定报告", "评审材料 a)", "S01-20"):
        assert text in said(refusal)


def test_who_is_missing_in_the_group_is_named(works: Company) -> None:
    of = project(works, "YD-19")
    reviewed(works, of)
    name = application(works, of, team=TEAM[:2])
    with pytest.raises(ValidationFailed) as refusal:
        applied(works, name)
    assert [text in said(refusal) for text in ("缺：制造部", "缺：各生产车间", "缺：公司内外同行专家", "缺：科技部", "缺：质量部")] == [
        True, True, True, False, False,
    ]  # fmt: skip


def test_material_that_does_not_apply_needs_a_reason(works: Company) -> None:
    name = application(works, project(works, "YD-14"))
    rows = [{"name": row["name"]} for row in works.sunyu.reads("Product Quality Review Application", name)["materials"]]
    rows[5] |= {"reason": None}
    works.sunyu.changes("Product Quality Review Application", name, materials=rows)
    with refused("评审材料 f) 不适用，须写明理由"):
        applied(works, name)


def test_the_report_needs_an_approved_application_closed_issues_reasons_and_the_leaders_signature(works: Company) -> None:
    of = project(works, "YD-15")
    reviewed(works, of)
    name = application(works, of)
    with refused("S01-23"):
        works.zhoumin.enters("Product Quality Review Report", project=of, application=name)
    applied(works, name)
    issue = works.sunyu.enters("Trial Issue", subject="门锁行程未验证", project=of, found_in="First Article")

    report = works.zhoumin.makes("Product Quality Review Report", "Product Quality Review Application", name)
    assert (report["open_issues"], report["review_leader"]) == (1, "zhoumin")
    rows = [{"name": row["name"], "result": "Conforms"} for row in report["contents"]]
    rows[14] = {"name": rows[14]["name"], "tailored": 1}
    with refused("1 项遗留问题未关闭"):
        works.zhoumin.changes("Product Quality Review Report", report["name"], contents=rows, conclusion="Pass")
    works.sunyu.changes("Trial Issue", issue["name"], closed_on=TODAY, resolution="已做 200 次开闭试验")

    with pytest.raises(ValidationFailed) as refusal:
        works.zhoumin.submits("Product Quality Review Report", report["name"], contents=rows, conclusion="Pass")
    assert "裁剪，须写明理由" in said(refusal)
    rows[14] |= {"reason": "试制批量不足以作经济性分析"}
    kind, of_report = "Product Quality Review Report", report["name"]
    works.zhoumin.changes(kind, of_report, contents=rows, conclusion="Pass")
    with refused("尚待周敏电子签名", "S01-23"):
        works.zhoumin.submits(kind, of_report)
    works.zhoumin.signs(kind, of_report, "评审意见均已处理")
    works.zhoumin.changes(kind, of_report, conclusion_text="补充说明")
    with refused("尚待周敏电子签名"):  # what was signed is no longer what stands there
        works.zhoumin.submits(kind, of_report)
    works.zhoumin.signs(kind, of_report)
    done = works.zhoumin.submits(kind, of_report)
    assert (done["docstatus"], done["open_issues"]) == (1, 0)
    signed = works.site.signing.of_record(works.zhoumin.user, kind, of_report)
    assert [(item.full_name, item.meaning, item.is_valid) for item in signed] == [
        ("周敏", "approved", False), ("周敏", "approved", True),
    ]  # fmt: skip


def test_the_checklist_waits_for_all_three_departments(works: Company) -> None:
    name = reported(works, project(works, "YD-31"))["name"]
    works.zhoumin.takes("Send for Countersigning", CHECKLIST, name, conclusion="Start")
    works.qianli.approves(name)
    works.hejun.approves(name)
    assert works.zhoumin.reads(CHECKLIST, name)["workflow_state"] == "Countersigning"
    with refused("开工检查会签"):
        works.zhoumin.submits(CHECKLIST, name)
    works.zhoumin.approves(name)
    done = works.zhoumin.reads(CHECKLIST, name)
    assert (done["workflow_state"], done["docstatus"]) == ("Concluded", 1)


def test_the_application_is_reviewed_then_approved_by_different_people(works: Company) -> None:
    of = project(works, "YD-32")
    reviewed(works, of)
    name = application(works, of)
    works.sunyu.takes("Apply", "Product Quality Review Application", name)
    assert works.hezhong.inbox(name) == []
    works.zhoumin.approves(name)
    assert works.zhoumin.inbox(name) == []
    [asked] = works.hezhong.inbox(name)
    assert asked.obligation.clauses == ("S01-18",)
    works.hezhong.rejects(name, "评审时间须重排")
    assert works.sunyu.reads("Product Quality Review Application", name)["workflow_state"] == "Draft"


# S01-24: quality records are kept


def test_quality_records_stay_as_they_were_submitted(works: Company) -> None:
    name = reported(works, project(works, "YD-16"))["name"]
    concluded(works, name, "Start")
    for user in (works.zhoumin.user, User.administrator()):
        with pytest.raises((ValidationFailed, PermissionRefused)):
            works.site.documents.delete(user, CHECKLIST, name)
        with pytest.raises((ValidationFailed, PermissionRefused)):
            works.site.documents.save(user, CHECKLIST, {"conclusion": "Rectify"}, name=name)
    for kind in ("Process Review Item List", CHECKLIST, "First Article Report", "Product Quality Review Report", "Trial Issue"):
        assert works.site.snapshot().doctype(kind).retention_years == 10


def test_a_submitted_report_is_neither_deleted_nor_changed_by_anyone(works: Company) -> None:
    name = review(works, ADOPTED)
    works.sunyu.submits(REVIEW, name)
    for user in (works.sunyu.user, User.administrator()):
        with pytest.raises((ValidationFailed, PermissionRefused)):
            works.site.documents.delete(user, REVIEW, name)
        with pytest.raises(ValidationFailed):
            works.site.documents.save(user, REVIEW, {"conclusion": "Fail"}, name=name)
    assert works.wugang.reads(REVIEW, name)["conclusion"] == "Pass after Measures"
    assert works.site.snapshot().doctype(REVIEW).retention_years == 10


# S01-25: the five forms on paper


def test_the_forms_carry_their_numbers_and_pages(works: Company, pdf_text: Callable[[bytes], str]) -> None:
    forms = {
        "Process Review Item List": "RCDF-01", REVIEW: "RCDF-02", CHECKLIST: "RCDF-03", "First Article Report": "RCDF-04",
        "Product Quality Review Report": "RCDF-05",
    }  # fmt: skip
    for doctype, number in forms.items():
        [found] = works.site.printouts.formats(doctype)
        assert found.form_number == number
    name = reported(works, project(works, "YD-17"))["name"]
    text = pdf_text(works.site.printouts.pdf(works.songtao.user, CHECKLIST, name, language="zh"))
    for words in (
        "表单编号 RCDF-03 / 版本 A/0",
        name,
        "新产品试制开工条件检查单",
        "☑ 符合",
        "科技部",
        "质量部",
        "制造部",
        "第 1 页",
    ):
        assert "".join(words.split()) in text
