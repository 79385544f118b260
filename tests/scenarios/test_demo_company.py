"""The demo company: it loads through the services, stands at the interesting moments, and loading it twice changes nothing.

`lived` has lived through three months of its stories: a company that runs, in which a few things went wrong.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from scenario_company import Company

from server.access.user import User
from server.cli.site_life import demo_accounts, load_demo
from server.core.clock import SettableClock, TurnedClock
from server.exchange.packs import read_packs
from server.site import Site, open_site

ROOT = Path(__file__).parent.parent.parent


@pytest.fixture(scope="module")
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


@pytest.mark.slow
def test_everybody_finds_their_work_in_the_inbox(demo: Company) -> None:
    assert titles(demo, "zhangjianguo") == ["报价总价 8,800.00 比价目表合计 10,000.00 低 12.00 %，超过 10 %，须总经理审批"]
    assert len(titles(demo, "hezhong")) == 3
    assert any("改用进口油石" in title for title in titles(demo, "zhoumin"))
    assert any("灭菌器无法升温" in title for title in titles(demo, "wangfang"))
    tool, fault, station = titles(demo, "chenjing")  # a tool that is late, a device that stands, a dealer whose time runs out
    assert "WX-005" in tool
    assert "冷却水流量报警" in fault
    assert "评定续约或终止" in station


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


ADMIN = User.administrator()
AFTERWARDS = datetime(2026, 6, 15, 1, 0, tzinfo=UTC)
MONTHS = 3


@pytest.fixture(scope="module")
def lived(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """The demo company as `guiju demo` makes it, on SQLite: what comes of the stories is the same everywhere."""
    clock = TurnedClock(SettableClock(AFTERWARDS))
    site = open_site(tmp_path_factory.mktemp("lived"), clock=clock, environ={}, embedded_worker=False)
    site.publisher.publish(site.publisher.propose(site.read_packs().sources), "Administrator")
    load_demo(site, clock, MONTHS)
    site.worker.run_once()
    yield site
    site.close()


def all_of(site: Site, doctype: str, *fields: str) -> list[dict[str, Any]]:
    rows = site.queries.list(ADMIN, doctype, fields=["name", "creation", *fields], limit=2000).rows
    return [dict(row) for row in rows]


@pytest.mark.slow
def test_three_months_leave_hundreds_of_records_of_every_kind(lived: Site) -> None:
    kinds = ("Service Ticket", "Customer Visit", "Call Log", "Service Order", "Complaint", "Shipment Note", "Expense Claim")
    numbers = {kind: len(all_of(lived, kind)) for kind in kinds}
    assert sum(numbers.values()) > 350, numbers
    assert all(numbers.values()), numbers
    assert len(all_of(lived, "Installed Device")) > 40


def test_what_happens_now_and_then_has_happened(lived: Site) -> None:
    kinds = (
        "Workshop Order", "Warranty Verdict", "Vehicle Arrangement", "Supplier Claim", "Quality Feedback", "Label Incident",
        "Handling Accident", "Conduct Record", "Installation Plan", "Installation Acceptance",
    )  # fmt: skip
    numbers = {kind: len(all_of(lived, kind)) for kind in kinds}
    assert all(numbers.values()), numbers


def test_corrective_actions_are_mostly_closed_and_few_are_late(lived: Site) -> None:
    actions = all_of(lived, "Corrective Action", "status", "due_on")
    old = [row for row in actions if row["creation"] < AFTERWARDS - timedelta(days=70)]
    open_ones = [row for row in actions if row["status"] != "Closed"]
    assert len(open_ones) <= 15, Counter(row["status"] for row in actions)
    assert not old or sum(row["status"] == "Closed" for row in old) >= 0.7 * len(old)
    late = [row for row in open_ones if row["due_on"] and row["due_on"] < AFTERWARDS.date()]
    assert len(late) <= 5


def test_repeat_repairs_are_few_but_there_are_some(lived: Site) -> None:
    faults = [row for row in all_of(lived, "Service Ticket", "repeat_repair", "request_type") if row["request_type"] == "Fault"]
    repeated = sum(bool(row["repeat_repair"]) for row in faults)
    assert 1 <= repeated <= 0.2 * len(faults)


def test_what_is_owed_is_mostly_done_in_time(lived: Site) -> None:
    items = [item for login, *_ in demo_accounts(lived) for item in lived.inbox.items(lived.user(login))]
    owed = {item.obligation.id: item.obligation for item in items}
    late = [one for one in owed.values() if one.due_at and one.due_at < AFTERWARDS]
    assert len(late) <= 15, Counter(one.rule for one in late)
    longest = max((AFTERWARDS - one.due_at for one in late if one.due_at), default=timedelta())
    assert longest < timedelta(days=90), max(late, key=lambda one: AFTERWARDS - (one.due_at or AFTERWARDS))


def test_every_demo_person_has_an_inbox_that_one_can_work_through(lived: Site) -> None:
    sizes = {login: len(lived.inbox.items(lived.user(login))) for login, *_ in demo_accounts(lived)}
    assert max(sizes.values()) <= 45, sizes
    assert sizes["wangfang"] >= 5
    assert sum(size > 0 for size in sizes.values()) >= 10, sizes


def test_only_the_news_of_the_last_days_is_unread(lived: Site) -> None:
    told = {login: lived.told.notifications(lived.user(login), 500) for login, *_ in demo_accounts(lived)}
    fresh = {login: [one for one in told[login] if not one.is_read] for login in told}
    assert max(len(some) for some in told.values()) > 50
    assert min(one.at for some in fresh.values() for one in some) >= AFTERWARDS - timedelta(days=8)
    assert max(len(some) for some in fresh.values()) <= 50, {login: len(some) for login, some in fresh.items()}


def test_no_indicator_is_beyond_sense(lived: Site) -> None:
    for report in lived.reports.offered(ADMIN):
        if report.indicator is None:
            continue
        answer = lived.reports.run(ADMIN, report.name)
        value = (answer.totals or {}).get(report.indicator.value)
        assert value is None or 0 <= value <= 100, (report.name, value)


def test_a_year_of_projects_and_documents_ends_with_signed_reviews_and_updated_customers(lived: Site) -> None:
    pack, loader = lived.read_packs(with_demo=True), lived.fixture_loader()
    assert sum(made for _, made in loader.load(pack.fixtures)) == 0
    slow = [one for one in pack.stories if Path(one[0]).stem in ("trial", "technical_documents")]
    assert isinstance(lived.clock, TurnedClock)
    teller = lived.story_teller(lived.clock, {login: password for login, _, _, password in demo_accounts(lived)})
    for _ in teller.tell(slow, 12, loader.names):
        pass

    assert teller.told.refused == 0
    reviews = all_of(lived, "Product Quality Review Report", "docstatus", "conclusion")
    assert [(row["docstatus"], row["conclusion"]) for row in reviews] == [(1, "Pass")] * 2
    for review in reviews:
        [signature] = lived.signing.of_record(ADMIN, "Product Quality Review Report", review["name"])
        assert (signature.full_name, signature.is_valid) == ("周敏", True)
    assert {row["status"] for row in all_of(lived, "Customer Document Update", "status")} == {"Updated"}
