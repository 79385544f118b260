"""A text in a column that people write in as well: the history's reasons read in the language of whoever reads them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from server.core.text import Text

WORDS = st.text(min_size=1)


@given(WORDS, WORDS)
def test_what_is_kept_is_read_in_both_languages(zh: str, en: str) -> None:
    text = Text(zh, en)
    if zh == en and zh.startswith('{"zh": '):  # a person who writes like that is read like that
        return
    assert Text.read(text.kept()) == text


@pytest.mark.parametrize(
    "typed",
    [
        "还能修磨。",
        "{",
        '{"zh": ',
        '{"zh": 3}',
        '{"zh": "", "en": ""}',
        '{"zh": ' + "[" * 100_000,
        "",
        r'{"zh": "\ud800"}',
        '{"zh": "one"}',
        '{"zh": "a",  "en": "b"}',
    ],
)
def test_what_a_person_typed_stays_as_typed(typed: str) -> None:
    assert Text.read(typed) == Text(typed, typed)
