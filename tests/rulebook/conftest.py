"""Makes `rulebook_samples` importable under every import mode of pytest; no test passes on the reference's help alone."""

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))


@pytest.fixture(autouse=True)
def no_matcher_failed(request: pytest.FixtureRequest, caplog: pytest.LogCaptureFixture) -> Iterator[None]:
    """A matcher that fails or differs is only logged in the product; here it fails the test that does not expect it."""
    yield
    if "monkeypatch" not in request.fixturenames:
        said = [entry.getMessage() for entry in caplog.get_records("call")]
        assert not [text for text in said if "matcher" in text or "durable-rules failed" in text]
