"""Whose obligations somebody sees in the calendar beside their own: by heading a department, by being in charge, never otherwise."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta

import pytest
from needs import own_database

from server.access.user import User
from server.core.clock import SettableClock
from server.core.errors import PermissionRefused
from server.core.text import Text
from server.exchange.packs import Source
from server.obligations.book import ObligationBook
from server.obligations.model import Obligation
from server.site import Site, open_site

ROOT = User.administrator()
NOW = datetime(2026, 3, 2, 1, 0, tzinfo=UTC)
END = NOW + timedelta(days=31)
CALL = {
    "name": "Call", "label": {"zh": "来电", "en": "Call"}, "autoname": "format:C-{####}",
    "fields": [{"fieldname": "topic", "fieldtype": "Data", "label": "Topic"}],
    "permissions": [{"role": "Staff", "read": 1, "create": 1}, {"role": "Guard", "read": 1, "if_owner": 1}],
}  # fmt: skip
PEOPLE = {  # department, roles
    "li": ("Field", ["Staff"]), "chen": ("Field", ["Staff"]), "wu": ("Office", ["Staff"]), "zhu": ("Field", ["Guard"]),
    "head": ("Service", ["Staff"]), "blind": ("Blind", ["Guard"]), "quality": ("Office", ["Staff", "Quality"]), "boss": ("Office", ["System Manager", "Staff"]),
}  # fmt: skip


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    folder = tmp_path_factory.mktemp("month")
    with own_database("sqlite", folder) as url:
        site = open_site(folder, clock=SettableClock(NOW), environ={}, database_url=url, embedded_worker=False)
        core = [
            item
            for item in site.read_packs().sources
            if item.kind == "DocType" and item.name in ("User", "Role", "Has Role", "Department", "User Permission")
        ]
        site.publisher.publish(site.publisher.propose([*core, Source("DocType", "Call", CALL)]), "tests")
        for role in ("Staff", "Guard", "Quality", "System Manager"):
            site.documents.save(ROOT, "Role", {"role_name": role, "title": role})
        for name, above in (("Service", None), ("Field", "Service"), ("Office", None), ("Blind", None)):
            site.documents.save(ROOT, "Department", {"department_name": name, "parent_department": above})
        for login, (department, roles) in PEOPLE.items():
            values = {
                "login": login,
                "full_name": login.title(),
                "enabled": 1,
                "department": department,
                "roles": [{"role": role} for role in roles],
            }
            site.documents.save(ROOT, "User", values)
        for name, leader in (("Service", "head"), ("Blind", "blind")):
            site.documents.save(ROOT, "Department", {"leader": leader}, name=name)
        call = site.documents.save(site.user("li"), "Call", {"topic": "t"}).name
        with site.database.write() as connection:
            for number, (by, to) in enumerate(
                (("li", "Quality"), ("chen", None), ("wu", "Quality"), ("wu", "Qualit"), ("head", None))
            ):
                ObligationBook(connection).open(Obligation(
                    id=f"{by}{number}", kind="obligation", rule="r", doctype="Call", name=call, title=Text.of(by), opened_at=NOW,
                    opened_by="x", owed_by_user=by, due_at=NOW + timedelta(days=number), escalate_to=to,
                ))  # fmt: skip
        yield site
        site.close()


def seen(site: Site, who: str, whose: str) -> list[str] | str:
    try:
        return [item.obligation.id for item, _ in site.owed_month.due(site.user(who), whose, NOW, END).items]
    except PermissionRefused:
        return "refused"


@pytest.mark.parametrize(
    ("who", "whose", "expected"),
    [
        ("li", "", ["li0"]),
        ("li", "person:chen", "refused"),
        ("li", "department:Field", "refused"),
        ("li", "charge", []),
        ("head", "department:Field", ["li0", "chen1"]),
        ("head", "person:li", ["li0"]),
        ("head", "person:wu", "refused"),
        ("head", "department:Office", "refused"),
        ("quality", "charge", ["li0", "wu2"]),
        ("quality", "person:wu", ["wu2"]),
        ("quality", "person:chen", "refused"),
        ("boss", "person:wu", ["wu2", "wu3"]),
        ("boss", "charge", ["li0", "chen1", "wu2", "wu3", "head4"]),
        ("boss", "nonsense", []),
        ("blind", "department:Blind", []),
    ],
)
def test_one_sees_only_whom_one_answers_for(site: Site, who: str, whose: str, expected: list[str] | str) -> None:
    assert seen(site, who, whose) == expected


def test_a_head_who_may_not_read_the_record_sees_nothing_of_it(site: Site) -> None:
    site.documents.save(ROOT, "User", {"department": "Blind"}, name="chen")
    assert seen(site, "blind", "person:chen") == []
    site.documents.save(ROOT, "User", {"department": "Field"}, name="chen")


def test_the_choice_offers_exactly_those(site: Site) -> None:
    offered: Callable[[str], list[str]] = lambda who: [one.key for one in site.owed_month.choices(site.user(who))]  # noqa: E731
    assert offered("li") == []
    assert offered("head") == ["charge", "department:Field", "department:Service", "person:chen", "person:li", "person:zhu"]
    assert offered("quality") == ["charge", "person:li", "person:wu"]
