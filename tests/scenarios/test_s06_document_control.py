"""S06, S05-01, S13-10: how a document is numbered, what its cover says, and who has the list of what is in force.

Dong Mei (董梅) the document clerk, Yuan Fei (袁飞) the management representative, Zhang Jianguo (张建国) the general manager; Shen Jie
(沈洁), Qian Li (钱立) and He Jun (何军) head the departments that countersign.
"""

from __future__ import annotations

from datetime import date
from typing import Any

from scenario_company import Company, refused

DOCUMENT, COPY = "Controlled Document", "Document Copy"


def document(works: Company, title: str, kind: str = "Procedure", **values: Any) -> dict[str, Any]:
    given = {"document_title": title, "document_type": kind, "department": "客服部"}
    return works.dongmei.enters(DOCUMENT, **given | values)


def released(works: Company, record: dict[str, Any]) -> dict[str, Any]:
    works.dongmei.takes("Send", DOCUMENT, record["name"])
    works.yuanfei.approves(record["name"])
    return works.dongmei.takes("Release", DOCUMENT, record["name"])


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
    again = {"document": old["name"], "copy_number": "01", "holder": "客服部"}
    with refused("LX-CX-2019-31", "A/0"):
        document(works, "抄来的程序", document_number="LX-CX-2019-31")
    made = works.dongmei.makes(DOCUMENT, DOCUMENT, old["name"], revision="A/1")
    assert (made["document_number"], made["replaces"]) == ("LX-CX-2019-31", old["name"])
    with refused("更改记录", "A/1", "S05-01"):
        released(works, made)
    line = {"revision": "A/1", "chapter": "4.2", "changed_on": date(2026, 6, 15), "content": "24 小时内答复"}
    works.dongmei.changes(DOCUMENT, made["name"], changes=[line])
    assert released(works, made)["issued_on"] == date(2026, 6, 15)
    assert works.dongmei.enters(COPY, **again)["document_number"] == "LX-CX-2019-31"


# S05-01: the chosen departments countersign at the same time


def test_every_chosen_department_countersigns_before_the_approval(works: Company) -> None:
    chosen = [{"department": name} for name in ("营销部", "质量部", "机加车间", "电气部")]
    name = document(works, "交付和服务控制程序", countersign_departments=chosen)["name"]
    works.dongmei.takes("Send", DOCUMENT, name)
    # the workshop has no head, the department above it has; there is nobody for 电气部: the management representative steps in
    assert sorted(works.asked(name)) == ["hejun", "qianli", "shenjie", "yuanfei"]
    for person in (works.shenjie, works.qianli, works.hejun):
        person.approves(name)
    assert works.dongmei.reads(DOCUMENT, name)["workflow_state"] == "In Approval"
    works.yuanfei.approves(name)  # for 电气部
    assert works.asked(name) == ["yuanfei"]  # the approval itself
    works.yuanfei.approves(name)
    assert works.dongmei.takes("Release", DOCUMENT, name)["docstatus"] == 1


def test_one_department_that_refuses_sends_the_document_back(works: Company) -> None:
    chosen = [{"department": name} for name in ("营销部", "质量部")]
    name = document(works, "退货程序", countersign_departments=chosen)["name"]
    works.dongmei.takes("Send", DOCUMENT, name)
    works.shenjie.rejects(name, "退款期限不妥")
    assert works.dongmei.reads(DOCUMENT, name)["workflow_state"] == "Draft"
    assert works.asked(name) == []


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
    copy = works.dongmei.enters(COPY, document=record["name"], copy_number="05", holder="客服部")["name"]
    page = works.dongmei.prints(COPY, copy)
    for text in ("受控文件", "分发编号:05", "派工程序", record["document_number"], "A/0", "客服部"):
        assert text in page
    free = released(works, document(works, "服务宣传册", control="Uncontrolled"))
    copy = works.dongmei.enters(COPY, document=free["name"], copy_number="06", holder="客服部")["name"]
    page = works.dongmei.prints(COPY, copy)
    assert "非受控" in page
    assert "受控文件" not in page.replace("受控文件封面", "")


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
