"""Service, REST, desk, search and print judge alike: for random roles, ownership, user permissions and shares none shows or does
what another refuses, and all agree with a reading of the rules that is written down here once more."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, Literal

import pytest
from argon2 import PasswordHasher
from flask.testing import FlaskClient
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from server.access import passwords, shares
from server.access.shares import Share
from server.access.user import User
from server.app import create_app
from server.core.clock import SettableClock
from server.core.errors import PermissionRefused
from server.exchange.packs import Source
from server.site import Site, open_site

ADMIN = User.administrator()
NINE = datetime(2026, 6, 15, 1, 0, tzinfo=UTC)
CORE = ("User", "Role", "Has Role", "Department", "User Permission")
ROLES = ("Reader", "Writer", "Owner", "Seer", "Own Seer", "Printer")
CUSTOMERS = ("东岭", "秦川")
EVERYTHING = {"role": "System Manager", "read": 1, "write": 1, "create": 1}
CUSTOMER = {
    "doctype": "DocType", "name": "Customer", "autoname": "field:title", "permissions": [EVERYTHING],
    "fields": [{"fieldname": "title", "fieldtype": "Data"}],
}  # fmt: skip
VISIT: dict[str, Any] = {
    "doctype": "DocType", "name": "Visit", "autoname": "format:V-{###}", "search_fields": "note",
    "fields": [
        {"fieldname": "customer", "fieldtype": "Link", "options": "Customer", "in_list_view": 1},
        {"fieldname": "note", "fieldtype": "Data", "in_list_view": 1},
        {"fieldname": "margin", "fieldtype": "Data", "permlevel": 1, "in_list_view": 1},
    ],
    "permissions": [
        EVERYTHING, {"role": "Reader", "read": 1}, {"role": "Writer", "read": 1, "write": 1},
        {"role": "Owner", "read": 1, "write": 1, "if_owner": 1}, {"role": "Printer", "print": 1},
        {"role": "Seer", "read": 1, "permlevel": 1}, {"role": "Own Seer", "read": 1, "permlevel": 1, "if_owner": 1},
    ],
}  # fmt: skip
Given = Literal["nothing", "read", "write"]


@dataclass(frozen=True)
class Visit:
    name: str
    customer: str | None
    is_own: bool
    margin: str


@dataclass(frozen=True)
class Rights:
    """What Li has: roles, the customers that Li is confined to, and what others shared of each visit."""

    roles: frozenset[str] = frozenset()
    only: frozenset[str] | None = None
    shared: dict[str, Given] = field(default_factory=dict)

    def _within(self, visit: Visit) -> bool:
        return self.only is None or visit.customer is None or visit.customer in self.only

    def reads(self, visit: Visit) -> bool:
        by_role = bool(self.roles & {"Reader", "Writer"}) or ("Owner" in self.roles and visit.is_own)
        return self._within(visit) and (by_role or self.shared.get(visit.name, "nothing") != "nothing")

    def writes(self, visit: Visit) -> bool:
        by_role = "Writer" in self.roles or ("Owner" in self.roles and visit.is_own)
        return self._within(visit) and (by_role or self.shared.get(visit.name) == "write")

    def prints(self, visit: Visit) -> bool:
        is_shared = self.shared.get(visit.name, "nothing") != "nothing"
        return self.reads(visit) and ("Printer" in self.roles or is_shared)

    def sees_margin(self, visit: Visit) -> bool:
        return self.reads(visit) and ("Seer" in self.roles or ("Own Seer" in self.roles and visit.is_own))


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    with pytest.MonkeyPatch.context() as patch:
        cheap = PasswordHasher(time_cost=1, memory_cost=64, parallelism=1)
        patch.setattr(passwords, "_HASHER", cheap)
        patch.setattr(passwords, "_NOBODY", cheap.hash("nobody types this"))
        site = open_site(tmp_path_factory.mktemp("ways"), clock=SettableClock(NINE), environ={}, embedded_worker=False)
        core = [source for source in site.read_packs().sources if source.kind == "DocType" and source.name in CORE]
        own = [Source("DocType", piece["name"], piece) for piece in (CUSTOMER, VISIT)]
        site.publisher.publish(site.publisher.propose([*core, *own]), "tests")
        for role in ROLES:
            site.documents.save(ADMIN, "Role", {"role_name": role})
        for title in CUSTOMERS:
            site.documents.save(ADMIN, "Customer", {"title": title})
        site.documents.save(ADMIN, "User", {"login": "li", "full_name": "李工", "enabled": 1})
        site.accounts.set_password("li", "ways-Password-1")
        yield site
        site.close()


@pytest.fixture(scope="module")
def visits(site: Site) -> list[Visit]:
    """A visit to each customer and to nobody, made by Li and by somebody else."""
    made = []
    maker = User("li", "李工", frozenset({"System Manager"}))
    for is_own in (True, False):
        for customer in (*CUSTOMERS, None):
            saved = site.documents.save(maker if is_own else ADMIN, "Visit", {"customer": customer, "note": "回访"})
            margin = f"M{len(made)}-secret"
            site.documents.save(ADMIN, "Visit", {"margin": margin}, name=saved.name)
            made.append(Visit(saved.name, customer, is_own, margin))
    return made


@pytest.fixture(scope="module")
def browser(site: Site) -> FlaskClient:
    client = create_app(site).test_client()
    token, _ = site.accounts.sign_in("li", "ways-Password-1", "127.0.0.1", "tests")
    client.set_cookie("sid", token)
    return client


@pytest.fixture(scope="module")
def give(site: Site, visits: list[Visit]) -> Callable[[Rights], User]:
    """Give Li these rights and no others; Li as the next request sees them."""

    def run(rights: Rights) -> User:
        rows = [{"allow": "Customer", "for_value": name} for name in sorted(rights.only or ())]
        roles = [{"role": role} for role in sorted(rights.roles)]
        site.documents.save(ADMIN, "User", {"roles": roles, "user_permissions": rows}, name="li")
        with site.database.write() as connection:
            for visit in visits:
                shares.take_back(connection, "Visit", visit.name, "li")
                if (given := rights.shared.get(visit.name, "nothing")) != "nothing":
                    shares.keep(connection, Share("Visit", visit.name, "li", given == "write", False, "zhao", NINE))
        return site.user("li")

    return run


def allowed(attempt: Callable[[], Any]) -> bool:
    try:
        attempt()
    except PermissionRefused:
        return False
    return True


@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_every_way_shows_and_does_the_same(
    site: Site, visits: list[Visit], browser: FlaskClient, give: Callable[[Rights], User], data: st.DataObject
) -> None:
    rights = Rights(
        data.draw(st.frozensets(st.sampled_from(ROLES)), label="roles"),
        data.draw(st.none() | st.frozensets(st.sampled_from(CUSTOMERS), min_size=1), label="only"),
        data.draw(
            st.fixed_dictionaries({}, optional={v.name: st.sampled_from(("read", "write")) for v in visits}), label="shared"
        ),
    )
    li = give(rights)

    readable = {visit.name for visit in visits if rights.reads(visit)}
    for visit in visits:
        answers = [
            allowed(lambda: site.documents.load(li, "Visit", visit.name)),  # noqa: B023  (called at once)
            browser.get(f"/api/resource/Visit/{visit.name}").status_code == 200,
            browser.get(f"/form/Visit/{visit.name}").status_code == 200,
            allowed(lambda: site.queries.history(li, "Visit", visit.name)),  # noqa: B023
        ]
        assert answers == [visit.name in readable] * 4, visit
        shown = browser.get(f"/api/resource/Visit/{visit.name}").get_data(as_text=True)
        form = browser.get(f"/form/Visit/{visit.name}").get_data(as_text=True)
        assert [visit.margin in text for text in (shown, form)] == [rights.sees_margin(visit)] * 2, visit
        note = {"note": "回访"}
        assert allowed(lambda: site.documents.save(li, "Visit", note, name=visit.name)) == rights.writes(visit), visit  # noqa: B023

    lists = browser.get("/api/resource/Visit?limit_page_length=50")
    if not li.roles & {"Reader", "Writer", "Owner"} and not rights.shared:
        assert lists.status_code == 403
    else:
        assert {row["name"] for row in lists.get_json()["data"]} == readable
    pages = [browser.get(path).get_data(as_text=True) for path in ("/list/Visit", "/search?q=回访")]
    for visit in visits:
        assert [f"/form/Visit/{visit.name}" in page for page in pages] == [visit.name in readable] * 2, visit
        assert rights.sees_margin(visit) or all(visit.margin not in page for page in pages), visit

    one = data.draw(st.sampled_from(visits), label="printed")
    printed = browser.get(f"/print/Visit/{one.name}")
    assert (printed.status_code == 200) == rights.prints(one)
