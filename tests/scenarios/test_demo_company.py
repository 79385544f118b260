"""The demo company: it loads through the services, stands at the interesting moments, and loading it twice changes nothing."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from scenario_company import Company

from server.access.user import User
from server.exchange.packs import read_packs
from server.site import Site

ROOT = Path(__file__).parent.parent.parent


@pytest.fixture
def demo(opened: Company) -> Company:
    """The whole demo company, a site with its master records completed."""
    pack = read_packs([ROOT], with_demo=True)
    for _ in opened.site.fixture_loader().load([(file, _quick(raw)) for file, raw in pack.fixtures]):
        pass
    opened.site.worker.run_once()
    return opened


def _quick(raw: Mapping[str, Any]) -> dict[str, Any]:
    """Without passwords: hashing them is slow on purpose."""
    return dict(raw) | {
        "records": [{key: value for key, value in record.items() if key != "_password"} for record in raw["records"]]
    }


def titles(company: Company, login: str) -> list[str]:
    return [item.obligation.title.zh for item in company.site.inbox.items(company.site.user(login))]


def test_everybody_finds_their_work_in_the_inbox(demo: Company) -> None:
    assert titles(demo, "zhangjianguo") == ["报价总价 8,800.00 比价目表合计 10,000.00 低 12.00 %，超过 10 %，须总经理审批"]
    assert len(titles(demo, "hezhong")) == 3
    assert any("改用进口油石" in title for title in titles(demo, "zhoumin"))
    assert any("灭菌器无法升温" in title for title in titles(demo, "wangfang"))
    assert all("冷却水流量报警" in title for title in titles(demo, "chenjing"))


def test_tickets_stand_in_every_state(demo: Company) -> None:
    rows = demo.site.queries.list(User.administrator(), "Service Ticket", fields=["status"], limit=50).rows
    assert {row["status"] for row in rows} == {"Open", "Assigned", "In Progress", "Fixed", "Closed"}
    assert len(rows) >= 12


def test_a_second_load_makes_nothing(demo: Company) -> None:
    pack = read_packs([ROOT], with_demo=True)
    made = [number for _, number in demo.site.fixture_loader().load([(file, _quick(raw)) for file, raw in pack.fixtures])]
    assert made == [0] * len(pack.fixtures)


def test_without_the_demo_a_site_has_what_every_site_needs_only(shipped_site: Site) -> None:
    made = dict(shipped_site.fixture_loader().load(shipped_site.read_packs().fixtures))

    assert {file.rsplit("_", 1)[1]: number > 0 for file, number in made.items()} == {
        "calendars.json": True,
        "departments.json": True,
        "roles.json": True,
        "clauses.json": True,
        "procedures.json": True,
        "settings.json": True,
        "dashboards.json": True,
    }
