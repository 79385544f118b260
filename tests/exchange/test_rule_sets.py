"""Rules of several DocTypes that belong together are switched and taken back as one."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from server.access.user import User
from server.core.errors import MetadataInvalid, NotFound, ValidationFailed
from server.core.ids import digest
from server.core.values import canonical
from server.exchange.rule_sets import (
    drafts_of,
    propose_drafts,
    propose_members,
    propose_switch,
    propose_taking_back,
    rule_sets,
    set_history,
)
from server.site import Site

ONE, TWO = ({"name": name, "fields": [{"fieldname": "total", "fieldtype": "Int"}]} for name in ("Offer", "Contract"))


def limit(name: str, doctype: str, number: int, **more: Any) -> dict[str, Any]:
    when = {"all": [["total", ">", number]]}
    return {"name": name, "applies_to": doctype, "rule_set": "limits", "when": when, "then": [{"warn": "much"}]} | more


def enabled(site: Site) -> list[bool]:
    return [rule.enabled for rule in rule_sets(site.snapshot().rulebook.rules.values())["limits"]]


@pytest.mark.parametrize("empty_site", ["sqlite"], indirect=True)
def test_a_set_is_switched_and_taken_back_as_one(empty_site: Site, publish: Callable[..., int]) -> None:
    publisher = empty_site.publisher
    publish(empty_site, ONE, TWO, limit("a", "Offer", 10), limit("b", "Contract", 10))
    publish(empty_site, limit("a", "Offer", 20), limit("b", "Contract", 20))
    before = publisher.snapshot().version
    assert publisher.publish(propose_switch(publisher, "limits", on=False), "tests") == before + 1
    assert enabled(empty_site) == [False, False]
    propose_taking_back(publisher, "limits").publish(publisher, "tests")
    assert enabled(empty_site) == [True, True]
    propose_taking_back(publisher, "limits").publish(publisher, "tests")
    with pytest.raises(NotFound, match="limits"):
        propose_switch(publisher, "limit", on=True)


@pytest.mark.parametrize("empty_site", ["sqlite"], indirect=True)
def test_half_a_set_is_not_published(empty_site: Site, publish: Callable[..., int]) -> None:
    with pytest.raises(MetadataInvalid) as refused:
        publish(empty_site, ONE, TWO, limit("a", "Offer", 10), limit("b", "Contract", 10, enabled=0))
    assert "the rules of the set 'limits' are on or off together; a differs" in refused.value.faults[0].text.en


@pytest.mark.parametrize("empty_site", ["sqlite"], indirect=True)
def test_rules_are_put_into_a_set_and_taken_out_and_its_history_says_by_whom_and_why(
    empty_site: Site, publish: Callable[..., int]
) -> None:
    publisher = empty_site.publisher
    publish(empty_site, ONE, TWO, limit("a", "Offer", 10), limit("b", "Contract", 10, rule_set="others"))
    publisher.publish(propose_members(publisher, "limits", ["a", "b"]), "quality", reason="One limit for both")
    assert [rule.name for rule in rule_sets(publisher.snapshot().rulebook.rules.values())["limits"]] == ["a", "b"]
    publisher.publish(propose_members(publisher, "limits", ["b"]), "quality")

    newest, before, first = set_history(publisher, "limits")
    assert [(name, after.get("rule_set")) for name, _, after in newest.rules] == [("a", None)]
    assert [(name, was and was["rule_set"]) for name, was, _ in before.rules] == [("b", "others")]
    assert (before.by, before.reason) == ("quality", "One limit for both")
    assert [name for name, _, _ in first.rules] == ["a"]
    with pytest.raises(NotFound, match='no rule "c"'):
        propose_members(publisher, "limits", ["c"])
    with pytest.raises(ValidationFailed):
        propose_members(publisher, " ", ["a"])


@pytest.mark.parametrize("empty_site", ["sqlite"], indirect=True)
def test_drafts_of_a_set_are_published_together_unless_one_is_behind(empty_site: Site, publish: Callable[..., int]) -> None:
    publisher, author = empty_site.publisher, User.administrator()
    a, b = limit("a", "Offer", 10), limit("b", "Contract", 10)
    publish(empty_site, ONE, TWO, a, b, limit("c", "Offer", 10, rule_set="others"))
    for raw in (a, b):
        changed = limit(raw["name"], raw["applies_to"], 20)
        empty_site.drafts.save("Rule", raw["name"], author.name, changed, digest(canonical(raw)))
    empty_site.drafts.save("Rule", "new-1", author.name, limit("d", "Offer", 30), "")
    empty_site.drafts.save("Rule", "c", author.name, limit("c", "Offer", 30, rule_set="others"), "")

    drafts = drafts_of(publisher, "limits", empty_site.drafts.all("Rule"))
    assert sorted(source.name for source in propose_drafts(publisher, drafts, author).changed) == ["a", "b", "d"]
    publish(empty_site, limit("a", "Offer", 15))
    with pytest.raises(ValidationFailed) as refused:
        propose_drafts(publisher, drafts, author)
    assert [fault.where for fault in refused.value.faults] == ["a"]
