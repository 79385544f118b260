"""After-sales at the desk, as the people do it: ticket, quotation, approval, service order, spare unit.

Wang Fang (王芳) is at customer service, Li Qiang (李强) repairs, Zhang Jianguo (张建国) is the general manager.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import pytest
from desk_people import Desk
from playwright.sync_api import expect

pytestmark = pytest.mark.browser

SignIn = Callable[..., Desk]
CUSTOMER = "东岭汽车零部件股份有限公司"


def registers(wangfang: Desk, subject: str) -> str:
    """Wang Fang takes the call down."""
    wangfang.opens("Service Ticket")
    wangfang.types(故障简述=subject, 报修人="谢军", 报修电话="0500-66880105")
    wangfang.links("客户", "东岭", CUSTOMER)
    wangfang.links("设备", "2311", "CK6150I-2311-117")
    wangfang.types(故障现象="300 r/min 以下切削时报过载。")
    return wangfang.saves().name


def test_a_ticket_is_registered_with_what_the_device_record_knows(signed_in: SignIn) -> None:
    wangfang = signed_in("wangfang").opens("Service Ticket")
    expect(wangfang.box("规格型号")).to_have_count(0)  # the section appears with the device

    wangfang.types(故障简述="主轴低速无力", 故障现象="低速切削时报过载。")
    wangfang.links("客户", "东岭", CUSTOMER)
    wangfang.links("设备", "CK6150I-2311", "CK6150I-2311-117")

    expect(wangfang.field("规格型号")).to_have_text("CK6150i/1000")
    expect(wangfang.field("区域")).to_have_text(re.compile("市区|郊区"))
    expect(wangfang.field("在保修期内")).to_have_text("否")
    expect(wangfang.field("收费判定")).to_have_text("收费服务")
    name = wangfang.saves().name
    assert re.fullmatch(r"ST-2026-\d{5}", name)
    expect(wangfang.page.locator(".banner-warning")).to_contain_text("本次属收费服务")
    expect(wangfang.page.locator(".why")).to_contain_text("S08-01")
    wangfang.shows("客户", CUSTOMER)


def quotes(wangfang: Desk, bearing: str, amount: str) -> None:
    """A quotation made from the ticket on the page; the list total of its lines is 10,000.00."""
    wangfang.makes("报价")
    lines = wangfang.grid("报价明细")
    for typed, title, quantity in (
        ("主轴轴承", "主轴轴承组件", "1"),
        ("FW-JX", "机械维修工时", "8"),
        ("FW-CLJ", "差旅费（郊区及外埠）", "1"),
    ):
        row = lines.adds()
        lines.links(row, "价目表项目", typed, title)
        expect(lines.cell(row, "费用类别")).to_have_text(re.compile("配件|人工|差旅"))
        lines.types(row, 数量=quantity)
    lines.types(1, 报价单价=bearing)
    lines.shows(1, "报价金额", amount)


def test_a_quotation_more_than_ten_percent_below_list_waits_for_the_general_manager(signed_in: SignIn) -> None:
    wangfang, zhangjianguo = signed_in("wangfang"), signed_in("zhangjianguo")
    registers(wangfang, "主轴驱动过载报警")

    quotes(wangfang, "5600", amount="5,600.00")
    for label, sum_ in {"价目表合计": "10,000.00", "报价总价": "8,800.00", "与价目表偏差": "-12.00 %"}.items():
        wangfang.shows(label, sum_)
    wangfang.shows("联系人", "谢军")
    name = wangfang.saves().name
    expect(wangfang.page.locator(".banner-owed")).to_contain_text("超过 10 %，须总经理审批")
    assert wangfang.is_refused() != []

    zhangjianguo.goes("/inbox")
    asked = zhangjianguo.asked(name)
    for text in (CUSTOMER, "10,000.00", "8,800.00", "-12.00 %", "S02-04"):
        expect(asked).to_contain_text(text)
    zhangjianguo.approves(name, "老客户，同意。")

    # the price goes down once more: what was approved is another price
    wangfang.reopens()
    expect(wangfang.page.locator(".decisions")).to_contain_text("老客户，同意。")
    wangfang.grid("报价明细").types(1, 报价单价="5500")
    assert any("8,700.00" in line for line in wangfang.is_refused())
    expect(wangfang.state).to_have_text("草稿")

    zhangjianguo.approves(name, "最后一次。")
    wangfang.reopens().submits()
    expect(wangfang.state).to_have_text("已提交")
    assert wangfang.prints("售后服务报价单").startswith(b"%PDF")


def test_a_price_is_lowered_in_the_row_dialog_and_rows_are_added_by_keyboard_alone(signed_in: SignIn) -> None:
    wangfang = signed_in("wangfang").opens("Service Quotation")
    lines = wangfang.grid("报价明细")
    lines.box.get_by_role("button", name="添加一行").press("Enter")
    keys = wangfang.page.keyboard
    keys.type("主轴轴承")
    expect(wangfang.page.locator(".choices:visible [role=option]")).to_have_count(1)
    keys.press("Enter")
    expect(lines.cell(1, "价目表单价")).to_have_text("6,800.00")
    expect(lines.cell(1, "数量").locator("input")).to_be_focused()
    keys.type("3")
    keys.press("Enter")
    expect(lines.rows).to_have_count(2)
    expect(lines.cell(1, "报价金额")).to_have_text("20,400.00")

    lines.rows.first.get_by_role("button", name="编辑此行").click()
    dialog = wangfang.page.locator("dialog.row-dialog")
    dialog.get_by_label("报价单价").fill("6000")
    expect(dialog.locator("#row-amount")).to_have_text("18,000.00")
    dialog.get_by_role("button", name="完成").click()
    expect(lines.cell(1, "报价金额")).to_have_text("18,000.00")


def test_a_service_order_is_submitted_once_signature_and_records_are_there(
    signed_in: SignIn, pictures: Callable[[str], Path], tmp_path: Path
) -> None:
    registers(signed_in("wangfang"), "主轴异响")
    ticket = signed_in("wangfang").lists("Service Ticket", "?q=主轴异响").page.locator(".cell-name").first.inner_text()
    liqiang = signed_in("liqiang").opens("Service Ticket", ticket)
    liqiang.makes("开服务单")
    liqiang.shows("客户", CUSTOMER)
    liqiang.types(
        开始时间="2026-06-15 06:00", 结束时间="2026-06-15 08:30", 服务过程记录="更换主轴轴承组件，重新预紧，试机正常。"
    )
    liqiang.shows("工时（小时）", "2.5")
    liqiang.chooses("服务结果", "已解决")
    parts = liqiang.grid("用料与服务项目")
    parts.links(parts.adds(), "物料或服务", "主轴轴承", "主轴轴承组件")
    parts.types(1, 换下件编号="Z24-1108", 换上件编号="Z26-0331")

    liqiang.turns_to("资料与照片")
    photos, records = liqiang.grid("现场照片"), liqiang.grid("归档资料")
    photos.uploads(photos.adds(), "照片", pictures("维修后.jpg"))
    photos.types(1, 说明="维修后")
    measured = tmp_path / "主轴精度检测记录.csv"
    measured.write_text("项目,实测\n径向跳动,0.003\n", "utf-8")
    row = records.adds()
    records.chooses(row, "资料类别", "数据")
    records.types(row, 资料名称="主轴精度检测记录")
    records.uploads(row, "文件", measured)

    liqiang.saves()

    # refused: the customer has not signed; the sentence leads to the place
    said = "\n".join(liqiang.is_refused())
    assert "没有客户签字" in said
    assert "须由客户填写满意度" in said
    assert "S02-05" in said
    order = liqiang.name
    assert re.fullmatch(r"SV-2026-\d{5}", order)
    liqiang.page.locator("#errors a", has_text="没有客户签字").click()
    expect(liqiang.page.get_by_role("tab", name="客户签字")).to_have_attribute("aria-selected", "true")
    expect(liqiang.box("客户签字").get_by_role("button", name="签名")).to_be_focused()

    liqiang.signs("客户签字", "谢军")
    expect(liqiang.box("客户签字")).to_contain_text("谢军")
    liqiang.chooses("客户满意度", "满意")
    liqiang.submits()
    expect(liqiang.state).to_have_text("已提交")
    assert liqiang.prints("售后服务单").startswith(b"%PDF")

    wangfang = signed_in("wangfang").goes("/inbox")
    expect(wangfang.asked(order)).to_contain_text("确认归档")


def test_a_spare_unit_is_lent_from_the_ticket_and_settles_what_was_owed(signed_in: SignIn) -> None:
    wangfang = signed_in("wangfang").goes("/inbox")
    late = wangfang.page.locator("li.owed.is-late", has_text="备用机").first
    expect(late).to_contain_text("已超")
    late.get_by_role("link", name="去处理").click()
    wangfang.is_ready().makes("借出备用机")
    wangfang.links("备用机（件）", "BY-SP15", "主轴驱动模块（备用件）")
    wangfang.types(备用机编号="BY-SP15-007", 发出时状况="通电测试正常。")
    expect(wangfang.saves().state).to_have_text("待发出")
    wangfang.submits()
    expect(wangfang.state).to_have_text("借出中")
