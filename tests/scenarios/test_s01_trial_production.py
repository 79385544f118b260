"""S01 New-product trial production: the process review and its report RCDF-02.

Sun Yu (孙宇) is the process engineer, Zhou Min (周敏) the technology manager, Wu Gang (吴刚) of quality sits on the team.
"""

from __future__ import annotations

from typing import Any

import pytest
from scenario_company import Company, said

from server.access.user import User
from server.core.errors import PermissionRefused, ValidationFailed

RULE = "review-rejected-comment-approval"


def review(company: Company, *comments: dict[str, Any], **values: Any) -> str:
    """Sun Yu writes the report: every requirement conforms, these are the comments."""
    given = {
        "project": "XG-26 高速主轴单元试制",
        "product": "高速电主轴",
        "drawing_number": "XG26-01-00",
        "chair": "zhoumin",
        "team": [{"person": "zhoumin", "speciality": "机械制造工艺"}, {"person": "wugang", "speciality": "质量检验"}],
        "comments": list(comments),
        "conclusion": "Pass after Measures",
    }
    report = company.sunyu.enters("Process Review Report", **given | values)
    rows = [{"name": row["name"], "result": "Conforms", "finding": "符合要求。"} for row in report["checklist"]]
    return str(company.sunyu.changes("Process Review Report", report["name"], checklist=rows)["name"])


ADOPTED = {"comment": "补充去毛刺工序", "proposed_by": "wugang", "decision": "Adopted", "measure": "增加 55 工序"}
REJECTED = {"comment": "改用进口油石", "proposed_by": "wugang", "decision": "Rejected", "reason": "国产油石寿命试验合格"}


# S01-03, S01-04: the team and the requirements to be reviewed


def test_a_new_report_brings_the_requirements_of_the_procedure_as_rows(company: Company) -> None:
    blank = company.site.documents.new(company.sunyu.user, "Process Review Report")
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
    requirement = company.site.snapshot().doctype("Process Review Check").field("requirement")
    assert "必须经过研制试验" in requirement.choice_label(blank["checklist"][4]["requirement"]).zh


def test_a_review_needs_its_team_and_takes_departments_from_the_people(company: Company) -> None:
    with pytest.raises(ValidationFailed) as refusal:
        review(company, team=[])
    assert "评审组必填" in said(refusal)
    report = company.zhoumin.reads("Process Review Report", review(company))
    assert [row["department"] for row in report["team"]] == ["科技部", "质量部"]
    assert report["name"].startswith("RCDF-02-2026-")


def test_results_may_be_sent_along_when_the_report_is_made(company: Company) -> None:
    blank = company.site.documents.new(company.sunyu.user, "Process Review Report")
    rows = [
        {key: row[key] for key in ("clause", "category", "requirement")} | {"result": "Conforms"} for row in blank["checklist"]
    ]
    report = company.sunyu.enters(
        "Process Review Report",
        project="XG-26 高速主轴单元试制",
        chair="zhoumin",
        team=[{"person": "wugang"}],
        checklist=rows,
    )
    assert [row["result"] for row in report["checklist"]] == ["Conforms"] * 8


def test_every_requirement_needs_a_result_before_the_report_is_submitted(company: Company) -> None:
    name = review(company)
    [first, second, *_] = company.sunyu.reads("Process Review Report", name)["checklist"]
    rows = [{"name": row["name"]} for row in company.sunyu.reads("Process Review Report", name)["checklist"]]
    rows[0] = {"name": first["name"], "result": None}
    rows[1] = {"name": second["name"], "result": "Does Not Conform", "finding": None}
    company.sunyu.changes("Process Review Report", name, checklist=rows)
    with pytest.raises(ValidationFailed) as refusal:
        company.sunyu.submits("Process Review Report", name)
    assert [fault.where for fault in refusal.value.faults] == ["checklist[0].result", "checklist[1].finding"]
    assert "评审要求 a) 1) 没有结论" in said(refusal)
    assert "评审要求 a) 2) 不符合，须写明评审情况" in said(refusal)


def test_a_review_with_a_nonconformity_does_not_pass_as_it_is(company: Company) -> None:
    name = review(company, conclusion="Pass")
    rows = [{"name": row["name"]} for row in company.sunyu.reads("Process Review Report", name)["checklist"]]
    rows[5] |= {"result": "Does Not Conform", "finding": "缺供方合格证。"}
    company.sunyu.changes("Process Review Report", name, checklist=rows)
    with pytest.raises(ValidationFailed) as refusal:
        company.sunyu.submits("Process Review Report", name)
    assert "评审要求 b) 3) 不符合，结论不能是“通过”" in said(refusal)
    assert company.sunyu.submits("Process Review Report", name, conclusion="Pass after Measures")["docstatus"] == 1


# S01-07: adopted needs a measure; rejected needs a reason and the technology manager


def test_all_adopted_with_measures_needs_nobodys_sign_off(company: Company) -> None:
    name = review(company, ADOPTED)
    assert company.zhoumin.inbox(name) == []
    assert company.sunyu.submits("Process Review Report", name)["docstatus"] == 1


@pytest.mark.parametrize(
    ("comment", "missing", "message"),
    [
        pytest.param(ADOPTED | {"measure": None}, "measure", "已采纳，须写明措施", id="adopted without a measure"),
        pytest.param(REJECTED | {"reason": None}, "reason", "不予采纳，须写明理由", id="rejected without a reason"),
        pytest.param({"comment": "补充去毛刺工序"}, "decision", "没有处置", id="undecided"),
    ],
)
def test_an_unfinished_comment_keeps_the_report_open(
    company: Company, comment: dict[str, Any], missing: str, message: str
) -> None:
    name = review(company, ADOPTED, comment)
    with pytest.raises(ValidationFailed) as refusal:
        company.sunyu.submits("Process Review Report", name)
    assert [fault.where for fault in refusal.value.faults] == [f"comments[1].{missing}"]
    assert message in said(refusal)
    assert "S01-07" in said(refusal)


def test_a_rejected_comment_waits_for_the_technology_manager_and_the_sign_off_stays_on_record(company: Company) -> None:
    name = review(company, ADOPTED, REJECTED)
    with pytest.raises(ValidationFailed) as refusal:
        company.sunyu.submits("Process Review Report", name)
    assert "评审意见“改用进口油石”不予采纳，理由：国产油石寿命试验合格" in said(refusal)

    company.passes(minutes=20)
    company.zhoumin.approves(name, "同意不予采纳。")
    company.sunyu.submits("Process Review Report", name)

    [signed] = company.obligations("Process Review Report", name, RULE)
    assert (signed.decision, signed.decided_by, signed.decided_at) == ("approved", "zhoumin", company.clock.now())
    assert signed.comment == "同意不予采纳。"
    assert "approved" in [
        entry.action for entry in company.site.queries.history(company.wugang.user, "Process Review Report", name)
    ]


def test_each_rejected_comment_is_signed_off_by_itself(company: Company) -> None:
    second = REJECTED | {"comment": "取消低温时效", "reason": "薄壁件变形超差"}
    name = review(company, REJECTED, ADOPTED, second)
    asked = company.zhoumin.inbox(name)
    assert len(asked) == 2
    company.site.inbox.decide(company.zhoumin.user, asked[0].obligation.id, "approved")
    with pytest.raises(ValidationFailed) as refusal:
        company.sunyu.submits("Process Review Report", name)
    assert len(refusal.value.faults) == 1
    company.site.inbox.decide(company.zhoumin.user, asked[1].obligation.id, "approved")
    assert company.sunyu.submits("Process Review Report", name)["docstatus"] == 1


def test_another_reason_after_the_sign_off_asks_again_for_that_comment_only(company: Company) -> None:
    second = REJECTED | {"comment": "取消低温时效", "reason": "薄壁件变形超差"}
    name = review(company, REJECTED, second)
    company.zhoumin.approves(name)
    company.passes(minutes=5)
    [first, other] = company.sunyu.reads("Process Review Report", name)["comments"]
    company.sunyu.changes(
        "Process Review Report", name, comments=[{"name": first["name"], "reason": "进口油石交期太长"}, {"name": other["name"]}]
    )
    [asked] = company.zhoumin.inbox(name)
    assert "进口油石交期太长" in asked.obligation.title.zh


def test_who_wrote_the_report_cannot_sign_it_off(company: Company) -> None:
    name = review(company, REJECTED)
    [asked] = company.obligations("Process Review Report", name, RULE)
    for other in (company.sunyu, company.wugang):
        with pytest.raises(PermissionRefused):
            company.site.inbox.decide(other.user, asked.id, "approved")


def test_adopting_the_comment_after_all_needs_no_sign_off_any_more(company: Company) -> None:
    name = review(company, REJECTED)
    [row] = company.sunyu.reads("Process Review Report", name)["comments"]
    company.sunyu.changes(
        "Process Review Report", name, comments=[{"name": row["name"], "decision": "Adopted", "measure": "试用 10 件"}]
    )
    assert company.zhoumin.inbox(name) == []
    assert company.sunyu.submits("Process Review Report", name)["docstatus"] == 1


# S01-24: quality records are kept


def test_a_submitted_report_is_neither_deleted_nor_changed_by_anyone(company: Company) -> None:
    name = review(company, ADOPTED)
    company.sunyu.submits("Process Review Report", name)
    for user in (company.sunyu.user, User.administrator()):
        with pytest.raises((ValidationFailed, PermissionRefused)):
            company.site.documents.delete(user, "Process Review Report", name)
        with pytest.raises(ValidationFailed):
            company.site.documents.save(user, "Process Review Report", {"conclusion": "Fail"}, name=name)
    assert company.wugang.reads("Process Review Report", name)["conclusion"] == "Pass after Measures"
    assert company.site.snapshot().doctype("Process Review Report").retention_years == 10
