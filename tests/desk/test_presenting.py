"""What templates say: texts as metadata and traces keep them."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from types import SimpleNamespace
from zoneinfo import ZoneInfo

import pytest

from server import web
from server.desk.presenting import due, said


@pytest.mark.parametrize(
    ("kept", "shown"),
    [
        pytest.param({"zh": "金额", "en": "Amount"}, "Amount", id="both languages"),
        pytest.param("Amount", "Amount", id="one for both"),
        pytest.param({"zh": "", "en": ""}, "", id="an empty one, as a trace keeps it"),
        pytest.param(None, "", id="none"),
    ],
)
def test_a_kept_text_is_said_in_the_readers_language(
    kept: str | Mapping[str, str] | None, shown: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(web, "language", lambda: "en")

    assert said(kept) == shown


@pytest.mark.parametrize(
    ("at", "shown"),
    [
        pytest.param("2026-12-17T16:00+00:00", "2026-12-17 24:00", id="the end of a day"),
        pytest.param("2026-12-17T16:01+00:00", "2026-12-18 00:01", id="the day after"),
        pytest.param("2026-12-31T16:00+00:00", "2026-12-31 24:00", id="the end of a year"),
        pytest.param("2026-12-17T09:30+00:00", "2026-12-17 17:30", id="by day"),
    ],
)
def test_what_is_due_at_the_end_of_a_day_names_that_day(at: str, shown: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(web, "services", lambda: SimpleNamespace(zone=ZoneInfo("Asia/Shanghai")))

    assert due(datetime.fromisoformat(at)) == shown
