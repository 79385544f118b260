"""A file imported in the browser: fields dragged onto columns, progress that goes on by itself, faults at their cells, undone; on a phone too."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from desk_people import Desk
from imports_warehouse import xlsx
from playwright.sync_api import expect

from server.site import Site

pytestmark = pytest.mark.browser

SignIn = Callable[..., Desk]


def test_a_field_is_dragged_onto_a_column_and_the_import_runs_and_is_undone(signed_in: SignIn, site: Site) -> None:
    xutao = signed_in("xutao")
    page = xutao.page
    file = xlsx(["料号", "物料名称", "单位"], ["IMP-A", "导入的轴承", "个"], ["IMP-B", None, "个"])
    page.goto("/data-import?doctype=Item")
    page.get_by_label("文件").set_input_files({"name": "物料.xlsx", "mimeType": "", "buffer": file.getvalue()})
    with page.expect_navigation():
        page.get_by_role("button", name="上传并继续").click()
    expect(page.get_by_label("列 B 对应的字段")).to_have_value("item_name")
    expect(page.locator("[data-missing]")).to_contain_text("物料编码")

    page.locator("[data-field=item_code]").drag_to(page.get_by_role("row", name="料号"))
    expect(page.get_by_label("列 A 对应的字段")).to_have_value("item_code")
    page.get_by_label("有错的行").select_option("skip")
    with page.expect_navigation():
        page.get_by_role("button", name="检查全部内容").click()
    expect(page.get_by_text("正在检查")).to_be_visible()
    site.imports.run_next()
    expect(page.locator("td.is-faulty")).to_contain_text("名称必填")  # the page has come by itself

    with page.expect_navigation():
        page.get_by_role("button", name="导入没有错的 1 条").click()
    site.imports.run_next()
    expect(page.get_by_role("heading", name="导入完成")).to_be_visible()
    expect(page.get_by_role("link", name="IMP-A")).to_be_visible()

    page.get_by_text("撤销导入").click()
    with page.expect_navigation():
        page.get_by_role("button", name="确认撤销").click()
    site.imports.run_next()
    expect(page.get_by_role("heading", name="已撤销", exact=True)).to_be_visible()
    assert not xutao.problems
