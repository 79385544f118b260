"""PO files: nothing is lost on the way, and a faulty file is refused whole with its entries named."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from server.core.errors import ValidationFailed
from server.translating import po
from server.translating.entries import Entry, merged

HEAD = 'msgid ""\nmsgstr ""\n"Language: de\\n"\n"Content-Type: text/plain; charset=utf-8\\n"\n\n'
ENTRY = 'msgid "a"\nmsgstr "b"\n'
KNOWN = [
    Entry("{label}必填", "{label} is required", texts=frozenset({"label"})),
    Entry("{count} 个值", "{count} value{s}", optional=frozenset({"s"})),
]
words = st.text(st.characters(codec="utf-8", exclude_categories=("Cc", "Cs")), min_size=1, max_size=40).filter(str.strip)


@settings(max_examples=60)
@given(st.lists(st.tuples(words, words, words), max_size=12), st.randoms())
def test_export_and_import_keep_every_translation(texts: list[tuple[str, str, str]], random: object) -> None:
    entries = merged(Entry(zh, en, references=("DocType Some Thing: field.label", "server/a.py:7")) for zh, en, _ in texts)
    by_text = {(zh, en): text for zh, en, text in texts}
    wanted = {(item.context, item.en): by_text[item.zh, item.en] for item in entries}
    wanted = {key: text for key, text in wanted.items() if po.wrong_places(key[1], text) is None}
    wanted[("", "an entry that no text asks for")] = "bleibt\nerhalten"

    read = po.read(po.write("de", entries, wanted), entries)

    assert (read.language, dict(read.translations), read.left_out) == ("de", wanted, ())


@pytest.mark.parametrize(
    ("content", "said"),
    [
        pytest.param(b"hello", "not a valid PO", id="no PO"),
        pytest.param(b"PK\x03\x04\xff\xfe", "encoding", id="an Excel file"),
        pytest.param(
            (HEAD.replace("charset=utf-8", "charset=klingon") + ENTRY).encode(), "not a valid PO", id="unknown encoding"
        ),
        pytest.param((HEAD + 'msgid "a"\nmsgstr "ä"\n').encode("latin-1"), "encoding", id="another encoding than named"),
        pytest.param((HEAD + 'msgid "a\nmsgstr "b"\n').encode(), "check its quotes", id="broken quotes"),
        pytest.param(b"", "holds no entry", id="empty"),
        pytest.param(
            (
                HEAD.replace("de\\n", "de\\nPlural-Forms: nplurals=1000000000000; plural=n;\\n")
                + 'msgid "a"\nmsgid_plural "b"\nmsgstr[6] "c"\n'
            ).encode(),
            "not a valid PO",
            id="more plurals than any memory holds",
        ),
        pytest.param((HEAD.replace("de", "klingon") + ENTRY).encode(), "not the code of a language", id="no such language"),
        pytest.param((HEAD + 'msgid "{label} is required"\nmsgstr "{Label} fehlt"\n').encode(), "{Label}", id="strange place"),
        pytest.param((HEAD + 'msgid "{label} is required"\nmsgstr "fehlt"\n').encode(), "lacks {label}", id="missing place"),
    ],
)
def test_a_faulty_file_is_refused_with_what_to_mend(content: bytes, said: str) -> None:
    with pytest.raises(ValidationFailed) as refused:
        po.read(content, KNOWN, source="x.po")

    assert said in " ".join(refused.value.lines("en"))


@pytest.mark.parametrize(
    ("written", "code"),
    [("de", "de"), ("pt_BR", "pt-BR"), ("zh_CN", "zh"), ("zh-Hans", "zh"), ("zh_TW", "zh-TW"), ("en_US", "en"), (" vi ", "vi")],
)
def test_a_language_has_one_code_however_it_is_written(written: str, code: str) -> None:
    assert po.code_of(written) == code


def test_right_to_left_is_refused_by_name() -> None:
    with pytest.raises(ValidationFailed, match="right to left"):
        po.read((HEAD.replace("de", "ar") + ENTRY).encode(), KNOWN)


def test_fuzzy_entries_are_left_out_and_named_and_a_plurals_s_may_go() -> None:
    content = HEAD + '#, fuzzy\nmsgid "a"\nmsgstr "b"\n\nmsgid "{count} value{s}"\nmsgstr "{count} Werte"\n'

    read = po.read(content.encode(), KNOWN, source="x.po")

    assert dict(read.translations) == {("", "{count} value{s}"): "{count} Werte"}
    assert "fuzzy" in read.left_out[0].text.en


def test_wrong_places_in_texts_of_others_do_not_hinder_an_import() -> None:
    content = HEAD + 'msgctxt "Sales Order"\nmsgid "{0} of {1}"\nmsgstr "{0}"\n\nmsgid "Customer"\nmsgstr "Kunde"\n'

    read = po.read(content.encode(), KNOWN)

    assert dict(read.translations) == {("", "Customer"): "Kunde"}
    assert len(read.left_out) == 1
