"""The administrator's guide (`docs/guide.md`), example by example: Xu Tao (徐涛) does its steps, the people concerned see that it works."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
from administrators_guide import (
    CHECKLIST,
    QUOTATION,
    adds_a_fourth_signer,
    adds_a_holiday,
    changes_the_price_rule,
    makes_a_checklist,
)
from desk_people import Desk
from playwright.sync_api import expect
from start_up_check import CHECKLIST as START_UP
from start_up_check import concluded_check

from server.access.user import User
from server.exchange.packs import Source
from server.site import Site

pytestmark = pytest.mark.browser

SignIn = Callable[..., Desk]
ADMIN = User.administrator()
NONCONFORMING = "Nonconforming Service"
CALENDAR = "Work Calendar"


@pytest.fixture
def published(site: Site) -> Iterator[None]:
    """What the example changed of shipped pieces is changed back: other tests of the session do without it."""
    before = {(one.kind, one.name): one.raw for one in site.publisher.stored()}
    yield
    stored = {(one.kind, one.name): one.raw for one in site.publisher.stored()}
    changed = [Source(*key, raw) for key, raw in before.items() if stored.get(key) != raw]
    site.publisher.publish(site.publisher.propose(changed), "tests")


@pytest.fixture
def calendar(site: Site) -> Iterator[None]:
    before = site.documents.load(ADMIN, CALENDAR, "Standard")["days"]
    yield
    now = site.documents.load(ADMIN, CALENDAR, "Standard")
    site.documents.save(ADMIN, CALENDAR, {"days": before}, name="Standard", version=now["version"])
    site.worker.run_once()


def quotation(site: Site, day: str, bearing: float) -> str:
    """Wang Fang quotes what costs 10,000.00 by the list; the bearing of 6,800.00 is cheaper."""
    wangfang = site.user("wangfang")
    customer = site.queries.list(wangfang, "Customer", filters=[("customer_name", "=", "东岭汽车零部件股份有限公司")]).rows[0][
        "name"
    ]
    items = [{"item": "BJ-7014", "qty": 1, "rate": bearing}, {"item": "FW-JX", "qty": 8}, {"item": "FW-CLJ", "qty": 1}]
    values = {"customer": customer, "contact": "谢军", "contact_phone": "0500-66880105", "quoted_on": day, "items": items}
    return site.documents.save(wangfang, QUOTATION, values).name


@pytest.mark.slow
def test_the_price_rule_changes_from_ten_to_eight_percent_in_july(signed_in: SignIn, site: Site, published: None) -> None:
    changes_the_price_rule(signed_in("xutao").page)

    wangfang = signed_in("wangfang").opens(QUOTATION, quotation(site, "2026-06-30", 5800))  # 10 % below
    wangfang.shows("免审批最低总价", "9,000.00")
    expect(wangfang.submits().state).to_have_text("已提交")

    wangfang.opens(QUOTATION, quotation(site, "2026-07-01", 6000))  # 8 % below
    wangfang.shows("免审批最低总价", "9,200.00")
    expect(wangfang.submits().state).to_have_text("已提交")

    late = quotation(site, "2026-07-01", 5999.99)
    wangfang.opens(QUOTATION, late)
    expect(wangfang.page.locator(".banner-owed")).to_contain_text("超过 8 %，须总经理审批")
    assert wangfang.is_refused() != []
    signed_in("zhangjianguo").approves(late, "同意。")
    expect(wangfang.reopens().submits().state).to_have_text("已提交")


def test_a_new_checklist_is_filled_in_by_the_foreman(signed_in: SignIn, site: Site) -> None:
    makes_a_checklist(signed_in("xutao").page)

    songtao = signed_in("songtao", width=390, phone=True).opens(CHECKLIST)
    songtao.types(标题="三号线早班", 点检日期="2026-06-15", 机床编号="CK-07")
    checks = songtao.grid("项目")
    for row, item in enumerate(("油位", "急停"), start=1):
        checks.adds()
        checks.types(row, 检查项=item)
    checks.cell(1, "是否合格").locator("input").check()
    name = songtao.saves().name

    kept = site.documents.load(ADMIN, CHECKLIST, name)
    assert [(row["item"], row["passed"]) for row in kept["checks"]] == [("油位", 1), ("急停", 0)]
    expect(signed_in("wangfang").goes("/").page.get_by_role("link", name="班前点检表")).to_have_count(0)  # not hers


@pytest.mark.slow
def test_a_fourth_signer_countersigns_the_start_up_check(signed_in: SignIn, site: Site, published: None) -> None:
    adds_a_fourth_signer(signed_in("xutao").page)

    name = concluded_check(site)
    site.documents.transition(site.user("zhoumin"), START_UP, name, "Send for Countersigning")
    for login in ("hejun", "qianli", "zhoumin"):
        signed_in(login).approves(name)
    hezhong = signed_in("hezhong").opens(START_UP, name)
    expect(hezhong.page.locator("svg.flow-svg .flow-step.is-approved")).to_have_count(3)
    expect(hezhong.state).to_have_text("会签中")
    hezhong.page.locator("#flow").get_by_role("button", name="批准").click()
    hezhong.agrees()
    expect(hezhong.state).to_have_text("已会签")


def test_a_company_holiday_moves_what_is_due(signed_in: SignIn, site: Site, calendar: None) -> None:
    found = {"subject": "维修后未清洁现场", "department": "客服部", "origin": "Visit", "requirement": "S08-09",
             "description": "客户回访时反映"}  # fmt: skip
    name = site.documents.save(site.user("wangfang"), NONCONFORMING, found).name
    chenjing = signed_in("chenjing").goes("/inbox")
    expect(chenjing.asked(name)).to_contain_text("06-17 17:00")

    adds_a_holiday(signed_in("xutao").page)
    site.worker.run_once()

    expect(chenjing.goes("/inbox").asked(name)).to_contain_text("06-18 17:00")
