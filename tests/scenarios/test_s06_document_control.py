"""S06, S15, S05-01: how a document is numbered, what its cover says, and who has the list of what is in force.

Dong Mei (董梅) the document clerk, Yuan Fei (袁飞) the management representative.
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
    works.yuanfei.approves(record["name"])
    return works.dongmei.submits(DOCUMENT, record["name"])


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
    works.yuanfei.approves(made["name"])
    with refused("更改记录", "A/1", "S05-01"):
        works.dongmei.submits(DOCUMENT, made["name"])
    line = {"revision": "A/1", "chapter": "4.2", "changed_on": date(2026, 6, 15), "content": "24 小时内答复"}
    logged = works.dongmei.changes(DOCUMENT, made["name"], changes=[line])
    if works.yuanfei.inbox(logged["name"]):
        works.yuanfei.approves(logged["name"])
    assert works.dongmei.submits(DOCUMENT, made["name"])["issued_on"] == date(2026, 6, 15)
    assert works.dongmei.enters(COPY, **again)["document_number"] == "LX-CX-2019-31"


# S06-04, S15-01: cover, stamp, change control page


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


def test_cover_and_change_control_page_are_printed_from_the_document(works: Company) -> None:
    scope = [{"department": name} for name in ("客服部", "营销部")]
    lines = [{"revision": "A/0", "chapter": "全文", "page": "1-7", "changed_on": date(2026, 6, 1), "content": "首次发布"}]
    record = released(works, document(works, "售后服务控制程序", changes=lines, distribution=scope))
    page = works.dongmei.prints(DOCUMENT, record["name"])
    for text in ("售后服务控制程序", "编制", "审核", "批准", "分发号", "更改控制页", "首次发布", "1-7", "营销部", "2026-06-15"):
        assert text in page


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
