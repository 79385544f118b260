"""The report builder: what one may build from, previews under one's own rights, reports kept private or shared."""

from __future__ import annotations

import copy
import json
import re
from collections.abc import Callable
from typing import Any

import pytest
from desk_tool_crib import LOAN, PASSWORD
from flask import Flask
from flask.testing import FlaskClient

from server.access.user import User
from server.core.errors import ValidationFailed
from server.exchange.packs import Source
from server.site import Site

REPORT: dict[str, Any] = {
    "doctype": "Report", "title": {"zh": "按类别", "en": "By kind"}, "ref_doctype": "Tool Loan", "order_by": "kind",
    "columns": ["kind", {"count": "name", "key": "n", "label": {"zh": "次数", "en": "Times"}}],
    "chart": {"type": "bar", "x": "kind", "y": ["n"]},
}  # fmt: skip
PRICED = REPORT | {"columns": ["kind", {"sum": "price"}], "chart": None}
BESIDE: dict[str, Any] = {"ref_doctype": "Tool Loan", "columns": [{"count": "name", "key": "k"}]}
BY_MONTH = REPORT | {
    "columns": [{"field": "lent_at", "by": "month", "key": "m"}, REPORT["columns"][1]],
    "order_by": "m",
    "chart": None,
}
PROBE = REPORT | {"where": [["price", ">", 5]]}
Signs = Callable[[str], FlaskClient]


@pytest.fixture(scope="module", autouse=True)
def lent(site: Site) -> None:
    """Lenders report on loans without their price, buyers with it; others report on nothing."""
    loan = copy.deepcopy(LOAN)
    loan["permissions"] = [
        {"role": "Lender", "read": 1, "write": 1, "create": 1, "report": 1, "export": 1},
        {"role": "Buyer", "read": 1, "report": 1}, {"role": "Buyer", "read": 1, "permlevel": 1}, {"role": "All", "read": 1},
    ]  # fmt: skip
    saved = next(source for source in site.read_packs().sources if source.name == "Saved Report")
    site.publisher.publish(site.publisher.propose([saved, Source("DocType", "loan", loan)]), "tests")
    administrator = User.administrator()
    for role in ("Lender", "Buyer"):
        site.documents.save(administrator, "Role", {"role_name": role})
    for login, roles in (("zhao", ["Lender"]), ("qian", ["Buyer"]), ("wu", [])):
        user = {"login": login, "full_name": login, "enabled": 1, "roles": [{"role": role} for role in roles]}
        site.documents.save(administrator, "User", user)
        site.accounts.set_password(login, PASSWORD)
    for kind in ("Gauge", "Gauge", "Cutter"):
        site.documents.save(administrator, "Tool Loan", {"tool": "t", "kind": kind, "qty": "1", "price": "9"})


@pytest.fixture
def signs(site: Site, app: Flask) -> Signs:
    """A browser without scripts in which somebody is signed in."""

    def sign(login: str) -> FlaskClient:
        browser = app.test_client()
        browser.set_cookie("sid", site.accounts.sign_in(login, PASSWORD, "127.0.0.1", "tests")[0])
        return browser

    return sign


def send(browser: FlaskClient, path: str, report: dict[str, Any], **more: Any) -> Any:
    csrf = re.search(r'name="csrf_token" value="([^"]+)"', browser.get("/").text)
    assert csrf is not None
    values = {"csrf_token": csrf[1], "content": json.dumps(report), **more}
    return browser.post(path, data=values, headers={"Accept": "application/json"})


def saved(browser: FlaskClient, report: dict[str, Any], **more: Any) -> str:
    answer = send(browser, "/reports/save", report, **more)
    assert answer.status_code == 200, answer.text
    return str(answer.json["name"])


def test_two_who_change_one_report_do_not_overwrite_each_other_unawares(signs: Signs) -> None:
    qian = signs("qian")
    name = saved(qian, PROBE)

    assert send(qian, "/reports/save", PROBE, name=name, version="1").status_code == 200
    refused = send(qian, "/reports/save", PROBE, name=name, version="0")

    assert refused.status_code == 409
    assert "另一个标签页" in refused.json["faults"][0]
    assert send(qian, "/reports/save", PROBE, name=name, version=refused.json["version"]).status_code == 200


def test_the_fields_offered_are_those_that_one_sees(signs: Signs) -> None:
    def paths(login: str) -> set[str]:
        groups = signs(login).get("/reports/fields/Tool Loan").json
        return {field["path"] for group in groups for field in group["fields"]}

    assert {"kind", "borrower.full_name", "parts.count", "creation"} <= paths("zhao")
    assert ("price" in paths("zhao"), "price" in paths("qian")) == (False, True)
    assert signs("wu").get("/reports/fields/Tool Loan").status_code == 403


def test_a_preview_is_what_its_maker_may_see(signs: Signs) -> None:
    assert "<svg" in send(signs("zhao"), "/reports/preview", REPORT).text
    assert "18.00" in send(signs("qian"), "/reports/preview", PRICED).text
    assert "18.00" not in send(signs("zhao"), "/reports/preview", PRICED).text
    assert "次数" not in send(signs("wu"), "/reports/preview", REPORT).text


def test_a_condition_finds_out_nothing_about_a_field_that_one_does_not_see(signs: Signs) -> None:
    said = send(signs("zhao"), "/reports/preview", PROBE).text

    assert "您无权查看该字段" in said
    assert "<table" not in said
    assert "<table" in send(signs("qian"), "/reports/preview", PROBE).text


def test_a_report_is_private_until_it_is_shared_and_nobody_sees_more_by_it(signs: Signs) -> None:
    qian, zhao = signs("qian"), signs("zhao")
    name = saved(qian, PROBE)
    assert zhao.get(f"/report/{name}").status_code == 404
    assert zhao.get(f"/api/resource/Saved Report/{name}").status_code == 403

    saved(qian, PROBE, name=name, role=["Lender"])

    assert "按类别" in zhao.get("/reports").text
    assert zhao.get(f"/report/{name}").status_code == 403, "its condition is over a price that lenders do not see"
    assert zhao.get(f"/report/{name}.xlsx").status_code == 403
    assert signs("wu").get(f"/report/{name}").status_code == 404


def test_one_format_for_builder_file_and_json(site: Site, signs: Signs) -> None:
    zhao = signs("zhao")
    name = saved(zhao, REPORT)

    record = site.documents.load(site.user("zhao"), "Saved Report", name)
    assert json.loads(record["content"]) == REPORT
    assert "Times" in zhao.get(f"/reports/build/{name}").text
    page = zhao.get(f"/report/{name}").text
    assert ("量具" in page, "<svg" in page, f"/reports/build/{name}" in page) == (True, True, True)
    published = {**REPORT, "name": "by-kind"}
    site.publisher.publish(site.publisher.propose([Source("Report", "by-kind", published)]), "tests")
    assert "量具" in zhao.get("/report/by-kind").text


@pytest.mark.parametrize(
    ("report", "said"),
    [
        (REPORT | {"columns": ["knid"]}, "knid"),
        (REPORT | {"columns": []}, "至少要有一列"),
        (REPORT | {"pivot": {"across": "kind", "values": [[]]}}, "pivot"),
        (REPORT | {"indicator": {"value": "n", "at_least": ""}}, "应为数字"),
        (REPORT | {"beside": [{"ref_doctype": "Tool Loan", "columns": 5}]}, "至少要有一列"),
        (REPORT | {"beside": [{**BESIDE, "match": {"kind": 5}}]}, "各值应为字段名"),
        (BY_MONTH | {"beside": [{**BESIDE, "match": {"m": "qty"}}]}, "不是日期"),
        (REPORT | {"title": ""}, "请填写名称"),
        (REPORT | {"ref_doctype": "Tool Scrapping", "columns": ["tool"], "chart": None, "order_by": ""}, "权限"),
    ],
)
def test_what_cannot_be_run_is_not_saved(signs: Signs, report: dict[str, Any], said: str) -> None:
    answer = send(signs("zhao"), "/reports/save", report)

    assert answer.status_code >= 400
    assert said in " ".join(answer.json["faults"])


def test_over_rest_a_saved_report_is_judged_the_same(signs: Signs, site: Site) -> None:
    values = {"title": "x", "ref_doctype": "Tool Loan", "content": json.dumps(REPORT | {"columns": ["knid"]})}

    for login, content, said in (("zhao", values["content"], "knid"), ("wu", json.dumps(REPORT), "no right to report on")):
        with pytest.raises(ValidationFailed) as refused:
            site.documents.save(site.user(login), "Saved Report", values | {"content": content})
        assert said in " ".join(refused.value.lines("en"))
