"""Bar codes: the same bars on screen and on paper as another encoder of the standard draws, and only where there are signs for the text."""

from __future__ import annotations

import base64
from io import BytesIO

import pytest
from PIL import Image
from reportlab.graphics.barcode.code128 import Code128

from server.core import code128
from server.desk.presenting import barcode
from server.printing.pictures import bar_code


@pytest.mark.parametrize("text", ["GJ-ABC", "Hello World", "a{}~|", "VMC-850/X"])
def test_the_bars_are_those_of_another_encoder(text: str) -> None:
    other = Code128(text)
    other.validate()
    other.encode()
    other.decompose()
    widths = tuple(ord(sign.lower()) - ord("a") + 1 for sign in other.decomposed if sign.isalpha())

    assert code128.bars(text) == widths


@pytest.mark.parametrize("text", ["", "设备", "x" * 81, "tab\t"])
def test_a_text_without_signs_in_the_code_stays_text(text: str) -> None:
    assert code128.bars(text) is None
    assert barcode(text) == ""
    assert bar_code(text, 0.25, 9) is None


def test_screen_and_paper_show_the_bars_between_their_quiet_zones() -> None:
    found = bar_code("SN-20260001", 0.25, 9)

    assert found is not None
    row = Image.open(BytesIO(base64.b64decode(found.address.split(",")[1]))).convert("1").tobytes()
    assert 'viewBox="0 0 ' in barcode("SN-20260001")
    assert row.startswith(b"\xff" * 5)  # ten modules of white, four dots each
    assert found.height_mm == 9
