"""Decision tables as DMN 1.3 XML for other tools; `read_dmn` is the way back.

Inputs are paths or expressions, an output named `total` sets the field `total`. What only we have (messages, approvals, the
DocType) stands in attributes of our own namespace, which other tools keep or ignore. A shape for each decision lets modelers show it.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any
from xml.etree import ElementTree as ET

from ...core.errors import Fault, MetadataInvalid
from ...core.text import Text
from ...metadata.model import DocField, Model
from ..model import Rule
from ..paths import kind_of
from .cells import feel, literal_text, quoted, read_value
from .compile import CompiledTable, compiled_tables
from .model import Output, Table

DMN = "https://www.omg.org/spec/DMN/20191111/MODEL/"
DMNDI = "https://www.omg.org/spec/DMN/20191111/DMNDI/"
DC = "http://www.omg.org/spec/DMN/20180521/DC/"
OURS = "urn:guiju:dmn"
_REFS = {"number": "number", "text": "string", "check": "boolean", "date": "date", "time": "time", "datetime": "dateTime"}
_NOT_XML = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")


def _refuse_untold(table: Table) -> None:
    """What DMN has no words for is not lost in silence."""
    lost = ["each_row"] if table.each is not None else []
    lost += [output.kind for output in table.outputs if output.terms is not None]
    if lost:
        words = ", ".join(lost)
        text = Text(
            f"DMN 无法表达 {words}，请用 --to tsv 或 csv 导出", f"DMN has no words for {words}; export with --to tsv or csv"
        )
        raise MetadataInvalid.of([Fault(table.at, text)])


def dmn_of(rule: Rule, model: Model) -> bytes:
    """The tables of a rule without faults as a DMN 1.3 file."""
    for prefix, space in (("", DMN), ("guiju", OURS), ("dmndi", DMNDI), ("dc", DC)):
        ET.register_namespace(prefix, space)
    about = {"id": f"_{_id(rule.name)}", "name": rule.name, "namespace": OURS, "exporter": "Guiju"}
    root = ET.Element(_q("definitions"), about)
    shown = ET.Element(f"{{{DMNDI}}}DMNDI")
    diagram = ET.SubElement(shown, f"{{{DMNDI}}}DMNDiagram", {"id": "_diagram"})
    for number, compiled in enumerate(compiled_tables(rule, model), start=1):
        table = compiled.table
        _refuse_untold(table)
        name = rule.name if len(rule.tables) == 1 else f"{rule.name} {number}"
        about = {"id": f"_{_id(name)}_decision", "name": name, "label": rule.title.zh, f"{{{OURS}}}applies_to": rule.applies_to}
        decision = ET.SubElement(root, _q("decision"), about)
        if said := Text.of(rule.raw.get("description") or None).zh:
            ET.SubElement(decision, _q("description")).text = _NOT_XML.sub("", said)
        ET.SubElement(decision, _q("variable"), {"id": f"_{number}_variable", "name": name})
        _write(ET.SubElement(decision, _q("decisionTable"), _policy(table, number)), compiled, f"_{number}")
        shape = ET.SubElement(diagram, f"{{{DMNDI}}}DMNShape", {"id": f"_{number}_shape", "dmnElementRef": about["id"]})
        ET.SubElement(shape, f"{{{DC}}}Bounds", {"x": str(200 * number), "y": "80", "width": "180", "height": "80"})
    root.append(shown)
    ET.indent(root)
    return bytes(ET.tostring(root, encoding="utf-8", xml_declaration=True))


def _write(element: ET.Element, compiled: CompiledTable, at: str) -> None:
    """The table; `at` begins every id, which must differ within a file."""
    table = compiled.table
    for number, column in enumerate(compiled.columns, start=1):
        item = column.source
        clause = ET.SubElement(
            element, _q("input"), {"id": f"{at}_i{number}", "label": item.label.zh or item.path or item.expr}
        )
        expression = ET.SubElement(clause, _q("inputExpression"), {"id": f"{at}_ie{number}", "typeRef": _REFS[column.kind]})
        _say(expression, item.path or item.expr)
    fields = compiled.fields
    for number, output in enumerate(table.outputs, start=1):
        clause = ET.SubElement(element, _q("output"), _clause(output, f"{at}_o{number}", fields[number - 1]))
        if output.values:
            _say(
                ET.SubElement(clause, _q("outputValues")),
                ", ".join(_entry(value, fields[number - 1]) for value in output.values),
            )
        if output.default is not None:
            _say(ET.SubElement(clause, _q("defaultOutputEntry")), _entry(output.default, fields[number - 1]))
    for number, (row, cells) in enumerate(zip(table.rows, compiled.rows, strict=True), start=1):
        rule = ET.SubElement(element, _q("rule"), {"id": f"{at}_r{number}"})
        for place, (cell, column) in enumerate(zip(cells, compiled.columns, strict=True), start=1):
            _say(ET.SubElement(rule, _q("inputEntry"), {"id": f"{at}_r{number}_i{place}"}), feel(cell, column.kind))
        for place, (result, field) in enumerate(zip(row.then, fields, strict=True), start=1):
            _say(ET.SubElement(rule, _q("outputEntry"), {"id": f"{at}_r{number}_o{place}"}), _entry(result, field))


def _policy(table: Table, number: int) -> dict[str, str]:
    found = {"id": f"_{number}_table", "hitPolicy": table.hit.upper()}
    if table.hit == "collect" and table.aggregate != "list":
        found["aggregation"] = table.aggregate.upper()
    return found | ({f"{{{OURS}}}complete": "1"} if table.complete else {})


def _clause(output: Output, called: str, field: DocField | None) -> dict[str, str]:
    found = {"id": called, "name": output.field or output.kind}
    if output.label:
        found["label"] = output.label.zh
    if output.kind == "set" and field is not None and kind_of(field) in _REFS:
        found["typeRef"] = _REFS[kind_of(field)]
    if output.kind != "set":
        found[f"{{{OURS}}}kind"] = output.kind
        found |= {f"{{{OURS}}}field": output.field} if output.field else {}
    if output.approval:
        found[f"{{{OURS}}}approval"] = json.dumps(_json(output.approval), ensure_ascii=False)
    return found


def _json(approval: Mapping[str, Any]) -> dict[str, Any]:
    return {
        key: value.to_json() if isinstance(value, Text) else list(value) if isinstance(value, tuple) else value
        for key, value in approval.items()
    }


def _entry(cell: str | Text, field: DocField | None) -> str:
    if isinstance(cell, str):
        if cell in ("", "-"):
            return ""
        value = read_value(cell)
        if cell.startswith("="):
            return cell[1:].strip()
        kind = "text" if field is None else kind_of(field)
        if value is None or isinstance(value, bool) or kind == "number":
            return cell
        return literal_text(value if field is None or kind == "text" else field.type.parse(value, field), kind)
    if cell.zh == cell.en:
        return quoted(cell.zh)
    return f"{{zh: {quoted(cell.zh)}, en: {quoted(cell.en)}}}"


def _say(element: ET.Element, text: str) -> None:
    ET.SubElement(element, _q("text")).text = _NOT_XML.sub("", text)


def _q(name: str) -> str:
    return f"{{{DMN}}}{name}"


def _id(name: str) -> str:
    return re.sub(r"\W", "_", name)
