"""S11 Service control: the service mode follows from the problem, customers get the new version of what they hold, and a
corrective action is closed by quality only (which stands with S13-08).

Wang Fang (王芳) of customer service, Dong Mei (董梅) the document clerk, Zhou Min (周敏) the technology manager.
"""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from scenario_company import Company, refused, ticket

DOCUMENT, COPY, UPDATE = "Controlled Document", "Document Copy", "Customer Document Update"


# S11-01: the service mode follows from the problem


@pytest.mark.parametrize(("kind", "mode"), [("Fault", "On Site"), ("Maintenance", "Visit"), ("Consultation", "Consultation")])
def test_the_service_mode_is_proposed_from_the_problem(works: Company, kind: str, mode: str) -> None:
    assert ticket(works, request_type=kind)["service_mode"] == mode


# S11-02: customers who hold a technical document get the new version


def manual(works: Company, title: str) -> dict[str, Any]:
    given = {"document_title": title, "document_type": "Technical", "department": "科技部"}
    return works.dongmei.enters(DOCUMENT, **given)


def released(works: Company, name: str) -> None:
    works.dongmei.takes("Send", DOCUMENT, name)
    works.zhoumin.approves(name)
    works.dongmei.takes("Release", DOCUMENT, name)


def test_a_new_version_of_a_technical_document_opens_one_task_for_each_customer_who_has_it(works: Company) -> None:
    old = manual(works, "MC250 使用维护手册")
    released(works, old["name"])
    holders = ["市二院", "市二院", "云河口腔", "航达精密"]
    copies = [
        works.dongmei.enters(COPY, document=old["name"], copy_number=f"K{n}", customer=works.customers[holder])["name"]
        for n, holder in enumerate(holders)
    ]
    for copy in copies:
        works.zhoumin.approves(copy)
    works.dongmei.changes(COPY, copies[3], returned_on=date(2026, 6, 15))  # 航达精密 gave theirs back
    made = works.dongmei.makes(DOCUMENT, DOCUMENT, old["name"], revision="A/1")
    line = {"revision": "A/1", "changed_on": date(2026, 6, 15), "content": "门锁检查周期改为每周"}
    works.dongmei.changes(DOCUMENT, made["name"], changes=[line], effective_on=date(2026, 6, 15))
    change = works.dongmei.enters("Document Change Request", document=old["name"], change="门锁", reason="客户反馈")["name"]
    works.dongmei.takes("Send", "Document Change Request", change)
    works.zhoumin.approves(change)
    released(works, made["name"])
    rows = works.site.queries.list(
        works.wangfang.user, UPDATE, filters=[("document", "=", made["name"])], fields=["name", "customer", "revision"]
    ).rows
    assert sorted((row["customer"], row["revision"]) for row in rows) == sorted(
        (works.customers[holder], "A/1") for holder in ("市二院", "云河口腔")
    )
    task = rows[0]["name"]
    assert [item.obligation.rule for item in works.wangfang.inbox(task)] == ["document-update-due"]
    with refused("旧版", "S11-02"):
        works.wangfang.changes(UPDATE, task, updated_on=date(2026, 6, 15))
    done = {"contacted_on": date(2026, 6, 15), "contact": "谢军", "old_copy": "Returned", "updated_on": date(2026, 6, 15)}
    assert works.wangfang.changes(UPDATE, task, **done)["status"] == "Updated"
    assert works.wangfang.inbox(task) == []


# S11-02, S06-07: the list of who holds which copy


def test_the_distribution_list_names_each_holder_and_what_came_back(works: Company) -> None:
    record = manual(works, "MC250 电气图册")
    released(works, record["name"])
    at_customer = works.dongmei.enters(
        COPY, document=record["name"], copy_number="K1", customer=works.customers["市二院"], received_by="梁静"
    )["name"]
    at_home = works.dongmei.enters(COPY, document=record["name"], copy_number="01", holder="客服部", receiver="wangfang")[
        "name"
    ]
    works.dongmei.enters(
        COPY, document=record["name"], copy_number="02", holder="质量部", receiver="qianli"
    )  # asked for, not issued
    for copy in (at_customer, at_home):
        [approver] = works.asked(copy)
        works.person(approver).approves(copy)
    works.dongmei.changes(COPY, at_home, returned_on=date(2026, 6, 15))
    rows = works.dongmei.runs("document-distribution", document=record["name"]).rows
    assert [(row["copy_number"], row["received_by"], row["state"]) for row in rows] == [
        ("01", None, "Returned"), ("K1", "梁静", "Out"),
    ]  # fmt: skip
