"""Data imports at the desk, without scripts: upload, columns, check, import, undo; templates and files that leave."""

from __future__ import annotations

import io
import re
from collections.abc import Iterator
from datetime import date, datetime
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from click.testing import CliRunner
from flask.testing import FlaskClient
from imports_warehouse import csv, warehouse, xlsx

from server.access.user import User
from server.app import create_app
from server.cli import main
from server.core.clock import SettableClock
from server.site import Site

PASSWORD = "zhuzhou-2026"
HEADS = ("图号", "名称", "供应商", "单价")


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    clock = SettableClock(datetime.fromisoformat("2026-06-15T01:00:00+00:00"))
    with warehouse(tmp_path_factory.mktemp("pages"), clock) as site:
        for login in ("lin", "bao"):
            site.accounts.set_password(login, PASSWORD)
        yield site


@pytest.fixture
def browser(site: Site) -> FlaskClient:
    return signed_in(site, "lin")


def signed_in(site: Site, login: str) -> FlaskClient:
    client = create_app(site).test_client()
    token, _ = site.accounts.sign_in(login, PASSWORD, "127.0.0.1", "tests")
    client.set_cookie("sid", token)
    return client


def token_of(browser: FlaskClient) -> str:
    found = re.search(r'name="csrf_token" value="([^"]+)"', browser.get("/data-import").get_data(as_text=True))
    assert found
    return found[1]


def upload(browser: FlaskClient, file: io.BytesIO, name: str = "备件.xlsx", doctype: str = "Part") -> str:
    sent = {"csrf_token": token_of(browser), "doctype": doctype, "file": (file, name)}
    answer = browser.post("/data-import", data=sent, content_type="multipart/form-data")
    assert answer.status_code == 303, answer.get_data(as_text=True)
    return str(answer.location)


def post(browser: FlaskClient, address: str, action: str, **values: Any) -> str:
    answer = browser.post(address, data={"csrf_token": token_of(browser), "action": action, **values}, follow_redirects=True)
    return str(answer.get_data(as_text=True))


def names(site: Site) -> set[str]:
    return {row["code"] for row in site.queries.list(User.administrator(), "Part", fields=["code"], limit=1000).rows}


def test_a_file_is_uploaded_checked_imported_and_undone(site: Site, browser: FlaskClient) -> None:
    address = upload(browser, xlsx(HEADS, ["W-1", "轴承", "S-1", 5], ["W-2", None, None, "5 台"]))
    page = browser.get(address).get_data(as_text=True)
    assert '<option value="code" selected>图号</option>' in page
    columns = ["code", "title", "supplier", "price"]

    post(browser, address, "check", mode="insert", header="1", column=columns, on_fault="skip")
    site.imports.run_next()
    checked = browser.get(address).get_data(as_text=True)
    assert "还没有保存任何内容" in checked
    assert 'class="is-faulty">5 台<span class="import-said">“5 台”数字后有“台”，请只填数字。</span></td>' in checked
    assert "W-1" not in names(site)

    post(browser, address, "run")
    site.imports.run_next()
    done = browser.get(address).get_data(as_text=True)
    assert "导入完成" in done
    assert "W-1" in names(site)
    sheet = openpyxl.load_workbook(io.BytesIO(browser.get(f"{address}/faulty.xlsx").get_data())).active
    rows = [[cell.value for cell in row] for row in sheet.iter_rows()]
    assert rows[1][:5] == ["W-2", None, None, "5 台", 3]
    assert rows[1][5] == "单价：“5 台”数字后有“台”，请只填数字。"

    post(browser, address, "undo")
    site.imports.run_next()
    assert "已撤销" in browser.get(address).get_data(as_text=True)
    assert "W-1" not in names(site)
    assert address.rpartition("/")[2] in browser.get("/data-import").get_data(as_text=True)


def test_what_cannot_be_read_is_shown_before_anything_is_checked(browser: FlaskClient) -> None:
    address = upload(browser, xlsx(HEADS, ["PV-1", "轴承", None, 5], ["PV-2", "衬套", None, "5 台"]))

    preview = browser.get(address).get_data(as_text=True).partition("读成这样")[2]

    assert re.search(r'data-label="单价">5\.?0*</td>', preview)
    assert 'class="is-faulty">5 台<span class="import-said">“5 台”数字后有“台”，请只填数字。</span></td>' in preview


def test_a_check_says_which_child_rows_would_go_and_is_done_again_with_another_choice(site: Site, browser: FlaskClient) -> None:
    uses = [{"machine": name, "qty": 1} for name in ("M1", "M2", "M3")]
    site.documents.save(site.user("lin"), "Part", {"code": "CW-1", "title": "轴", "uses": uses})
    address = upload(browser, xlsx(["图号", "名称", "用于：机型"], ["CW-1", "轴", "M9"]))
    columns = ["code", "title", "uses.machine"]

    post(browser, address, "check", mode="update", key="code", header="1", column=columns, child_rows="replace")
    site.imports.run_next()
    assert "导入会删去 1 条记录中的 2 行子表数据" in browser.get(address).get_data(as_text=True)

    post(browser, address, "check", child_rows="add")
    site.imports.run_next()
    checked = browser.get(address).get_data(as_text=True)
    assert ("还没有保存任何内容" in checked, "导入会删去" in checked) == (True, False)


def test_one_column_twice_and_a_bad_file_are_told_on_the_page(site: Site, browser: FlaskClient) -> None:
    address = upload(browser, xlsx(HEADS, ["V-1", "轴承", None, 5]))
    answer = post(browser, address, "check", mode="insert", header="1", column=["code", "title", "code", ""])
    assert "“图号”对应了两列，请只留一列。" in answer

    sent = {"csrf_token": token_of(browser), "doctype": "Part", "file": (io.BytesIO(b"x"), "a.pdf")}
    refused = browser.post("/data-import", data=sent, content_type="multipart/form-data")
    assert refused.status_code == 417
    assert "不能导入" in refused.get_data(as_text=True)


def test_a_template_is_filled_in_and_comes_back(site: Site, browser: FlaskClient) -> None:
    book = openpyxl.load_workbook(io.BytesIO(browser.get("/data-import/template/Part").get_data()))
    sheet, guide = book["备件"], book["填写说明"]
    heads = [cell.value for cell in sheet[1]]
    assert heads[:3] == ["图号", "名称 *", "供应商"]
    assert heads[-2:] == ["用于：机型 *", "用于：数量"]
    assert "成本" not in heads
    assert sheet.column_dimensions["A"].number_format == "@"
    offered = {str(one.sqref): one.formula1 for one in sheet.data_validations.dataValidation}
    kind = next(formula for where, formula in offered.items() if where.startswith("H2"))
    assert [row[0].value for row in book["_"][kind.removeprefix("_!").replace("$", "")]] == ["外购", "自制"]
    assert guide["A2"].value == "图号"
    for place, value in enumerate(["T-1", "模板件", "西安轴承厂", 12.5, 1, 3, date(2026, 3, 5), "自制", "X1", 2], start=1):
        sheet.cell(2, place, value)
    sheet.cell(3, 9, "X2")
    filled = io.BytesIO()
    book.save(filled)

    address = upload(browser, io.BytesIO(filled.getvalue()))
    number = address.rpartition("/")[2]
    site.imports.start(site.user("lin"), number, "run")
    site.imports.run_next()

    assert site.imports.get(site.user("lin"), number).tally["created"] == 1
    assert "T-1" in names(site)


def test_lists_and_records_leave_as_files_in_which_nothing_runs(site: Site, browser: FlaskClient) -> None:
    values = {
        "code": "=1+1",
        "title": "@SUM(A1)",
        "price": 5,
        "cost": 7,
        "uses": [{"machine": "+X", "qty": 2}, {"machine": "Y"}],
    }
    name = site.documents.save(User.administrator(), "Part", values).name

    def cells(address: str) -> list[list[Any]]:
        answer = browser.get(address)
        assert answer.status_code == 200
        sheet = openpyxl.load_workbook(io.BytesIO(answer.get_data())).active
        assert not any(cell.data_type == "f" for row in sheet.iter_rows() for cell in row)
        return [[cell.value for cell in row] for row in sheet.iter_rows()]

    whole = cells(f"/export/Part?as=xlsx&f=name&o==&v={name}")
    assert whole[0][:3] == ["编号", "图号", "名称"]
    assert whole[1][:3] == [name, "=1+1", "@SUM(A1)"]
    assert "成本" not in whole[0]
    shown = cells(f"/export/Part?as=xlsx&columns=shown&f=name&o==&v={name}")
    assert shown[0] == ["编号", "名称", "单价", "更新时间"]
    assert shown[1][:3] == [name, "@SUM(A1)", 5]
    text = browser.get(f"/export/Part?columns=shown&f=name&o==&v={name}").get_data(as_text=True)
    assert f"{name},'@SUM(A1),5," in text
    record = cells(f"/export/Part/{name}")
    assert record[0][-2:] == ["用于：机型", "用于：数量"]
    assert [row[-2:] for row in record[1:]] == [["+X", 2], ["Y", None]]
    assert "成本" not in record[0]
    assert signed_in(site, "bao").get(f"/export/Part/{name}?as=csv").get_data(as_text=True).splitlines()[0].count("成本") == 1


def test_pages_of_imports_are_closed_to_others(site: Site, browser: FlaskClient) -> None:
    address = upload(signed_in(site, "bao"), xlsx(["备件"], ["轴"]), doctype="Part Receipt")
    assert browser.get(address).status_code == 404
    assert browser.get(f"{address}/faulty.xlsx").status_code == 404
    assert browser.get("/data-import/template/Part Receipt").status_code == 403
    sent = {"csrf_token": token_of(browser), "doctype": "Part Receipt", "file": (xlsx(["备件"], ["轴"]), "a.xlsx")}
    assert browser.post("/data-import", data=sent, content_type="multipart/form-data").status_code == 403


def test_programs_import_over_rest(site: Site, browser: FlaskClient) -> None:
    head = {"X-Frappe-CSRF-Token": token_of(browser)}

    def call(method: str, **arguments: Any) -> Any:
        answer = browser.post(f"/api/method/guiju.import.{method}", json=arguments, headers=head)
        assert answer.status_code == 200, answer.get_data(as_text=True)
        return answer.json["message"] if answer.json else None

    sent = {"doctype": "Part", "file": (csv("图号,名称\nR-1,甲\nR-2,\n"), "a.csv")}
    made = browser.post("/api/method/guiju.import.create", data=sent, content_type="multipart/form-data", headers=head)
    assert made.status_code == 200, made.get_data(as_text=True)
    number = made.json["message"]["name"]
    assert made.json["message"]["options"]["columns"] == ["code", "title"]
    assert call("set", name=number, options={"all_or_nothing": False})["state"] == "mapping"
    bad = browser.post("/api/method/guiju.import.set", json={"name": number, "options": {"header": "x"}}, headers=head)
    assert bad.status_code == 417
    assert call("start", name=number, task="run")["state"] == "waiting"
    site.imports.run_next()
    assert call("get", name=number)["tally"]["created"] == 1
    assert [(row["row"], row["faults"][0]["text"]) for row in call("rows", name=number)] == [(3, "名称必填。")]
    assert call("list")[0]["name"] == number


def test_the_shell_imports_too(site: Site, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GUIJU_LANGUAGE", "zh")
    file = tmp_path / "件.csv"
    file.write_text("物料,名称\nQ-1,甲\n", encoding="gb18030")
    arguments = [
        "--site",
        str(site.settings.site_dir),
        "import",
        str(file),
        "--doctype",
        "Part",
        "--user",
        "lin",
        "--column",
        "物料=code",
    ]

    tried = CliRunner().invoke(main, [*arguments, "--dry-run"])
    assert tried.exit_code == 0, tried.output
    assert "1 条没有问题" in tried.output
    assert "Q-1" not in names(site)

    done = CliRunner().invoke(main, arguments)
    assert "新增 1" in done.output
    assert "Q-1" in names(site)

    number = re.search(r"IMP-\d+", done.output)
    assert number
    undone = CliRunner().invoke(main, [*arguments[:3], "--user", "lin", "--undo", number[0]])
    assert "已撤销 1 条" in undone.output
    assert "Q-1" not in names(site)
