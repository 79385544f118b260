"""Translations of a site: what is missing, editing with its history, packs, Frappe's files, other processes."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from server.access.user import User
from server.core import translations
from server.core.errors import PermissionRefused, ValidationFailed
from server.core.text import Text
from server.exchange.packs import Source, read_packs
from server.site import Site, open_site
from server.translating.entries import Entry
from server.translating.service import read_files

ROOT = User.administrator()
ON_SQLITE = pytest.mark.parametrize("empty_site", ["sqlite"], indirect=True)  # what no database does otherwise
TODO: dict[str, Any] = {
    "doctype": "DocType", "name": "ToDo Note", "module": "site",
    "fields": [
        {"fieldname": "what", "fieldtype": "Data", "label": "Description"},
        {"fieldname": "urgency", "fieldtype": "Select", "label": "Priority", "options": "High\nLow"},
        {"fieldname": "remark", "fieldtype": "Data", "label": "备注"},
    ],
    "permissions": [{"role": "All", "read": 1, "write": 1, "create": 1}],
}  # fmt: skip
FRAPPE_DE = """
msgid ""
msgstr ""
"Language: de\\n"
"Content-Type: text/plain; charset=utf-8\\n"

#. Label of the description (Text Editor) field in DocType 'ToDo'
msgctxt "ToDo"
msgid "Description"
msgstr "Beschreibung"

msgid "Priority"
msgstr "Priorität"

msgid "High"
msgstr "Hoch"

msgid "Sales Taxes and Charges Template"
msgstr "Vorlage für Verkaufssteuern und -abgaben"
"""


@pytest.fixture(autouse=True)
def no_language_stays() -> Iterator[None]:
    yield
    translations.put_in_force([])


@pytest.fixture
def todo(empty_site: Site, publish: Callable[..., int]) -> Site:
    publish(empty_site, TODO)
    return empty_site


def row_of(site: Site, language: str, en: str) -> Entry:
    return next(row.entry for row in site.translations.rows(language, area="DocType ToDo Note") if row.entry.en == en)


@ON_SQLITE
def test_a_frappe_applications_file_translates_its_record_types(todo: Site) -> None:
    done = todo.translations.import_po(ROOT, FRAPPE_DE.encode(), name="de.po")

    fields = todo.snapshot().doctype("ToDo Note").by_name
    assert done.changed == 4
    assert fields["what"].label.to("de") == "Beschreibung"
    assert fields["urgency"].choice_label("High").to("de") == "Hoch"
    assert fields["urgency"].choice_label("Low").to("de") == "Low"
    assert b"Verkaufssteuern" in todo.translations.export("de")  # of no use yet, but not lost


@ON_SQLITE
def test_what_stands_in_one_language_only_is_missing_in_the_other(todo: Site) -> None:
    missing = {
        language: {row.entry.en for row in todo.translations.rows(language, area="DocType ToDo Note") if row.is_missing}
        for language in ("zh", "en")
    }

    assert missing == {"zh": {"ToDo Note", "Description", "Priority", "High", "Low"}, "en": {"备注"}}


def test_chinese_and_english_become_part_of_the_metadata(todo: Site) -> None:
    before = todo.snapshot().version
    todo.translations.save(ROOT, "zh", {row_of(todo, "zh", "Priority").key: "优先级", row_of(todo, "zh", "High").key: "高"})
    todo.translations.save(ROOT, "en", {row_of(todo, "en", "备注").key: "Remark"})

    fields = todo.snapshot().doctype("ToDo Note").by_name
    assert fields["urgency"].label == Text("优先级", "Priority")
    assert fields["urgency"].choice_label("High") == Text("高", "High")
    assert fields["remark"].label == Text("备注", "Remark")
    assert todo.snapshot().version == before + 2
    assert [item["published_by"] for item in todo.publisher.history("DocType", "ToDo Note")[:2]] == ["Administrator"] * 2


@ON_SQLITE
def test_frappes_chinese_fills_what_metadata_lacks_and_changes_nothing_else(todo: Site) -> None:
    content = FRAPPE_DE.replace("Language: de", "Language: zh").replace('msgstr "Priorität"', 'msgstr "优先级"')

    todo.translations.save(ROOT, "zh", {row_of(todo, "zh", "High").key: "紧急"})
    done = todo.translations.import_po(ROOT, content.encode(), name="zh.po")

    fields = todo.snapshot().doctype("ToDo Note").by_name
    assert done.changed == 2  # Description, Priority
    assert fields["urgency"].label.zh == "优先级"
    assert fields["urgency"].choice_label("High").zh == "紧急"


def test_a_saved_translation_is_in_force_in_every_process_with_who_and_when(todo: Site, tmp_path: Path) -> None:
    other = open_site(todo.settings.site_dir, environ={}, database_url=todo.settings.url, embedded_worker=False)
    key = row_of(todo, "vi", "Priority").key
    try:
        todo.translations.save(ROOT, "vi", {key: "Ưu tiên"})
        translations.put_in_force([])  # one process stands for two: the other has yet to look
        label = other.snapshot().doctype("ToDo Note").field("urgency").label
    finally:
        other.close()

    (row,) = todo.translations.with_changes("vi", [row for row in todo.translations.rows("vi") if row.entry.key == key])
    assert label.to("vi") == "Ưu tiên"
    assert row.change is not None
    assert (row.change.by, row.change.at) == ("Administrator", todo.clock.now())


@ON_SQLITE
def test_wrong_places_keep_everything_from_being_saved(todo: Site) -> None:
    by_english = {row.entry.en: row.entry for row in todo.translations.rows("de")}

    with pytest.raises(ValidationFailed, match="not saved"):
        todo.translations.save(ROOT, "de", {by_english["New {what}"].key: "Neu", by_english["Priority"].key: "Priorität"})

    assert [item.code for item in todo.translations.languages()] == ["zh", "en"]


@ON_SQLITE
def test_only_administrators_translate(todo: Site) -> None:
    with pytest.raises(PermissionRefused):
        todo.translations.import_po(User("li"), FRAPPE_DE.encode())


@ON_SQLITE
def test_a_pack_brings_its_languages_and_a_faulty_one_is_not_added(empty_site: Site, tmp_path: Path) -> None:
    folder = tmp_path / "notes"
    for part in ("doctypes", "translations"):
        (folder / part).mkdir(parents=True)
    (folder / "pack.json").write_text('{"name": "notes", "version": "1.0"}', "utf-8")
    (folder / "doctypes" / "todo_note.json").write_text(json.dumps(TODO), "utf-8")
    faulty = FRAPPE_DE.replace('msgid "High"\nmsgstr "Hoch"', 'msgid "New {what}"\nmsgstr "Neu"')
    (folder / "translations" / "de.po").write_text(faulty, "utf-8")

    with pytest.raises(ValidationFailed, match="have faults"):
        empty_site.pack_service.plan_add(str(folder))
    (folder / "translations" / "de.po").write_text(FRAPPE_DE, "utf-8")
    empty_site.pack_service.carry_out(empty_site.pack_service.plan_add(str(folder)), "li")

    assert empty_site.snapshot().doctype("ToDo Note").field("urgency").label.to("de") == "Priorität"


@ON_SQLITE
def test_a_packs_file_counts_until_the_site_says_otherwise(todo: Site, tmp_path: Path) -> None:
    folder = tmp_path / "pack"
    (folder / "translations").mkdir(parents=True)
    (folder / "translations" / "de.po").write_text(FRAPPE_DE, "utf-8")
    pack = read_packs([folder])

    files = read_files(pack.translations, [Source("DocType", "x", TODO)])
    todo.translations.keep_files(files, by="Administrator")
    todo.translations.save(ROOT, "de", {row_of(todo, "de", "Priority").key: "Dringlichkeit"})
    todo.translations.keep_files(files, by="Administrator")

    fields = todo.snapshot().doctype("ToDo Note").by_name
    assert fields["urgency"].label.to("de") == "Dringlichkeit"
    assert fields["what"].label.to("de") == "Beschreibung"
