"""A record judged again as of a day: as it was then, by the rules then in force."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from documents_shop import order

from server.access.user import User
from server.core.clock import SettableClock
from server.core.errors import NotFound, PermissionRefused
from server.site import Site

CAP = {
    "name": "cap", "applies_to": "Order", "when": {"all": [["total", ">", 10000]]}, "source": ["S02-04"],
    "then": [{"warn": {"message": "{total} is much"}}],
}  # fmt: skip


def spoken(found: dict[str, Any]) -> list[str]:
    return [entry["rule"] for entry in found["rules"] if entry["matched"]]


def test_the_record_and_the_rules_of_that_day_speak(
    shop: Site, publish: Callable[..., int], clerk: User, boss: User, clock: SettableClock
) -> None:
    before = clock.now()
    clock.advance(days=1)
    publish(shop, CAP)
    name = shop.documents.save(clerk, "Order", order()).name
    first = clock.now()
    clock.advance(days=10)
    publish(
        shop,
        CAP | {"when": {"all": [["total", ">", 100000]]}},
        CAP | {"name": "new", "when": {"all": [["status", "=", "Closed"]]}},
    )
    shop.documents.save(clerk, "Order", {"lines": [{"part": "P2", "qty": 1}], "status": "Closed", "reason": "x"}, name=name)
    second = clock.now()
    shop.documents.submit(clerk, "Order", name)

    then = shop.judged_then.replay(clerk, "Order", name, first)
    assert (then["version"], spoken(then), then["event"]) == (1, ["cap"], "validate")
    assert [text["en"] for text in then["messages"]] == ["13,637.50 is much (clause S02-04)"]
    assert then["facts"] == "today"
    now = shop.judged_then.replay(clerk, "Order", name, second)
    assert (now["version"], spoken(now), now["event"]) == (3, ["new"], "submit")
    with pytest.raises(NotFound):
        shop.judged_then.replay(clerk, "Order", name, before)
    with pytest.raises(PermissionRefused):
        shop.judged_then.replay(User("stranger"), "Order", name, first)
    assert shop.documents.load(clerk, "Order", name)["docstatus"] == 1
