"""S06 Documents: approved by their type, issued in numbered copies, changed by the original approver.

Dong Mei (董梅) keeps the documents, Yuan Fei (袁飞) is the management representative.
"""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from scenario_company import PNG, Company, refused

# S06-01, S06-03, S06-05, S06-06, S06-07, S06-08, S06-10: controlled documents


def document(works: Company, number: str, kind: str = "Procedure", **values: Any) -> str:
    given = {"document_title": "售后服务程序", "document_number": number, "document_type": kind, "department": "客服部"}
    return str(works.dongmei.enters("Controlled Document", **given | values)["name"])


def released(works: Company, name: str, **values: Any) -> dict[str, Any]:
    """The document as it is once the management representative has approved it and the clerk releases it."""
    works.dongmei.takes("Send", "Controlled Document", name)
    works.yuanfei.approves(name)
    return works.dongmei.takes("Release", "Controlled Document", name, **values)


@pytest.mark.parametrize(
    ("kind", "department", "asked"),
    [
        ("Manual", "客服部", ["yuanfei", "zhangjianguo"]),
        ("Procedure", "客服部", ["yuanfei"]),
        ("Department", "客服部", ["chenjing"]),
        ("Technical", "科技部", ["zhoumin"]),
        ("Technical", "机加车间", ["hejun"]),  # the workshop has no head; the department above it has
        ("Department", "电气部", ["yuanfei"]),  # none at all
    ],
)
def test_a_document_is_approved_by_its_type_and_the_head_of_its_department(
    works: Company, kind: str, department: str, asked: list[str]
) -> None:
    name = document(works, f"LX-{kind}-{department}", kind, department=department)
    with refused("S06-03"):
        works.dongmei.submits("Controlled Document", name)
    works.dongmei.takes("Send", "Controlled Document", name)
    for login in asked:
        assert works.asked(name) == [login]
        works.person(login).approves(name)
    assert works.dongmei.takes("Release", "Controlled Document", name)["docstatus"] == 1


def issued(works: Company, document: str, **values: Any) -> str:
    """A copy that the clerk asks for and the head of the issuing department approves."""
    name = str(works.dongmei.enters("Document Copy", document=document, **values)["name"])
    works.chenjing.approves(name)
    return name


def test_a_copy_is_out_when_the_head_of_the_issuing_department_has_approved_it(works: Company) -> None:
    document_name = document(works, "LX-CX-2019-06")
    released(works, document_name)
    asked = works.dongmei.enters("Document Copy", document=document_name, copy_number="11", holder="营销部")
    assert (asked["state"], works.asked(asked["name"])) == ("Requested", ["chenjing"])
    with refused("审批"):
        works.dongmei.changes("Document Copy", asked["name"], approval="Issued")
    assert "尚未批准领用" in works.dongmei.prints("Document Copy", asked["name"])
    works.chenjing.approves(asked["name"])
    assert works.dongmei.reads("Document Copy", asked["name"])["state"] == "Out"
    refusal = works.dongmei.enters("Document Copy", document=document_name, copy_number="12", holder="财务部")["name"]
    works.chenjing.rejects(refusal, "财务部不使用此文件")
    assert works.dongmei.reads("Document Copy", refusal)["state"] == "Refused"


def test_copies_are_issued_of_approved_documents_replaced_by_rule_and_in_before_the_next_version(works: Company) -> None:
    name = document(works, "LX-CX-2019-07")
    copy = {"copy_number": "05", "holder": "客服部"}
    with refused("不能发放", "S06-10"):
        works.dongmei.enters("Document Copy", document=name, **copy)
    released(works, name)
    first = issued(works, name, **copy)
    with refused("分发编号不变"):
        works.dongmei.enters("Document Copy", document=name, reason="Damaged", replaces=first, **copy)
    works.dongmei.changes("Document Copy", first, returned_on=date(2026, 6, 15))
    second = issued(works, name, reason="Damaged", replaces=first, **copy)
    with refused("新的分发编号"):
        works.dongmei.enters("Document Copy", document=name, reason="Lost", replaces=second, **copy)

    changes = [{"revision": "A/1", "content": "增加回访要求"}]
    successor = document(works, "LX-CX-2019-07", revision="A/1", replaces=name, changes=changes)
    with refused("1 份未收回", "05", "S06-06"):
        released(works, successor, effective_on=date(2026, 6, 15))
    works.dongmei.changes("Document Copy", second, returned_on=date(2026, 6, 15))
    made = works.dongmei.takes("Release", "Controlled Document", successor, effective_on=date(2026, 6, 15))
    assert made["docstatus"] == 1


def test_a_change_goes_to_the_original_approver_and_another_one_gets_the_background(works: Company) -> None:
    name = document(works, "LX-CX-2019-08")
    released(works, name)
    asked = {"document": name, "change": "增加回访", "reason": "客户要求"}
    own = works.dongmei.enters("Document Change Request", **asked)["name"]
    works.dongmei.takes("Send", "Document Change Request", own)
    assert works.asked(own) == ["yuanfei"]
    elsewhere = {**asked, "approver_kind": "Other", "approving_department": "质量部"}
    with refused("背景资料", "S06-05"):
        works.dongmei.enters("Document Change Request", **elsewhere)
    background = works.dongmei.uploads("背景.png", PNG)
    other = works.dongmei.enters("Document Change Request", **elsewhere, background=background)["name"]
    works.dongmei.takes("Send", "Document Change Request", other)
    assert works.asked(other) == ["qianli"]
    works.qianli.approves(other)
    assert works.dongmei.reads("Document Change Request", other)["docstatus"] == 1


def test_a_change_of_a_department_document_goes_to_the_head_of_that_department(works: Company) -> None:
    name = document(works, "LX-BM-09", "Department", department="科技部")
    works.dongmei.takes("Send", "Controlled Document", name)
    works.zhoumin.approves(name)
    works.dongmei.takes("Release", "Controlled Document", name)
    change = works.dongmei.enters("Document Change Request", document=name, change="新增附表", reason="审核意见")["name"]
    works.dongmei.takes("Send", "Document Change Request", change)
    assert works.asked(change) == ["zhoumin"]
