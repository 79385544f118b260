"""S06 Service documents: approved by their type, numbered, issued in numbered copies, changed by the original approver, withdrawn.

Dong Mei (董梅) the document clerk, Yuan Fei (袁飞) the management representative, Zhang Jianguo (张建国) the general manager; Chen Jing
(陈静), Zhou Min (周敏), Qian Li (钱立) and He Jun (何军) head departments.
"""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from scenario_company import PNG, Company, refused

DOCUMENT, COPY, LOAN, CHANGE = "Controlled Document", "Document Copy", "Document Loan", "Document Change Request"
TODAY = date(2026, 6, 15)


def document(works: Company, title: str = "售后服务程序", kind: str = "Procedure", **values: Any) -> dict[str, Any]:
    given = {"document_title": title, "document_type": kind, "department": "客服部"}
    return works.dongmei.enters(DOCUMENT, **given | values)


def released(works: Company, record: dict[str, Any], **values: Any) -> dict[str, Any]:
    """The document as it is once the management representative has approved it and the clerk releases it."""
    works.dongmei.takes("Send", DOCUMENT, record["name"])
    works.yuanfei.approves(record["name"])
    return works.dongmei.takes("Release", DOCUMENT, record["name"], **values)


def issued(works: Company, document: str, **values: Any) -> str:
    """A copy that the clerk asks for and the head of the issuing department approves."""
    name = str(works.dongmei.enters(COPY, document=document, **values)["name"])
    works.chenjing.approves(name)
    return name


def change_approved(works: Company, of: str) -> None:
    """The management representative approves the request to change a procedure."""
    name = works.dongmei.enters(CHANGE, document=of, change="答复时限", reason="客户要求")["name"]
    works.dongmei.takes("Send", CHANGE, name)
    works.yuanfei.approves(name)


# S06-01, S06-03: approved by their type


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
    name = document(works, kind=kind, document_number=f"LX-{kind}-{department}", department=department)["name"]
    with refused("S06-03"):
        works.dongmei.submits(DOCUMENT, name)
    works.dongmei.takes("Send", DOCUMENT, name)
    for login in asked:
        assert works.asked(name) == [login]
        works.person(login).approves(name)
    assert works.dongmei.takes("Release", DOCUMENT, name)["docstatus"] == 1


# S06-02: the number follows the type, without gaps


def test_documents_are_numbered_by_their_type_without_gaps(works: Company) -> None:
    first = document(works, "备件供应程序")["document_number"]
    document(works, "备件价格表", "Record Form")
    second = document(works, "回访程序")["document_number"]
    assert first.startswith("LX-CX-2026-")
    assert int(second[-2:]) == int(first[-2:]) + 1
    form = document(works, "回访记录", "Record Form")["document_number"]
    assert form.startswith("LX-R-")
    assert document(works, "检修作业指导书", "Technical")["document_number"].startswith("LX-JS-2026-")


def test_the_manual_has_one_number_a_year(works: Company) -> None:
    assert document(works, "服务管理手册", "Manual")["document_number"] == "LX-SH-2026"
    with refused("LX-SH-2026", "已用于", "S06-02"):
        document(works, "另一手册", "Manual")


def test_a_new_version_keeps_the_number_and_logs_what_it_changed(works: Company) -> None:
    old = released(works, document(works, "投诉处理程序", document_number="LX-CX-2019-31"))
    again = {"document": old["name"], "copy_number": "01", "holder": "客服部", "receiver": "wangfang"}
    with refused("LX-CX-2019-31", "A/0"):
        document(works, "抄来的程序", document_number="LX-CX-2019-31")
    made = works.dongmei.makes(DOCUMENT, DOCUMENT, old["name"], revision="A/1")
    assert (made["document_number"], made["replaces"]) == ("LX-CX-2019-31", old["name"])
    with refused("更改记录", "A/1", "S05-01"):
        released(works, made)
    line = {"revision": "A/1", "chapter": "4.2", "changed_on": TODAY, "content": "24 小时内答复"}
    works.dongmei.changes(DOCUMENT, made["name"], changes=[line])
    change_approved(works, old["name"])
    assert released(works, made)["issued_on"] == TODAY
    assert works.dongmei.enters(COPY, **again)["document_number"] == "LX-CX-2019-31"


# S13-10: prepared, reviewed and approved by three different people


def test_the_manual_is_prepared_reviewed_and_approved_by_three_people(works: Company) -> None:
    given = {
        "document_title": "售后服务评价手册",
        "document_type": "Manual",
        "department": "总经办",
        "document_number": "SQM-01-A0",
    }
    name = works.yuanfei.enters(DOCUMENT, **given)["name"]
    with refused("本人送审", "S13-10"):
        works.dongmei.takes("Send", DOCUMENT, name)
    works.yuanfei.takes("Send", DOCUMENT, name)
    assert works.asked(name) == ["qianli"]  # the management representative, who reviews manuals, wrote this one
    works.qianli.approves(name)
    assert works.asked(name) == ["zhangjianguo"]
    works.zhangjianguo.approves(name)
    assert works.dongmei.takes("Release", DOCUMENT, name)["docstatus"] == 1


# S06-04: cover and stamp


def test_the_cover_of_a_copy_bears_the_stamp_and_the_copy_number(works: Company) -> None:
    record = released(works, document(works, "派工程序"))
    copy = works.dongmei.enters(COPY, document=record["name"], copy_number="05", holder="客服部", receiver="wangfang")["name"]
    page = works.dongmei.prints(COPY, copy)
    for text in ("受控文件", "分发编号:05", "派工程序", record["document_number"], "A/0", "客服部"):
        assert text in page
    free = released(works, document(works, "服务宣传册", control="Uncontrolled"))
    copy = works.dongmei.enters(COPY, document=free["name"], copy_number="06", holder="客服部", receiver="wangfang")["name"]
    page = works.dongmei.prints(COPY, copy)
    assert "非受控" in page
    assert "受控文件" not in page.replace("受控文件封面", "")


# S06-06, S06-07, S06-08, S06-10: copies are issued, returned, replaced


def test_a_copy_is_out_when_the_head_of_the_issuing_department_has_approved_it(works: Company) -> None:
    document_name = released(works, document(works))["name"]
    asked = works.dongmei.enters(COPY, document=document_name, copy_number="11", holder="营销部", receiver="shenjie")
    assert (asked["state"], works.asked(asked["name"])) == ("Requested", ["chenjing"])
    assert asked["copy_title"] == "售后服务程序 11"
    with refused("审批"):
        works.dongmei.changes(COPY, asked["name"], approval="Issued")
    assert "尚未批准领用" in works.dongmei.prints(COPY, asked["name"])
    works.chenjing.approves(asked["name"])
    assert works.dongmei.reads(COPY, asked["name"])["state"] == "Out"
    refusal = works.dongmei.enters(COPY, document=document_name, copy_number="12", holder="财务部", receiver="qianying")["name"]
    works.chenjing.rejects(refusal, "财务部不使用此文件")
    assert works.dongmei.reads(COPY, refusal)["state"] == "Refused"


def test_copies_are_issued_of_approved_documents_replaced_by_rule_and_in_before_the_next_version(works: Company) -> None:
    first_version = document(works, document_number="LX-CX-2019-07")
    name = first_version["name"]
    copy = {"copy_number": "05", "holder": "客服部", "receiver": "wangfang"}
    with refused("不能发放", "S06-10"):
        works.dongmei.enters(COPY, document=name, **copy)
    released(works, first_version)
    first = issued(works, name, **copy)
    with refused("分发编号不变"):
        works.dongmei.enters(COPY, document=name, reason="Damaged", replaces=first, **copy)
    works.dongmei.changes(COPY, first, returned_on=TODAY)
    second = issued(works, name, reason="Damaged", replaces=first, **copy)
    with refused("新的分发编号"):
        works.dongmei.enters(COPY, document=name, reason="Lost", replaces=second, **copy)

    changes = [{"revision": "A/1", "content": "增加回访要求"}]
    successor = document(works, document_number="LX-CX-2019-07", revision="A/1", replaces=name, changes=changes)
    change_approved(works, name)
    with refused("1 份未收回", "05", "S06-06"):
        released(works, successor, effective_on=TODAY)
    works.dongmei.changes(COPY, second, returned_on=TODAY)
    made = works.dongmei.takes("Release", DOCUMENT, successor["name"], effective_on=TODAY)
    assert made["docstatus"] == 1


# S06-11: the receiver acknowledges the copy


def test_the_receiver_acknowledges_the_copy_in_person(works: Company) -> None:
    name = released(works, document(works))["name"]
    copy = issued(works, name, copy_number="21", holder="营销部", receiver="shenjie")
    assert (works.asked(copy), works.dongmei.reads(COPY, copy)["received_on"]) == (["shenjie"], None)
    works.passes(days=1)
    works.shenjie.approves(copy, "已收到，旧版无")
    record = works.dongmei.reads(COPY, copy)
    assert (record["approval"], record["state"], record["received_on"]) == ("Received", "Out", date(2026, 6, 16))
    works.dongmei.changes(COPY, copy, returned_on=date(2026, 6, 17))  # what was acknowledged stays so
    assert works.dongmei.reads(COPY, copy)["approval"] == "Received"


def test_a_copy_that_its_receiver_declines_is_not_out(works: Company) -> None:
    name = released(works, document(works))["name"]
    copy = issued(works, name, copy_number="22", holder="财务部", receiver="qianying")
    works.qianying.rejects(copy, "缺第 3 页")
    assert works.dongmei.reads(COPY, copy)["state"] == "Refused"


# S06-12, S06-13: documents are borrowed, copied, brought back


def borrowed(works: Company, of: str, **values: Any) -> str:
    """Li Qiang asks for the document for a week."""
    asked = {"document": of, "purpose": "现场排故参考", "due_on": date(2026, 6, 22)}
    name = str(works.liqiang.enters(LOAN, **asked | values)["name"])
    works.liqiang.takes("Ask", LOAN, name)
    return name


def test_a_document_is_lent_with_approval_and_chased_when_it_is_late(works: Company) -> None:
    of = released(works, document(works))["name"]
    copy = issued(works, of, copy_number="00", holder="总经办", receiver="dongmei")
    works.dongmei.approves(copy)
    name = borrowed(works, of)
    assert works.asked(name) == ["chenjing"]
    works.chenjing.approves(name)
    assert sorted(works.asked(name)) == ["dongmei", "liqiang"]  # to hand it out; to bring it back
    works.dongmei.changes(LOAN, name, lent_copy=copy)
    assert works.asked(name) == ["liqiang"]
    second = borrowed(works, of)
    works.chenjing.approves(second)
    with refused("已借给", "S06-12"):
        works.dongmei.changes(LOAN, second, lent_copy=copy)
    with refused("须登记归还日期", "S06-12"):
        works.dongmei.takes("Close", LOAN, name)
    works.passes(days=7, hours=14, minutes=59)  # the last minute of the day
    assert works.obligations(LOAN, name, "document-loan-due")[0].state == "open"
    works.passes(minutes=1)
    assert works.obligations(LOAN, name, "document-loan-due")[0].state == "escalated"
    back = {"returned_on": date(2026, 6, 24), "condition_returned": "Complete"}
    assert works.dongmei.takes("Close", LOAN, name, **back)["workflow_state"] == "Closed"
    assert works.obligations(LOAN, name, "document-loan-due")[0].state == "met"
    assert works.asked(name) == []


@pytest.mark.parametrize(
    ("due", "refusal"), [(date(2026, 7, 15), False), (date(2026, 7, 16), True)], ids=["30 days", "31 days"]
)
def test_a_loan_lasts_thirty_days_at_most(works: Company, due: date, refusal: bool) -> None:
    of = released(works, document(works))["name"]
    if refusal:
        with refused("30 天以内", "S06-12"):
            borrowed(works, of, due_on=due)
    else:
        assert borrowed(works, of, due_on=due)


def test_nothing_leaves_the_company_without_the_management_representative(works: Company) -> None:
    name = borrowed(works, released(works, document(works))["name"], outside=1)
    works.chenjing.approves(name)
    assert works.asked(name) == ["yuanfei"]
    works.yuanfei.rejects(name, "技术资料不外借")
    assert works.dongmei.reads(LOAN, name)["workflow_state"] == "Refused"


def test_what_was_copied_gets_a_number(works: Company) -> None:
    of = released(works, document(works))["name"]
    name = borrowed(works, of, kind="Copy", due_on=None)
    works.chenjing.approves(name)
    with refused("登记分发编号", "S06-13"):
        works.dongmei.takes("Close", LOAN, name)
    made = issued(works, of, copy_number="31", holder="工艺设备部", receiver="liqiang")
    assert works.dongmei.takes("Close", LOAN, name, made_copy=made)["workflow_state"] == "Closed"


def test_an_obsolete_document_is_not_lent(works: Company) -> None:
    name = document(works)["name"]
    with refused("不能借阅", "S06-12"):
        borrowed(works, name)


# S06-05: changes


def test_a_change_goes_to_the_original_approver_and_another_one_gets_the_background(works: Company) -> None:
    name = released(works, document(works))["name"]
    asked = {"document": name, "change": "增加回访", "reason": "客户要求"}
    own = works.dongmei.enters(CHANGE, **asked)["name"]
    works.dongmei.takes("Send", CHANGE, own)
    assert works.asked(own) == ["yuanfei"]
    elsewhere = {**asked, "approver_kind": "Other", "approving_department": "质量部"}
    with refused("背景资料", "S06-05"):
        works.dongmei.enters(CHANGE, **elsewhere)
    background = works.dongmei.uploads("背景.png", PNG)
    other = works.dongmei.enters(CHANGE, **elsewhere, background=background)["name"]
    works.dongmei.takes("Send", CHANGE, other)
    assert works.asked(other) == ["qianli"]
    works.qianli.approves(other)
    assert works.dongmei.reads(CHANGE, other)["docstatus"] == 1


def test_a_change_of_a_department_document_goes_to_the_head_of_that_department(works: Company) -> None:
    name = document(works, kind="Department", department="科技部")["name"]
    works.dongmei.takes("Send", DOCUMENT, name)
    works.zhoumin.approves(name)
    works.dongmei.takes("Release", DOCUMENT, name)
    change = works.dongmei.enters(CHANGE, document=name, change="新增附表", reason="审核意见")["name"]
    works.dongmei.takes("Send", CHANGE, change)
    assert works.asked(change) == ["zhoumin"]


# S06-17: a new version comes from an approved change


def test_a_document_is_changed_on_an_approved_request_only(works: Company) -> None:
    old = released(works, document(works, "备件供应规定"))["name"]
    line = {"revision": "A/1", "changed_on": TODAY, "content": "答复时限"}
    new = works.dongmei.makes(DOCUMENT, DOCUMENT, old, revision="A/1", changes=[line])["name"]
    asked = works.dongmei.enters(CHANGE, document=old, change="答复时限", reason="客户要求")["name"]
    works.dongmei.takes("Send", CHANGE, asked)
    with refused("文件更改申请", "A/0", "S06-17"):
        works.dongmei.takes("Send", DOCUMENT, new)
    works.yuanfei.approves(asked)
    assert works.dongmei.takes("Send", DOCUMENT, new)["workflow_state"] == "In Approval"
    page = works.dongmei.prints(CHANGE, asked)
    assert all(text in page for text in ("文件更改申请", "答复时限", "客户要求", "袁飞"))


# S06-14, S06-15: documents of external origin

STANDARD = {
    "document_title": "商品售后服务评价体系", "document_type": "External", "department": "客服部", "revision": "2011",
    "issuer": "国家标准化管理委员会", "external_number": "GB/T 27922-2011", "received_on": TODAY,
}  # fmt: skip


def test_an_external_document_is_identified_approved_and_issued_in_numbered_copies(works: Company) -> None:
    with refused("原文件号", "发布单位"):
        document(works, **STANDARD | {"issuer": None, "external_number": None})
    record = document(works, **STANDARD)
    assert record["document_number"].startswith("LX-WL-2026-")
    works.dongmei.takes("Send", DOCUMENT, record["name"])
    assert works.asked(record["name"]) == ["chenjing"]
    works.chenjing.approves(record["name"])
    works.dongmei.takes("Release", DOCUMENT, record["name"])
    copy = issued(works, record["name"], copy_number="01", holder="质量部", receiver="qianli")
    assert works.dongmei.reads(COPY, copy)["state"] == "Out"
    change = works.dongmei.enters(CHANGE, document=record["name"], change="改为非受控", reason="已有新版")["name"]
    works.dongmei.takes("Send", CHANGE, change)
    assert works.asked(change) == ["chenjing"]
    page = works.dongmei.prints(DOCUMENT, record["name"])
    assert all(text in page for text in ("核对有效", "批准使用", "GB/T27922-2011"))
    assert "编制" not in page  # it was written elsewhere
    [row] = works.dongmei.runs("external-document-list", issuer="国家标准化管理委员会").rows
    assert (row["external_number"], row["next_check_on"]) == ("GB/T 27922-2011", date(2027, 6, 15))


def test_an_external_document_is_checked_for_its_edition_every_year(works: Company) -> None:
    record = document(works, **STANDARD | {"external_number": "GB/T 19012-2019", "received_on": date(2025, 6, 20)})
    works.dongmei.takes("Send", DOCUMENT, record["name"])
    works.chenjing.approves(record["name"])
    works.dongmei.takes("Release", DOCUMENT, record["name"])
    [owed] = works.obligations(DOCUMENT, record["name"], "external-document-check")
    assert (owed.owed_by_role, owed.due_at.date()) == ("Document Clerk", date(2026, 6, 20))
    works.dongmei.changes(DOCUMENT, record["name"], checked_on=TODAY)
    [owed] = works.obligations(DOCUMENT, record["name"], "external-document-check")
    assert (owed.state, owed.due_at.date()) == ("open", date(2027, 6, 15))
    works.dongmei.changes(DOCUMENT, record["name"], obsolete=1, obsolete_reason="新版代替")
    [owed] = works.obligations(DOCUMENT, record["name"], "external-document-check")
    assert owed.state == "void"


# S06-16: destruction

DESTRUCTION = "Document Destruction"


def destruction(works: Company, *items: dict[str, Any]) -> str:
    record = works.dongmei.enters(DESTRUCTION, subject="作废文件清理", department="客服部", items=list(items))
    return str(record["name"])


def test_a_withdrawn_document_is_destroyed_with_approval_before_a_witness(works: Company) -> None:
    of = released(works, document(works, "旧版派工规定"))["name"]
    with refused("未作废", "S06-16"):
        destruction(works, {"document": of})
    works.yuanfei.changes(DOCUMENT, of, obsolete=1, obsolete_reason="并入新制度")
    name = destruction(works, {"document": of, "pieces": 2})
    works.dongmei.takes("Send", DESTRUCTION, name)
    assert works.asked(name) == ["chenjing"]
    works.chenjing.approves(name)
    with refused("监销人", "S06-16"):
        works.dongmei.takes("Destroy", DESTRUCTION, name)
    done = {"method": "Shredded", "destroyed_on": TODAY, "destroyed_by": "dongmei"}
    with refused("销毁人以外的人", "S06-16"):
        works.dongmei.takes("Destroy", DESTRUCTION, name, witness="dongmei", **done)
    works.dongmei.takes("Destroy", DESTRUCTION, name, witness="qianli", **done)
    assert works.asked(name) == ["qianli"]
    works.qianli.approves(name)
    assert works.dongmei.reads(DESTRUCTION, name)["workflow_state"] == "Destroyed"
    page = works.dongmei.prints(DESTRUCTION, name)
    for text in ("文件销毁登记表", "旧版派工规定", "粉碎", "董梅", "陈静", "钱立"):
        assert text in page


def test_of_a_document_in_force_only_copies_that_are_in_are_destroyed(works: Company) -> None:
    of = released(works, document(works, "换版规定"))["name"]
    copy = issued(works, of, copy_number="41", holder="客服部", receiver="wangfang")
    with refused("尚未收回", "S06-16"):
        destruction(works, {"document": of, "copy": copy})
    works.dongmei.changes(COPY, copy, returned_on=TODAY)
    other = released(works, document(works, "另一规定"))["name"]
    with refused("不是该文件的"):
        destruction(works, {"document": other, "copy": copy})
    assert (
        works.dongmei.reads(DESTRUCTION, destruction(works, {"document": of, "copy": copy}))["items"][0]["copy_number"] == "41"
    )


# S06-09: the list of each department, and who hears of its changes


def test_the_list_shows_what_is_in_force_and_administration_hears_of_changes(works: Company) -> None:
    record = released(works, document(works, "仓库管理制度", "Regulation", department="仓储物流部"))
    listed = works.yuanfei.runs("controlled-document-list", department="仓储物流部").rows
    assert [row["document_number"] for row in listed] == [record["document_number"]]
    works.yuanfei.changes(DOCUMENT, record["name"], obsolete=1, obsolete_reason="并入新制度")
    assert works.yuanfei.runs("controlled-document-list", department="仓储物流部").rows == ()
    works.passes(minutes=1)
    heard = [text for text in works.dongmei.is_told() if "清单" in text and record["document_number"] in text]
    assert sorted("作废" in text for text in heard) == [False, True]
