"""Rules of several DocTypes that belong together are switched and taken back as one."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from server.core.errors import MetadataInvalid, NotFound
from server.exchange.rule_sets import propose_switch, propose_taking_back, rule_sets
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
