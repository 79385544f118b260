"""Everything that ships says what it says in Chinese and in English, with the same values."""

from __future__ import annotations

import re

import pytest

from server.assets import builtin_pack
from server.core.translations import fill, places
from server.exchange.packs import read_packs
from server.translating.catalogues import made
from server.translating.entries import Entry, has_chinese, is_worth_translating, merged, templates
from server.translating.metadata_texts import metadata_entries
from server.translating.program_texts import SERVER, program_entries, template_entries

METADATA = merged(metadata_entries(read_packs([builtin_pack()]).sources))


@pytest.mark.parametrize("language", ["zh", "en"])
def test_no_text_of_the_built_in_pack_lacks_a_language(language: str) -> None:
    assert {(item.en, item.references) for item in METADATA if item.lacks(language)} == set()


def test_both_languages_of_a_shipped_message_have_the_same_places() -> None:
    assert [item.references for item in METADATA if places(item.zh) != places(item.en)] == []


def test_english_of_the_program_is_english() -> None:
    assert [item for item in program_entries() if has_chinese(re.sub(r"[“”]", "", item.en))] == []


@pytest.mark.parametrize(
    ("en", "texts"),
    [
        pytest.param("{label} is required.", {"label"}, id="an f-string"),
        pytest.param("New {what}", set(), id="a phrase of the desk"),
        pytest.param("Write the metadata in force to DIRECTORY, as the files of a content pack.", set(), id="a command's help"),
        pytest.param("Verify the chain", set(), id="a template of the admin UI"),
        pytest.param("expected a list of texts", set(), id="a fault given as two texts"),
    ],
)
def test_the_programs_texts_are_found_however_they_are_written(en: str, texts: set[str]) -> None:
    found: list[Entry] = [item for item in program_entries() if item.en == en]

    assert found
    assert found[0].texts == texts


def test_a_print_format_gives_its_texts_and_a_broken_one_none() -> None:
    page = '<th>{{ t("序号", "No.") }}</th>{{ section("备件|Parts") }}'

    assert [(item.zh, item.en) for item in template_entries(page, "x")] == [("序号", "No."), ("备件", "Parts")]
    assert list(template_entries(page + "{% nonsense %}", "x")) == []


def test_every_shipped_sentence_is_read_back_with_its_values_and_its_texts() -> None:
    """Each sentence filled with values and texts, as the program fills it, and translated into a language that adds marks."""
    entries = merged([*metadata_entries(read_packs([builtin_pack()]).sources), *program_entries()])
    words = dict(
        zip("甲乙丙丁戊己庚辛", ("Alpha", "Bravo", "Charlie", "Delta", "Echo", "Foxtrot", "Golf", "Hotel"), strict=True)
    )
    marked = {(item.context, item.en): f"«{item.en}»" for item in entries} | {
        ("", word): word.upper() for word in words.values()
    }
    german = made("de", marked, templates(entries))
    wrong = []
    for item in entries:
        if not item.is_template or not is_worth_translating(item.en):  # "{place}: {text}" is what several sentences look like
            continue
        names = sorted(places(item.zh) | places(item.en))
        chosen = dict(zip(names, words.items(), strict=False))
        chosen |= dict.fromkeys(re.findall(r"(?<=\})\{(\w+)\}", item.en), ("", ""))  # two texts side by side are not told apart
        zh = {name: chosen[name][0] if name in item.texts else f"<{name}> 7" for name in names}
        en = {name: chosen[name][1] if name in item.texts else f"<{name}> 7" for name in names}
        upper = {name: text.upper() if name in item.texts else text for name, text in en.items()}
        if german.to(fill(item.zh, zh), fill(item.en, en)) != fill(f"«{item.en}»", upper):
            wrong.append((item.references[0], german.to(fill(item.zh, zh), fill(item.en, en))))

    assert wrong == []


def test_no_page_chooses_between_two_texts_by_itself() -> None:
    """`"保存" if language() == "zh" else "Save"` has no third language; `say("保存", "Save")` has."""
    chosen = re.compile(r"""(["'])[^"']*[\u4e00-\u9fff][^"']*\1 if (?:\w+(?:\(\))? == ["']zh["']|zh) else (["'])""")

    pages = [(page.name, found[0]) for page in SERVER.rglob("*.html") for found in chosen.finditer(page.read_text("utf-8"))]

    assert pages == []
