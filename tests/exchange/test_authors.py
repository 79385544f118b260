"""Whoever publishes a rule can read what it asks other records."""

from __future__ import annotations

from typing import Any

import pytest

from server.access.user import User
from server.core.errors import MetadataInvalid
from server.exchange.packs import Source
from server.exchange.readable_facts import unreadable_facts
from server.metadata.load import read_doctype
from server.metadata.model import Model
from server.rulebook.model import Rule
from server.rulebook.read import read_rule
from server.site import Site

PAY = {
    "name": "Pay",
    "fields": [{"fieldname": "person", "fieldtype": "Data"}, {"fieldname": "salary", "fieldtype": "Currency", "permlevel": 1},
               {"fieldname": "raised_on", "fieldtype": "Date", "permlevel": 1}],
    "permissions": [{"role": "Personnel", "read": 1}, {"role": "Chief", "read": 1}, {"role": "Chief", "permlevel": 1, "read": 1}, {"role": "Own", "read": 1, "if_owner": 1}],
}  # fmt: skip
LEAVE = {"name": "Leave", "fields": [{"fieldname": "person", "fieldtype": "Data"}], "permissions": [{"role": "All", "read": 1}]}
MODEL = Model({raw["name"]: read_doctype(raw) for raw in (PAY, LEAVE)})  # type: ignore[index, misc]
OF_PERSON = ["person", "=", {"path": "person"}]


def asking(**facts: Any) -> Rule:
    return read_rule({"name": "r", "applies_to": "Leave", "facts": facts, "then": [{"warn": "x"}]})


def refused(rule: Rule, *roles: str, before: Rule | None = None) -> list[str]:
    author = User("author", "author", frozenset((*roles, "All")))
    return [fault.where for fault in unreadable_facts(rule, before, author, MODEL)]


PAID = asking(n={"count": "Pay", "where": [OF_PERSON]})
SUM = asking(n={"sum": "salary", "of": "Pay", "where": [OF_PERSON]})
HIGHEST = asking(n={"first": "person", "of": "Pay", "order_by": "salary\tdesc"})
RAISED = asking(n={"count": "Pay", "period": {"this": "year", "on": "raised_on"}})
MANY = asking(n={"count": "Pay", "where": [["salary", ">", 10000]]})


@pytest.mark.parametrize(
    ("rule", "role", "places"),
    [(PAID, "Clerk", ["facts.n"]), (PAID, "Own", ["facts.n"]), (PAID, "Personnel", []), (SUM, "Personnel", ["facts.n"]), (MANY, "Personnel", ["facts.n"]), (SUM, "Chief", []),
     (HIGHEST, "Personnel", ["facts.n"]), (RAISED, "Personnel", ["facts.n"]), (RAISED, "Chief", [])],
)  # fmt: skip
def test_a_fact_is_refused_whose_records_or_fields_the_author_does_not_read(rule: Rule, role: str, places: list[str]) -> None:
    assert refused(rule, role) == places


def test_what_was_published_before_stays_and_the_administrator_may_all() -> None:
    assert refused(SUM, "Clerk", before=SUM) == []
    assert refused(asking(n={"sum": "salary", "of": "Pay"}), "Clerk", before=SUM) == ["facts.n"]
    assert unreadable_facts(SUM, None, User.administrator(), MODEL) == []


def test_so_it_is_wherever_somebody_publishes(shipped_site: Site) -> None:
    admin = User.administrator()
    shipped_site.documents.save(admin, "User", {"login": "mallory", "full_name": "Mallory"})
    rule = {
        "name": "peep",
        "applies_to": "Service Ticket",
        "facts": {"n": {"count": "Customer"}},
        "when": {"all": [["@n", ">", 0]]},
        "then": [{"warn": "{@n}"}],
    }
    publisher = shipped_site.publisher
    proposal = publisher.propose([Source("Rule", "peep", rule)])

    with pytest.raises(MetadataInvalid, match="you may not read every Customer"):
        publisher.publish(proposal, by="mallory", origin="site")
    publisher.publish(proposal, by=admin.name, origin="site")
