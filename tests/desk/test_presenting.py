"""What templates say: texts as metadata and traces keep them."""

from __future__ import annotations

from collections.abc import Mapping

import pytest

from server import web
from server.desk.presenting import said


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
