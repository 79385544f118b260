"""A record that was changed a thousand times opens like any other: its timeline comes in parts."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from flask.testing import FlaskClient

from server.desk.form_page import TOLD_AT_ONCE
from server.site import Site

SAVES = TOLD_AT_ONCE + 60


@pytest.fixture(scope="module")
def loan(site: Site) -> str:
    """A loan changed so often, with a comment after every tenth change."""
    li = site.user("li")
    name = site.documents.save(li, "Tool Loan", {"tool": "外径千分尺", "qty": 1}).name
    for version in range(1, SAVES):
        if version % 10 == 0:
            site.clock.advance(seconds=1)  # type: ignore[attr-defined]
            site.comments.add(li, "Tool Loan", name, f"第 {version} 版之后说的")
        site.clock.advance(seconds=1)  # type: ignore[attr-defined]
        site.documents.save(li, "Tool Loan", {"qty": version + 1}, name=name, version=version)
    return name


def told(html: str) -> list[str]:
    """The versions and comments of a timeline, in their order."""
    return ["".join(found) for found in re.findall(r"\?version=(\d+)|(第 \d+ 版之后说的)</p>", html)]


def earlier(html: str) -> str | None:
    found = re.search(r'data-later="(/timeline/[^"]+)"', html)
    return found and found[1]


def test_a_page_begins_with_the_newest_entries_and_each_part_leads_to_the_one_before(loan: str, signed_in: FlaskClient) -> None:
    everything = []
    for version in range(SAVES, 0, -1):
        everything += [str(version)]
        if (version - 1) % 10 == 0 and version > 1:
            everything += [f"第 {version - 1} 版之后说的"]

    page = signed_in.get(f"/form/Tool Loan/{loan}").text
    parts, more = [told(page)], earlier(page)
    while more is not None:
        part = signed_in.get(more).text
        parts.append(told(part))
        more = earlier(part)

    assert [len([one for one in part if one.isdigit()]) for part in parts] == [TOLD_AT_ONCE, 50, 10]
    assert [one for part in parts for one in part] == everything


def test_those_without_scripts_get_a_longer_page(loan: str, signed_in: FlaskClient) -> None:
    first = signed_in.get(f"/form/Tool Loan/{loan}").text
    link = re.search(r'class="timeline-earlier".*?href="([^"#]+)#talk"', first, re.DOTALL)
    assert link is not None

    longer = signed_in.get(link[1]).text

    assert [one for one in told(longer) if one.isdigit()] == [str(version) for version in range(SAVES, 0, -1)]
    assert earlier(longer) is None


@pytest.mark.parametrize("nonsense", ["-5", "x", "999999999999", ""])
def test_a_number_that_is_none_does_no_harm(loan: str, signed_in: FlaskClient, nonsense: str) -> None:
    assert signed_in.get(f"/form/Tool Loan/{loan}?timeline={nonsense}").status_code == 200
    assert signed_in.get(f"/timeline/Tool Loan/{loan}?passed={nonsense}").status_code == 200


def test_a_short_timeline_offers_nothing_earlier(lends: Callable[..., str], signed_in: FlaskClient) -> None:
    assert earlier(signed_in.get(f"/form/Tool Loan/{lends()}").text) is None
