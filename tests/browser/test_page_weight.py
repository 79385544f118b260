"""What a page costs on the way to the browser: the first visit, the next one, and nothing that jumps while it loads."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from desk_people import Desk

pytestmark = pytest.mark.browser

SignIn = Callable[..., Desk]
FIRST_KB, NEXT_KB, MOST_SHIFT = 250, 40, 0.1  # the last: what browsers call a page that keeps still
SHIFT = """() => new Promise((done) => {
  let sum = 0;
  new PerformanceObserver((list) => { for (const one of list.getEntries()) if (!one.hadRecentInput) sum += one.value; }).observe({ type: "layout-shift", buffered: true });
  requestAnimationFrame(() => setTimeout(() => done(sum)));
})"""


@pytest.mark.parametrize("path", ["/", "/list/Service%20Ticket", "/form/Service%20Ticket/ST-2026-00013"])
def test_a_page_is_light_at_first_lighter_then_and_keeps_still(signed_in: SignIn, path: str) -> None:
    page = signed_in("wangfang", new=True).page
    wire = page.context.new_cdp_session(page)
    wire.send("Network.enable")
    came: list[int] = []
    wire.on("Network.loadingFinished", lambda event: came.append(event["encodedDataLength"]))

    weights = []
    for _ in range(2):
        came.clear()
        page.goto(path, wait_until="networkidle")
        weights.append(sum(came) / 1024)

    first, after = weights
    assert (first < FIRST_KB, after < NEXT_KB) == (True, True), weights
    assert page.evaluate(SHIFT) < MOST_SHIFT
