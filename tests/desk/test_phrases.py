"""The fixed texts: each is used, each used one exists, and each says the same in both languages."""

from __future__ import annotations

import re
from pathlib import Path
from string import Formatter

import pytest

from server.core.text import Text
from server.desk.form_words import FORM_WORDS
from server.desk.phrases import PHRASES
from server.desk.presenting import said
from server.documents.assigning import KEPT as ASSIGNED
from server.documents.attachments import ATTACHED
from server.documents.attachments import TAKEN_OFF as DETACHED
from server.documents.comments import EDITED, REMOVED
from server.documents.owed import KEPT
from server.documents.tags import ADDED
from server.documents.tags import REMOVED as TAKEN_OFF

DESK = Path(__file__).parent.parent.parent / "server" / "desk"
PAGES = "\n".join(
    path.read_text("utf-8") for kind in ("*.html", "*.py") for path in DESK.rglob(kind) if not path.name.endswith("_words.py")
)
SCRIPTS = "\n".join(path.read_text("utf-8") for path in (DESK / "static").rglob("*.js"))
HAN = re.compile(r"[\u4e00-\u9fff]")
SWITCH = "app.switch_language"  # names the other language in the other language
ALL = [pytest.param(text, id=key) for key, text in (PHRASES | FORM_WORDS).items() if key != SWITCH]


def quoted() -> set[str]:
    """Everything between quotes in pages and views that looks like a key, or like the beginning of one (`"action." ~ ...`)."""
    return set(re.findall(r"""["']([a-z]+\.[a-z_]*)(?:\{[^"']*)?["']""", PAGES))


def test_no_page_asks_for_a_text_that_there_is_not() -> None:
    asked = set(re.findall(r"""\bt\(\s*["']([^"'{]+)["']\s*[,)]""", PAGES))

    assert asked - set(PHRASES) == set()


def test_no_text_is_left_over() -> None:
    whole = quoted() & set(PHRASES)
    beginnings = tuple(key for key in quoted() - whole if key.endswith((".", "_")))
    in_scripts = {key for key, text in PHRASES.items() if text in FORM_WORDS.values()}

    assert {key for key in PHRASES if key not in whole | in_scripts and not key.startswith(beginnings)} == set()


def test_the_scripts_use_exactly_the_texts_they_are_given() -> None:
    named = set(re.findall(r"\btexts\.([a-z_]+)", SCRIPTS))
    chosen = {key for line in re.findall(r"\btexts\[([^\]]+)\]", SCRIPTS) for key in re.findall(r'"([a-z_]+)"', line)}

    assert named | chosen == set(FORM_WORDS)


@pytest.mark.parametrize("text", ALL)
def test_a_text_says_the_same_in_both_languages(text: Text) -> None:
    assert text.zh.strip()
    assert text.en.strip()
    assert places(text.zh) == places(text.en)
    assert not HAN.search(text.en)


@pytest.mark.parametrize("text", ALL)
def test_chinese_is_set_with_chinese_punctuation(text: Text) -> None:
    assert not re.search(r"[\u4e00-\u9fff][,:;?!()]", text.zh)


def places(text: str) -> set[str]:
    return {name for _, name, _, _ in Formatter().parse(text) if name}


def test_an_empty_text_of_a_trace_says_nothing() -> None:
    assert said({"zh": "", "en": ""}) == ""


def test_the_timeline_has_words_for_whatever_the_services_keep_in_a_history() -> None:
    services = DESK.parent / "documents"
    notes = "\n".join(path.read_text("utf-8") for path in services.glob("*.py"))
    kept = {
        *re.findall(r'_note\([^"]*"([a-z ]+)"', notes),
        *KEPT.values(),
        EDITED,
        REMOVED,
        ADDED,
        TAKEN_OFF,
        ASSIGNED,
        ATTACHED,
        DETACHED,
    }
    assert {"returned", "transferred", "waived"} <= kept
    assert {action for action in kept if f"action.{action}" not in PHRASES} == set()
