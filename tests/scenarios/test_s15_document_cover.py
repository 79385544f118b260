"""S15 Cover and change page of the service control procedure: printed from the record of the document.

Dong Mei (董梅) the document clerk, Yuan Fei (袁飞) the management representative.
"""

from __future__ import annotations

from datetime import date
from typing import Any

from scenario_company import Company

DOCUMENT = "Controlled Document"


def released(works: Company, **values: Any) -> dict[str, Any]:
    given = {"document_title": "售后服务控制程序", "document_type": "Procedure", "department": "客服部"}
    name = works.dongmei.enters(DOCUMENT, **given | values)["name"]
    works.dongmei.takes("Send", DOCUMENT, name)
    works.yuanfei.approves(name)
    return works.dongmei.takes("Release", DOCUMENT, name)


# S15-01: cover, change control page, distribution list


def test_cover_and_change_control_page_are_printed_from_the_document(works: Company) -> None:
    scope = [{"department": name} for name in ("客服部", "营销部")]
    lines = [{"revision": "A/0", "chapter": "全文", "page": "1-7", "changed_on": date(2026, 6, 1), "content": "首次发布"}]
    record = released(works, changes=lines, distribution=scope)
    page = works.dongmei.prints(DOCUMENT, record["name"])
    for text in ("售后服务控制程序", "编制", "审核", "批准", "分发号", "更改控制页", "首次发布", "1-7", "营销部", "2026-06-15"):
        assert text in page
    assert page.index("更改控制页") < page.index("文件发放范围") < page.index("签收") < page.index("营销部", page.index("签收"))


def test_the_distribution_names_the_copies_that_were_issued_and_who_received_them(works: Company) -> None:
    scope = [{"department": name} for name in ("客服部", "营销部")]
    name = released(works, distribution=scope)["name"]
    given = {"copy_number": "21", "holder": "营销部", "receiver": "shenjie"}
    copy = works.dongmei.enters("Document Copy", document=name, **given)
    assert "21" not in works.dongmei.prints(DOCUMENT, name).partition("文件发放范围")[2]  # asked for, not given out
    works.chenjing.approves(copy["name"])
    works.shenjie.approves(copy["name"], "已收到")

    page = works.dongmei.prints(DOCUMENT, name)

    listed = page[page.index("文件发放范围") :]
    assert (
        listed.index("客服部")
        < listed.index("营销部")
        < listed.index("21", listed.index("营销部"))
        < listed.index("沈洁")
        < listed.index("2026-06-15")
    )


def test_a_document_without_a_distribution_says_so(works: Company) -> None:
    page = works.dongmei.prints(DOCUMENT, released(works)["name"])
    assert "未规定发放范围" in page
