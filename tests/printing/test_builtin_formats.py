"""The formats of the built-in pack: no faults, and each prints the record nobody has filled in yet."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from print_samples import Paper

import server
from server.metadata.load import read_doctype
from server.metadata.model import DocType, Model
from server.printing.check import check_templates
from server.printing.context import PrintContext
from server.printing.format import PrintFormat, check_format, read_format
from server.printing.service import PrintService

ROOT = Path(server.__file__).parents[1]


def read(folder: str) -> dict[str, dict[str, Any]]:
    """The JSON of a folder by file; print formats with their template."""
    found = {}
    for file in sorted((ROOT / folder).rglob("*.json")):
        page = file.with_suffix(".html")
        raw = json.loads(file.read_text("utf-8"))
        found[str(file.relative_to(ROOT))] = raw | ({"html": page.read_text("utf-8")} if page.exists() else {})
    return found


DOCTYPES = {raw["name"]: read_doctype(raw) for raw in read("doctypes").values()}
FORMATS = read("print_formats")
COVERS = {  # whose title is the document's, not the form's
    "print_formats/documents/controlled_copy_cover.json",
    "print_formats/documents/document_cover.json",
}


@pytest.fixture(scope="module")
def pack() -> Model:
    return Model(DOCTYPES)


def unfilled(doctype: DocType, model: Model) -> dict[str, Any]:
    """A new record as the form shows it: nothing but the prefilled rows."""
    record: dict[str, Any] = {"name": "NEW-00001", "docstatus": 0}
    for item in doctype.data_fields:
        rows = [unfilled(model.child(item), model) | dict(row) for row in item.prefill] if item.type.holds_rows else None
        record[item.fieldname] = rows
    return record


def test_no_format_of_the_pack_has_a_fault(pack: Model) -> None:
    faults = [fault for file, raw in FORMATS.items() for fault in check_format(raw, file)]
    faults += check_templates({file: read_format(raw) for file, raw in FORMATS.items()}, pack)
    assert [fault.text.en for fault in faults] == []


def printed(service: PrintService, doctype: DocType, form: PrintFormat | None, model: Model, language: str) -> Paper:
    context = PrintContext(language=language, company="规矩精密制造有限公司")
    return Paper(service.render(doctype, unfilled(doctype, model), form, model, context))


@pytest.mark.parametrize("language", ["zh", "en"])
@pytest.mark.parametrize("file", FORMATS)
def test_each_format_prints_an_unfilled_record(service: PrintService, pack: Model, file: str, language: str) -> None:
    form = read_format(FORMATS[file])
    paper = printed(service, pack[form.doctype], form, pack, language)
    assert file in COVERS or "".join(form.title.to(language).split()) in paper.run_together
    assert form.form_number in paper.text


@pytest.mark.parametrize("name", [item.name for item in DOCTYPES.values() if not item.istable])
def test_each_doctype_prints_in_the_generated_format(service: PrintService, pack: Model, name: str) -> None:
    paper = printed(service, pack[name], None, pack, "zh")
    assert "".join(pack[name].label.zh.split()) in paper.run_together
