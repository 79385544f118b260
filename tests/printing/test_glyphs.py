"""Characters that the print fonts do not have are spelled out, wherever they stand."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from print_samples import Paper, part

from server.printing.context import PrintContext
from server.printing.glyphs import spell_out, stand_in

Printed = Callable[..., Paper]
DRAWABLE = frozenset(map(ord, "<>/=\"'abcdefghijklmnopqrstuvwxyz &;#0123456789é王"))


@pytest.mark.parametrize(
    ("character", "printed"),
    [
        ("👍", "[thumbs up sign]"),
        ("😀", "[grinning face]"),
        ("䶮", "[U+4DAE]"),
        ("𬭎", "[U+2CB4E]"),
        ("한", "[U+D55C]"),
        ("\U0001f3fd", ""),
        ("\ufe0f", ""),
        ("\u200d", ""),
        ("\u0007", ""),
        ("\ue000", "[U+E000]"),
    ],
    ids=["emoji", "face", "rare hanzi", "beyond the BMP", "hangul", "skin tone", "variation", "joiner", "control", "private"],
)
def test_what_stands_for_a_missing_character(character: str, printed: str) -> None:
    assert stand_in(character) == printed


def test_only_texts_are_spelled_out_and_what_was_replaced_is_told() -> None:
    html, missing = spell_out('<p class="a">王䶮 &amp; cafe\u0301 &#128077;<img alt="䶮"/></p>', DRAWABLE)
    assert html == '<p class="a">王[U+4DAE] &amp; café [thumbs up sign]<img alt="䶮"/></p>'
    assert missing == ["U+4DAE", "U+1F44D"]


def test_a_document_of_known_characters_is_left_alone() -> None:
    assert spell_out("<p>王 &amp;</p>", DRAWABLE) == ("<p>王 &amp;</p>", [])


def test_emoji_are_readable_in_every_part_of_a_print(
    printed: Printed, record: dict[str, Any], context: PrintContext, caplog: pytest.LogCaptureFixture
) -> None:
    given = replace(context, company="规矩🏭", printed_by="王䶮")
    values = {"contact": "王䶮", "cause": "很好👍", "note": "<p>快<b>😀</b></p>", "items": [part(1, remark="⚠️🙈")]}
    text = printed(record | values, None, given).run_together
    for spelled in ("规矩[factory]", "王[U+4DAE]", "很好[thumbsupsign]", "快[grinningface]", "[see-no-evilmonkey]"):
        assert spelled in text
    assert "U+4DAE" in caplog.text
    assert "\ufffd" not in text


def test_a_bar_code_keeps_what_was_typed(printed: Printed, record: dict[str, Any]) -> None:
    html = '<pdf:barcode type="qr" value="{{ doc.contact }}" barwidth="18mm" barheight="18mm"/><p>好</p>'
    assert "[" not in printed(record | {"contact": "王䶮"}, html).text
