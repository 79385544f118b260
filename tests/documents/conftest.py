"""The people of the shop, and a site with its parts and orders on each database."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from documents_shop import LINE, ORDER, PART, person

from server.access.user import User
from server.site import Site


@pytest.fixture
def clerk() -> User:
    return person("clerk", "Clerk")


@pytest.fixture
def boss() -> User:
    return person("boss", "Boss")


@pytest.fixture
def shop(any_site: Site, publish: Callable[..., int], clerk: User) -> Site:
    """A site with parts and orders."""
    publish(any_site, PART, LINE, ORDER)
    for code, price in (("P1", "6800"), ("P2", "12.50")):
        any_site.documents.save(clerk, "Part", {"code": code, "title": f"Part {code}", "price": price})
    return any_site
