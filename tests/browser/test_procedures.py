"""The main path of each procedure as its people take it: entered, approved or signed, printed.

S01 is walked in `test_trial_production` and `test_workflow_at_the_desk`, S02, S08, S09 and S12's signature by hand in `test_after_sales`, S03 in
`test_delivery`; the others here. Each makes records of its own.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import pytest
from desk_people import Desk
from playwright.sync_api import expect

from server.site import Site

pytestmark = pytest.mark.browser

SignIn = Callable[..., Desk]
PdfText = Callable[[bytes], str]
HOSPITAL, MACHINES = "市第二人民医院", "临江航达精密零件有限公司"
TODAY = date(2026, 6, 15)


def moved(person: Desk, action: str, state: str, *, for_good: bool = False) -> Desk:
    """Take a transition of the workflow by its button; what cannot be taken back is asked about."""
    person.press(action)
    if for_good:
        expect(person.page.locator("dialog[open]")).to_contain_text(f"{action}。办理后不能收回")
        person.agrees()
    expect(person.state).to_have_text(state)
    return person.is_ready()


def submitted(person: Desk) -> Desk:
    person.submits()
    expect(person.state).to_have_text("已提交")
    return person


def test_s04_a_quality_complaint_is_handed_to_quality_within_two_hours(signed_in: SignIn) -> None:
    wangfang = signed_in("wangfang").opens("Complaint")
    wangfang.links("客户", "航达", MACHINES)
    wangfang.types(投诉简述="主轴温升过高", 投诉内容="连续运转两小时后报警")
    wangfang.saves()
    expect(wangfang.page.locator(".banner-owed", has_text="S04-04")).to_be_visible()
    wangfang.types(传递至品保部="2026-06-15 09:20")
    wangfang.saves()
    expect(wangfang.page.locator(".banner-owed", has_text="S04-04")).to_have_count(0)


def test_s05_a_notice_becomes_a_sales_plan_and_shows_what_came_of_it(signed_in: SignIn) -> None:
    zhengli = signed_in("zhengli").opens("Delivery Notice")
    zhengli.links("客户", "航达", MACHINES)
    zhengli.types(**{"合同/订单号": "HT-05-B", "要求交期": str(TODAY + timedelta(days=30))})
    rows = zhengli.grid("交付明细")
    rows.links(rows.adds(), "物料", "BJ-LUB", "集中润滑泵")
    rows.types(1, 数量="4")
    submitted(zhengli.saves())
    notice = zhengli.name
    zhengli.makes("编制销售计划")
    zhengli.shows("客户", MACHINES)
    assert zhengli.grid("计划明细").reads(1, "数量") == "4"
    zhengli.types(计划齐套日期=str(TODAY + timedelta(days=20)))
    zhengli.saves()
    zhengli.opens("Delivery Notice", notice)
    expect(zhengli.page.locator(".connections")).to_contain_text("销售计划")


def test_s06_a_document_is_approved_released_and_a_copy_of_it_issued(signed_in: SignIn, pdf_text: PdfText) -> None:
    dongmei = signed_in("dongmei").opens("Controlled Document")
    dongmei.types(文件名称="备件借用程序")
    dongmei.links("编制部门", "客服部", "客服部")
    moved(dongmei.saves(), "送审", "审批中")
    document = dongmei.name
    signed_in("yuanfei").approves(document, "同意")
    moved(dongmei.reopens(), "发布", "已发布", for_good=True)
    dongmei.makes("发放")
    dongmei.types(分发编号="B-01")
    dongmei.links("领用部门", "营销部", "营销部")
    dongmei.links("领用人", "shenjie", "沈洁")
    dongmei.saves()
    expect(dongmei.state).to_have_text("待主管部门负责人审批")
    copy = dongmei.name
    signed_in("chenjing").approves(copy)
    expect(dongmei.reopens().state).to_have_text("已批准，待签收")
    cover = pdf_text(dongmei.prints("受控文件封面"))
    assert all(text in cover for text in ("受控文件", "分发编号:B-01", "备件借用程序"))


def test_s07_boards_are_counted_pack_by_pack_and_taken_in(signed_in: SignIn, pdf_text: PdfText) -> None:
    wugang = signed_in("wugang").opens("Inbound Receipt")
    wugang.links("产品（种类）", "PCB-6L", "六层印制板")
    wugang.types(**{"合同/订单号": "HT-07-B", "合同数量": "100", "随工单号": "SGD-B", "合格证号": "HGZ-B"})
    packs = wugang.grid("包装")
    for number, quantity in enumerate(("60", "30"), start=1):
        packs.types(packs.adds(), 包号=str(number), 合格证数量=quantity)
    wugang.links("放置库区", "沈阳", "成品库（沈阳）")
    name = wugang.saves().name
    fengbo = signed_in("fengbo").opens("Inbound Receipt", name)
    counted = fengbo.grid("包装")
    counted.types(1, 清点数量="60")
    counted.types(2, 清点数量="29")
    assert any("合格证 30，清点 29" in line for line in fengbo.is_refused())
    counted.types(2, 清点数量="30")
    submitted(fengbo)
    fengbo.shows("尚缺数量", "10")
    assert "入库登记单" in pdf_text(fengbo.prints("入库登记单"))


def test_s10_a_call_becomes_a_ticket_and_s11_its_mode_follows_from_the_problem(signed_in: SignIn) -> None:
    wangfang = signed_in("wangfang").opens("Call Log")
    wangfang.links("客户", "航达", MACHINES)
    wangfang.types(来电人="高远", 来电号码="13000000111", 响铃声数="2", 问题简述="保养咨询", 反馈问题="年度保养怎么约")
    wangfang.chooses("处理方式", "转报修单")
    wangfang.saves()
    wangfang.makes("转报修单")
    wangfang.shows("故障简述", "保养咨询")
    wangfang.chooses("服务类型", "保养巡检")
    wangfang.saves()
    wangfang.shows("服务方式", "客户回访")


def test_s12_an_installation_is_planned_a_week_ahead(signed_in: SignIn) -> None:
    zhengli = signed_in("zhengli").opens("Installation Plan")
    zhengli.links("客户", "航达", MACHINES)
    zhengli.types(合同编号="HT-12-B", 安装地点="一号厂房", 计划安装日期=str(TODAY + timedelta(days=6)))
    zhengli.types(施工组织方案="吊装就位", 安装进度计划="3 天", 质量要求="水平 0.02/1000", 安全技术措施="动火审批")
    zhengli.links("项目负责人", "李强", "李强")
    zhengli.saves()
    assert any("S12-01" in line for line in zhengli.is_refused())
    zhengli.types(计划安装日期=str(TODAY + timedelta(days=7)))
    submitted(zhengli)


def test_s13_a_survey_is_answered_and_scored(signed_in: SignIn) -> None:
    wangfang = signed_in("wangfang").opens("Satisfaction Survey")
    wangfang.links("客户", "航达", MACHINES)
    answers = wangfang.grid("调查项目")
    for row in range(1, answers.rows.count() + 1):
        answers.chooses(row, "评价", "满意")
    wangfang.saves()
    wangfang.shows("满意度得分", "80")


def test_s14_a_vehicle_is_received_and_its_work_order_signed_and_printed(signed_in: SignIn, pdf_text: PdfText) -> None:
    wangfang = signed_in("wangfang").opens("Vehicle Intake")
    wangfang.types(车牌号="苏E·B1414", 车主="陆明", 电话="13000000188", 车型="奔腾 B70", 顾客描述="怠速抖动")
    wangfang.types(**{"里程（km）": "38500"})
    wangfang.saves()
    wangfang.makes("任务委托书")
    lines = wangfang.grid("维修项目")
    lines.types(lines.adds(), **{"项目": "清洗节气门", "数量（工时）": "1", "单价": "200"})
    wangfang.saves()
    wangfang.signs("顾客签字", "陆明")
    expect(wangfang.box("顾客签字")).to_contain_text("陆明")
    submitted(wangfang)
    order = pdf_text(wangfang.prints("任务委托书"))
    assert all(text in order for text in ("任务委托书", "苏E·B1414", "清洗节气门"))


def test_s16_a_verified_complaint_about_conduct_proposes_a_demerit(signed_in: SignIn, site: Site) -> None:
    given = {
        "subject": "与客户争吵", "kind": "Service", "customer": "KH-0003", "description": "现场争吵", "service_person": "liqiang",
        "conduct": "Quarrel", "received_at": "2026-06-15 09:00:00", "investigation": "两方询问", "investigated_by": "chenjing",
    }  # fmt: skip
    name = site.documents.save(site.user("chenjing"), "Complaint", given).name
    chenjing = signed_in("chenjing").opens("Complaint", name)
    chenjing.turns_to("处理")
    chenjing.chooses("评估结论", "属实")
    chenjing.saves()
    rows = site.queries.list(
        site.user("chenjing"), "Conduct Record", filters=[("reference_name", "=", name)], fields=["name"]
    ).rows
    [record] = [row["name"] for row in rows]
    signed_in("zhangjianguo").approves(record)
    chenjing.opens("Conduct Record", record)
    expect(chenjing.field("处理")).to_have_value("Major Demerit")


def test_s17_what_leaves_is_verified_by_two_departments_loaded_and_counted_at_the_gate(
    signed_in: SignIn, site: Site, pdf_text: PdfText
) -> None:
    shipment = _shipped(site)
    fengbo = signed_in("fengbo").opens("Shipment Note", shipment)
    fengbo.makes("出库验证")
    checks = fengbo.grid("名称型号与数量")
    checks.chooses(1, "名称型号", "符合")
    checks.types(1, 核对数量="2")
    fengbo.chooses("核对结果", "满足")
    moved(fengbo.saves(), "送两部门验证", "两部门验证")
    verification = fengbo.name
    signed_in("hejun").approves(verification)
    zhengli = signed_in("zhengli")
    zhengli.approves(verification)
    ticket = zhengli.opens("Shipment Note", shipment).makes("开代用票").saves().name
    submitted(signed_in("hejun").opens("Substitute Ticket", ticket))
    songtao = signed_in("songtao").opens("Shipment Note", shipment)
    songtao.makes("装车")
    songtao.types(车牌号="苏E·17", 与司机商定的防护措施="捆扎、防雨布", 装车完毕="2026-06-15 11:00", 装车件数="1")
    submitted(songtao.saves())
    gate = fengbo.opens("Shipment Note", shipment).makes("开出门证")
    gate.types(车牌号="苏E·17")
    name = gate.saves().name
    lishun = signed_in("lishun").opens("Gate Pass", name)
    assert any("门卫清点" in line for line in lishun.is_refused())
    lishun.types(门卫清点件数="1")
    submitted(lishun)
    assert "出门证" in pdf_text(lishun.prints("出门证"))


def _shipped(site: Site) -> str:
    """A note that has left the store, one package."""
    lines: list[dict[str, Any]] = [{"item": "FJ-ZJ", "lot": "FJ-ZJ/260402", "qty": 2}]
    given = {"customer": "KH-0003", "order_number": "HT-17-B", "consignee": "刘敏", "packages": 1, "items": lines}
    note = site.documents.save(site.user("zhengli"), "Shipment Note", given).record
    hezhong = site.user("hezhong")
    for item in site.inbox.items(hezhong):
        if item.obligation.name == note["name"]:
            site.inbox.decide(hezhong, item.obligation.id, "approved", None, item.obligation.content_hash)
    picked = [{"name": row["name"], "picked_qty": row["qty"]} for row in note["items"]]
    site.documents.submit(
        site.user("fengbo"),
        "Shipment Note",
        note["name"],
        values={"items": picked, "keeper": "fengbo", "driver_name": "韩卫东", "driver_count": 1},
    )
    return str(note["name"])


def test_s18_what_is_received_stands_in_the_ledger_and_damage_shows_on_the_lot(
    signed_in: SignIn, site: Site, pdf_text: PdfText
) -> None:
    lot = site.documents.save(
        site.user("fengbo"), "Stock Lot", {"lot_number": "FJ-ZJ/B18", "item": "FJ-ZJ", "zone": "CL-01"}
    ).name
    fengbo = signed_in("fengbo").opens("Material Receipt")
    fengbo.links("供方", "豪洲", "豪洲轴承有限公司")
    fengbo.types(检验报告号="JY-18-B")
    lines = fengbo.grid("收料明细")
    row = lines.adds()
    lines.links(row, "物料", "FJ-ZJ", "地脚垫铁")
    lines.links(row, "批次", lot, lot)
    lines.types(row, 送货数量="10", 合格实收="10")
    submitted(fengbo.saves())
    assert "收料单" in pdf_text(fengbo.prints("收料单"))
    fengbo.opens("Stock Lot", lot)
    expect(fengbo.state).to_have_text("可用")
    fengbo.makes("报告不合格")
    fengbo.types(不合格数量="2", 情况描述="锈蚀")
    fengbo.saves()
    expect(fengbo.opens("Stock Lot", lot).state).to_have_text("部分冻结")


def test_s19_funds_are_asked_for_approved_and_printed_in_capitals(signed_in: SignIn, pdf_text: PdfText) -> None:
    wangfang = signed_in("wangfang").opens("Fund Request")
    wangfang.types(请款事由="备件采购", 请款金额="4850")
    moved(wangfang.saves(), "送审", "审批中")
    name = wangfang.name
    signed_in("chenjing").approves(name, "同意")
    wangfang.reopens()
    expect(wangfang.state).to_have_text(re.compile("已批准|已审批"))
    assert "肆仟捌佰伍拾元整" in pdf_text(wangfang.prints("请款单"))
