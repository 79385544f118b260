"""`/metrics`: what it counts, and that strangers get nothing."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest

from server.app import create_app
from server.core.metrics import Family, Histogram, rendered
from server.core.text import Text
from server.obligations.book import ObligationBook
from server.obligations.model import Obligation
from server.site import Site

LINE = re.compile(r'(# (HELP|TYPE) \w+ .+|\w+(\{\w+="(\\.|[^"\\])*"(,\w+="(\\.|[^"\\])*")*\})? -?[0-9.e+]+)')


def test_labels_are_escaped_and_histograms_add_up() -> None:
    times = Histogram("t", "Times.")
    for seconds in (0.005, 0.05, 99):
        times.observe(seconds, method="GET")
    text = rendered([Family("f", "gauge", "Help.", {(("channel", 'a"b\\c\nd'),): 2, (): 0.5}), times])
    assert 'f{channel="a\\"b\\\\c\\nd"} 2' in text
    assert "f 0.5" in text
    assert re.findall(r't_bucket\{method="GET",le="(0.01|0.05|10.0|\+Inf)"\} (\d)', text) == [
        ("0.01", "1"),
        ("0.05", "2"),
        ("10.0", "2"),
        ("+Inf", "3"),
    ]
    assert all(LINE.fullmatch(line) for line in text.splitlines())


def test_it_tells_what_is_owed_late_and_waiting_and_how_requests_took(shipped_site: Site) -> None:
    now = shipped_site.clock.now()
    with shipped_site.database.write() as connection:
        for number, state in enumerate(("open", "open", "late")):
            ObligationBook(connection).open(Obligation(
                id=f"o{number}", kind="obligation", rule="r", doctype="Call", name="C", title=Text.of("t"), opened_at=now, opened_by="x",
                state=state, due_at=now if number else None,
            ))  # type: ignore[arg-type]  # fmt: skip
    client = create_app(shipped_site).test_client()
    client.get("/login")
    answer = client.get("/metrics")
    assert answer.headers["Content-Type"].startswith("text/plain; version=0.0.4")
    text = answer.text
    assert all(LINE.fullmatch(line) for line in text.splitlines())
    for line in (
        'guiju_obligations{kind="obligation",state="open"} 2', 'guiju_obligations{kind="obligation",state="late"} 1',
        'guiju_obligations{kind="obligation",state="escalated"} 0', "guiju_obligations_due 1", 'guiju_jobs{state="dead"} 0',
        'guiju_request_seconds_count{method="GET",status="2xx"} 1',
    ):  # fmt: skip
        assert f"{line}\n" in text, line


@pytest.mark.parametrize(
    ("token", "address", "headers", "status"),
    [
        ("", "127.0.0.1", {}, 200),
        ("", "::1", {}, 200),
        ("", "10.0.0.7", {}, 404),
        ("", "127.0.0.1", {"X-Forwarded-For": "10.0.0.7"}, 404),
        ("", "127.0.0.1", {"Forwarded": "for=10.0.0.7"}, 404),
        ("", "10.0.0.7", {"Authorization": "Bearer "}, 404),
        ("s3cret", "10.0.0.7", {"Authorization": "Bearer s3cret"}, 200),
        ("s3cret", "10.0.0.7", {"Authorization": "Bearer s3cre"}, 404),
        ("s3cret", "127.0.0.1", {}, 404),
    ],
)
def test_only_this_machine_or_who_knows_the_token(
    shipped_site: Site, token: str, address: str, headers: dict[str, str], status: int
) -> None:
    shipped_site.settings = replace(shipped_site.settings, metrics_token=token)
    answer = create_app(shipped_site).test_client().get("/metrics", headers=headers, environ_base={"REMOTE_ADDR": address})
    assert answer.status_code == status
    assert ("guiju_obligations" in answer.text) == (status == 200)
