"""The administrator's guide (`docs/guide.md`), example by example: Xu Tao (徐涛) does its steps, the people concerned see that it works."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
from administrators_guide import adds_a_fourth_signer, adds_a_holiday
from desk_people import Desk
from playwright.sync_api import expect

from server.access.user import User
from server.exchange.packs import Source
from server.site import Site

pytestmark = pytest.mark.browser

SignIn = Callable[..., Desk]
ADMIN = User.administrator()
START_UP = "Start-up Readiness Checklist"
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


def test_a_fourth_signer_countersigns_the_start_up_check(signed_in: SignIn, site: Site, published: None) -> None:
    adds_a_fourth_signer(signed_in("xutao").page)

    songtao, zhoumin = site.user("songtao"), site.user("zhoumin")
    given = {"project": "XG-26 高速主轴单元试制", "workshop": "装配车间", "scope_key_parts": 1, "checked_on": "2026-06-15"}
    made = site.documents.save(songtao, START_UP, given).record
    rows = [{"name": row["name"], "conforms": "Yes", "finding": "符合"} for row in made["conditions"]]
    site.documents.save(songtao, START_UP, {"conditions": rows}, name=made["name"])
    name = site.documents.save(zhoumin, START_UP, {"conclusion": "Start"}, name=made["name"]).name
    site.documents.transition(zhoumin, START_UP, name, "Send for Countersigning")
    for login in ("hejun", "qianli", "zhoumin"):
        signed_in(login).approves(name)
    hezhong = signed_in("hezhong").opens(START_UP, name)
    expect(hezhong.page.locator("svg.flow-svg .flow-step.is-approved")).to_have_count(3)
    expect(hezhong.state).to_have_text("会签中")
    hezhong.page.locator("#flow").get_by_role("button", name="批准").click()
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
