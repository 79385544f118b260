"""Dashboards: who sees which, tiles under the reader's rights, one broken tile alone, the first page of a role."""

from __future__ import annotations

import copy
import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import pytest
from desk_tool_crib import LOAN, PASSWORD
from flask import Flask
from flask.testing import FlaskClient

from server.access.permissions import Permissions
from server.access.user import User
from server.assets import builtin_pack
from server.core.errors import PermissionRefused, ValidationFailed
from server.exchange.packs import Source, read_packs
from server.exchange.reading import read_sources
from server.reporting.model import read_report
from server.site import Site

REPORT: dict[str, Any] = {
    "doctype": "Report", "name": "loans", "title": {"zh": "借用统计", "en": "Loans"}, "ref_doctype": "Tool Loan",
    "columns": ["kind", {"count": "name", "key": "n"}], "chart": {"type": "bar", "x": "kind", "y": "n"},
    "indicator": {"value": "n", "at_most": 5, "warn_at": 2}, "filters": ["kind"],
}  # fmt: skip
TILES: list[dict[str, Any]] = [
    {"kind": "Indicator", "report": "loans", "width": "Quarter"}, {"kind": "Chart", "report": "loans", "filters": "kind=Gauge"},
    {"kind": "Table", "report": "gone"}, {"kind": "Count", "document_type": "Tool Loan", "filters": "f=kind&o=%3D&v=Gauge"},
    {"kind": "Shortcut", "address": "/inbox", "label_zh": "待办", "label_en": "Inbox"},
]  # fmt: skip
Signs = Callable[[str], FlaskClient]


@pytest.fixture(scope="module", autouse=True)
def lent(site: Site) -> None:
    loan = copy.deepcopy(LOAN)
    loan["permissions"] = [{"role": "Lender", "read": 1, "write": 1, "create": 1, "report": 1}]
    names = ("Saved Report", "Dashboard", "Dashboard Tile")
    sources = [source for source in site.read_packs().sources if source.name in names]
    pieces = [*sources, Source("DocType", "loan", loan), Source("Report", "loans", dict(REPORT))]
    site.publisher.publish(site.publisher.propose(pieces), "tests")
    administrator = User.administrator()
    for role in ("Lender", "Guest", "System Manager"):
        site.documents.save(administrator, "Role", {"role_name": role})
    for login, roles in (("zhao", ["Lender"]), ("wu", ["Guest"])):
        user = {"login": login, "full_name": login, "enabled": 1, "roles": [{"role": role} for role in roles]}
        site.documents.save(administrator, "User", user)
        site.accounts.set_password(login, PASSWORD)
    for kind in ("Gauge", "Gauge", "Cutter"):
        site.documents.save(administrator, "Tool Loan", {"tool": "t", "kind": kind, "qty": "1"})


@pytest.fixture
def signs(site: Site, app: Flask) -> Signs:
    def sign(login: str) -> FlaskClient:
        browser = app.test_client()
        browser.set_cookie("sid", site.accounts.sign_in(login, PASSWORD, "127.0.0.1", "tests")[0])
        return browser

    return sign


def made(site: Site, *roles: str, **more: Any) -> str:
    values = {"title": "工具", "title_en": "Tools", "tiles": TILES, "shared_with": [{"role": role} for role in roles], **more}
    return site.documents.save(User.administrator(), "Dashboard", values).name


def tiles(browser: FlaskClient, name: str) -> list[str]:
    return [browser.get(f"/dashboard/{name}/tile/{number}").text for number in range(len(TILES))]


def test_a_tile_shows_what_its_reader_may_see_and_a_broken_one_breaks_nothing(site: Site, signs: Signs) -> None:
    name = made(site, "Lender", "Guest")

    indicator, chart, table, count, shortcut = tiles(signs("zhao"), name)
    assert ("light-amber" in indicator, "<strong>3</strong>" in indicator) == (True, True)
    assert ("<svg" in chart, "量具" in chart, "刀具" in chart) == (True, True, False)
    assert "没有报表“gone”" in table
    assert ">2</a>" in count
    assert 'href="/inbox"' in shortcut
    refused = tiles(signs("wu"), name)
    assert all("dash-broken" in tile for tile in refused[:4])
    assert "<strong>3" not in "".join(refused)
    whole = signs("zhao").get(f"/dashboard/{name}?all=1").text
    assert ('<svg class="chart' in whole, "没有报表“gone”" in whole, "待办" in whole) == (True, True, True)


def test_a_dashboard_is_its_owners_until_it_is_shared(site: Site, signs: Signs) -> None:
    own, shared = made(site), made(site, "Lender")

    assert [signs("zhao").get(f"/dashboard/{name}").status_code for name in (own, shared)] == [404, 200]
    assert [signs("wu").get(f"/dashboard/{name}").status_code for name in (own, shared)] == [404, 404]
    assert signs("zhao").get(f"/dashboard/{shared}/edit").status_code == 403


def test_the_first_page_of_a_role_is_set_by_an_administrator(site: Site, signs: Signs) -> None:
    zhao = site.user("zhao")
    with pytest.raises(PermissionRefused):
        site.documents.save(zhao, "Dashboard", {"title": "我的", "tiles": TILES, "home_of": [{"role": "Guest"}]})
    assert "data-dashboard" not in signs("wu").get("/").text

    name = made(site, "Lender", home_of=[{"role": "Lender"}])

    assert f"/dashboard/{name}/tile/0" in signs("zhao").get("/").text
    assert "data-dashboard" not in signs("wu").get("/").text


def test_two_who_draw_one_dashboard_do_not_overwrite_each_other_unawares(site: Site, signs: Signs) -> None:
    browser = signs("zhao")
    mine = site.documents.save(site.user("zhao"), "Dashboard", {"title": "我的", "tiles": TILES}).name
    page = browser.get(f"/dashboard/{mine}/edit").text
    csrf, version = (re.search(rf'"{key}": ?"?([^",}}]+)', page) for key in ("csrf", "version"))
    assert csrf
    assert version

    def save(title: str, version: object) -> Any:
        content = json.dumps({"title": title, "tiles": TILES})
        return browser.post(
            "/dashboard/save", data={"csrf_token": csrf[1], "name": mine, "content": content, "version": version}
        )

    assert save("一", version[1]).status_code == 200
    refused = save("二", version[1])
    assert refused.status_code == 409
    assert "另一个标签页" in refused.json["faults"][0]
    assert save("二", refused.json["version"]).status_code == 200


def test_a_drawn_dashboard_is_saved_and_wrong_tiles_are_named(site: Site, signs: Signs) -> None:
    browser = signs("zhao")
    csrf = re.search(r'name="csrf_token" value="([^"]+)"', browser.get("/").text)
    assert csrf is not None

    def save(rows: list[dict[str, Any]]) -> Any:
        content = json.dumps({"title": "新", "tiles": rows})
        return browser.post("/dashboard/save", data={"csrf_token": csrf[1], "name": "", "content": content})

    answer = save(TILES)
    assert answer.status_code == 200
    assert "data-tile" in browser.get(answer.json["url"]).text
    for wrong in ({"kind": "Chart"}, {"kind": "Count"}, {"kind": "Shortcut", "address": "//evil.example"}):
        assert save([wrong]).status_code == 417
    assert save([None]).status_code == 417  # type: ignore[list-item]
    with pytest.raises(ValidationFailed):
        site.documents.save(site.user("zhao"), "Dashboard", {"title": "x", "tiles": [{"kind": "Table"}]})


def test_a_tile_is_filtered_as_its_report_and_its_list_are(signs: Signs, site: Site) -> None:
    browser = signs("zhao")
    csrf = re.search(r'name="csrf_token" value="([^"]+)"', browser.get("/").text)
    assert csrf is not None

    def inputs(tile: dict[str, Any]) -> str:
        return browser.post("/dashboard/tile/filters", data={"csrf_token": csrf[1], "tile": json.dumps(tile)}).text

    assert '<option value="Gauge" selected>' in inputs(TILES[1])
    assert 'value="Gauge"' in inputs(TILES[3])
    assert "data-filter-editors" in inputs(TILES[3])
    assert "dash-broken" in inputs(TILES[2])

    rows = [{"kind": "Chart", "report": "loans", "filters": filters} for filters in ("kind=", "kind=Gauge", "run=1&kind=Gauge")]
    content = json.dumps({"title": "筛", "tiles": [*rows, TILES[2] | {"filters": "a=b"}]})
    answer = browser.post("/dashboard/save", data={"csrf_token": csrf[1], "name": "", "content": content})
    kept = site.documents.load(site.user("zhao"), "Dashboard", answer.json["url"].split("/")[-1])["tiles"]
    assert [row["filters"] for row in kept] == [None, "kind=Gauge", "kind=Gauge", "a=b"]


def test_the_shipped_dashboards_hold_what_the_people_of_their_roles_may_see() -> None:
    pack = read_packs([builtin_pack()]).sources
    model, _ = read_sources(pack)
    reports = {source.name: read_report(source.raw) for source in pack if source.kind == "Report"}
    shipped = json.loads((Path(builtin_pack()) / "fixtures" / "04_dashboards.json").read_text("utf-8"))["records"]
    permissions = Permissions(model)

    roles = json.loads((Path(builtin_pack()) / "fixtures" / "02_roles.json").read_text("utf-8"))["records"]
    homes = sorted(row["role"] for record in shipped for row in record["home_of"])
    assert homes == sorted({role["role_name"] for role in roles} - {"System Manager"})  # whose home is the state of the site
    for record in shipped:
        for role in (row["role"] for row in record["home_of"]):
            user = User("x", "x", frozenset((role, "All")))
            for tile in record["tiles"]:
                if tile["kind"] in ("Indicator", "Chart", "Table"):
                    report = reports[tile["report"]]
                    assert not report.roles or role in report.roles, (role, tile)
                    assert permissions.may(user, "report", report.doctype), (role, tile)
                    assert tile["kind"] != "Indicator" or report.indicator is not None, tile
                    assert tile["kind"] != "Chart" or report.chart is not None, tile
                if tile["kind"] == "Count":
                    assert permissions.may(user, "read", tile["document_type"]), (role, tile)
                if tile["kind"] == "Shortcut" and tile["address"].endswith("/new"):
                    assert permissions.may(user, "create", unquote(tile["address"].split("/")[2])), (role, tile)


def test_an_administrator_sees_the_state_of_the_site_and_no_refusals(site: Site, signs: Signs) -> None:
    administrator = {"login": "guan", "full_name": "guan", "enabled": 1, "roles": [{"role": "System Manager"}]}
    site.documents.save(User.administrator(), "User", administrator)
    site.accounts.set_password("guan", PASSWORD)
    name = made(site, "Lender")

    home, seen = signs("guan").get("/").text, "".join(tiles(signs("guan"), name))

    assert [word in home for word in ("站点状况", "失败的任务", "元数据版本", "启用的用户")] == [True] * 4
    assert ("您可以布置" in seen, "<strong>3" in seen) == (True, False)
    assert "站点状况" not in signs("zhao").get("/").text
