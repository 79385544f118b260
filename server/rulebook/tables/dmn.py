"""Decision tables of DMN 1.3 XML, in and out. Parsed safely: no document type, hence no entities; size and depth are capped.

Inputs that are plain names become paths, other input expressions become expressions; an output named `total` sets the field
`total`. What only we have (messages, approvals, the DocType) stands in attributes of our own namespace, which other tools keep
or ignore. Parts that have no counterpart here are named one by one, and nothing is imported.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from typing import Any
from xml.etree import ElementTree as ET
from xml.parsers import expat

from ...core.errors import Fault, MetadataInvalid
from ...core.text import Text
from ...metadata.model import DocField, Model
from ..model import Rule
from ..paths import kind_of
from .cells import feel, literal_text, quoted, read_value
from .compile import CompiledTable, compiled_tables
from .model import Output, Table

DMN = "https://www.omg.org/spec/DMN/20191111/MODEL/"
OURS = "urn:guiju:dmn"
# DMN 1.1 to 1.5 write decision tables alike.
_NAMESPACES = (
    DMN,
    "http://www.omg.org/spec/DMN/20151101/dmn.xsd",
    "http://www.omg.org/spec/DMN/20180521/MODEL/",
    "https://www.omg.org/spec/DMN/20211108/MODEL/",
    "https://www.omg.org/spec/DMN/20230324/MODEL/",
)
MAX_BYTES = 5_000_000
MAX_DEPTH = 50
_HITS = {
    "UNIQUE": "unique",
    "FIRST": "first",
    "ANY": "any",
    "PRIORITY": "priority",
    "COLLECT": "collect",
    "RULE ORDER": "collect",
}
_AGGREGATES = {"SUM": "sum", "MIN": "min", "MAX": "max", "COUNT": "count", "": "list"}
_TYPES = {
    "number": "number", "string": "text", "boolean": "check", "date": "date", "time": "time", "dateTime": "datetime",
    "date and time": "datetime", "integer": "number", "long": "number", "double": "number",
}  # fmt: skip
_REFS = {"number": "number", "text": "string", "check": "boolean", "date": "date", "time": "time", "datetime": "dateTime"}
_LITERAL = re.compile(
    r'"(?:[^"\\]|\\.)*"|[+-]?(?:\d+(?:\.\d+)?|\.\d+)|true|false|null|(?:date|time|date and time)\s*\(\s*"[^"]*"\s*\)'
)
_NOT_XML = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
_NAME = re.compile(r"[^\W\d]\w*(?:\.\w+)*\Z")


def read_dmn(content: bytes, applies_to: str = "") -> list[dict[str, Any]]:
    """The rules (as JSON) that the decision tables of a file make, in order. Raises MetadataInvalid with every fault.

    `applies_to` is the DocType for tables that do not name one.
    """
    root = _parsed(content)
    faults: list[Fault] = []
    space, _, tag = root.tag.partition("}")
    if tag != "definitions" or space.removeprefix("{") not in _NAMESPACES:
        _tell(faults, "", f"不是 DMN 文件：根元素是 {root.tag}", f"not a DMN file: its root is {root.tag}")
        raise MetadataInvalid.of(faults)
    rules: list[dict[str, Any]] = []
    for item in root:
        kind = _tag(item)
        if kind == "decision":
            rules += _decision(item, applies_to, faults)
        elif kind in ("businessKnowledgeModel", "decisionService", "import"):
            _unsupported(faults, f"{kind} {item.get('name') or ''}".strip())
    if not rules and not faults:
        _tell(faults, "", "文件中没有决策表", "the file holds no decision table")
    if faults:
        raise MetadataInvalid.of(faults)
    return rules


def dmn_of(rule: Rule, model: Model) -> bytes:
    """The tables of a rule without faults as a DMN 1.3 file."""
    ET.register_namespace("", DMN)
    ET.register_namespace("guiju", OURS)
    root = ET.Element(_q("definitions"), {"id": f"_{_id(rule.name)}", "name": rule.name, "namespace": OURS})
    for number, compiled in enumerate(compiled_tables(rule, model), start=1):
        table = compiled.table
        name = rule.name if len(rule.tables) == 1 else f"{rule.name} {number}"
        about = {"id": f"_{_id(name)}_decision", "name": name, "label": rule.title.zh, f"{{{OURS}}}applies_to": rule.applies_to}
        decision = ET.SubElement(root, _q("decision"), about)
        ET.SubElement(decision, _q("variable"), {"name": name})
        _write(ET.SubElement(decision, _q("decisionTable"), _policy(table)), compiled)
    ET.indent(root)
    return bytes(ET.tostring(root, encoding="utf-8", xml_declaration=True))


# In


def _parsed(content: bytes) -> ET.Element:
    """The tree of the file. A document type is refused before anything in it could be defined or fetched."""
    faults: list[Fault] = []
    if len(content) > MAX_BYTES:
        _tell(faults, "", f"文件超过 {MAX_BYTES:,} 字节", f"the file is larger than {MAX_BYTES:,} bytes")
        raise MetadataInvalid.of(faults)
    builder, depth = ET.TreeBuilder(), 0
    parser = expat.ParserCreate(namespace_separator="}")

    def start(name: str, attributes: dict[str, str]) -> None:
        nonlocal depth
        depth += 1
        if depth > MAX_DEPTH:
            raise ValueError(f"nested more than {MAX_DEPTH} deep")
        builder.start(_named(name), {_named(key): value for key, value in attributes.items()})

    def end(name: str) -> None:
        nonlocal depth
        depth -= 1
        builder.end(_named(name))

    def doctype(*given: Any) -> None:
        raise ValueError("a document type (DOCTYPE) is not accepted")

    parser.StartElementHandler, parser.EndElementHandler = start, end
    parser.CharacterDataHandler, parser.StartDoctypeDeclHandler = builder.data, doctype
    try:
        parser.Parse(content, True)
        return builder.close()
    except (expat.ExpatError, ValueError, LookupError) as error:
        _tell(faults, "", f"不是可读的 XML：{error}", f"this XML cannot be read: {error}")
        raise MetadataInvalid.of(faults) from None


def _named(name: str) -> str:
    return "{" + name if "}" in name else name


def _decision(item: ET.Element, applies_to: str, faults: list[Fault]) -> Iterator[dict[str, Any]]:
    name = item.get("name") or item.get("id") or "decision"
    table = next((one for one in item if _tag(one) == "decisionTable"), None)
    for one in item:
        if _tag(one) in ("literalExpression", "context", "invocation", "list", "relation", "functionDefinition", "conditional"):
            _unsupported(faults, f"{name}: {_tag(one)}")
        required = next((part for part in one if _tag(part) == "requiredDecision"), None)
        if required is not None:
            _unsupported(faults, f"{name}: requiredDecision {required.get('href') or ''}")
    if table is None:
        return
    doctype = item.get(f"{{{OURS}}}applies_to") or applies_to
    if not doctype:
        _tell(faults, name, "缺少单据类型（--doctype）", "the DocType is missing (--doctype)")
    found = _table(table, name, faults)
    rule = {"name": re.sub(r"[^\w.\- ]", "-", name), "title": item.get("label") or name, "source": [], "applies_to": doctype}
    yield {**rule, "on": ["validate"], "then": [{"table": found}], "tests": []}


def _table(table: ET.Element, name: str, faults: list[Fault]) -> dict[str, Any]:
    policy, aggregate = table.get("hitPolicy") or "UNIQUE", table.get("aggregation") or ""
    if policy not in _HITS:
        _unsupported(faults, f"{name}: hitPolicy {policy}")
    inputs = [_input(one, f"{name}: input {number}", faults) for number, one in _numbered(table, "input")]
    outputs = [_output(one, name, number, faults) for number, one in _numbered(table, "output")]
    found: dict[str, Any] = {"hit": _HITS.get(policy, "unique"), "inputs": inputs, "outputs": outputs}
    if policy == "COLLECT" and aggregate:
        found["aggregate"] = _AGGREGATES.get(aggregate, aggregate.lower())
    if table.get(f"{{{OURS}}}complete"):
        found["complete"] = 1
    said = [next(iter(one)) in ("block", "warn") for one in outputs]
    rows = []
    for number, one in _numbered(table, "rule"):
        cells = [_text(part) for part in one if _tag(part) == "inputEntry"]
        results = [_text(part) for part in one if _tag(part) == "outputEntry"]
        if len(cells) != len(inputs) or len(results) != len(outputs):
            _tell(faults, f"{name}: rule {number}", "格数与列数不合", "its entries are not as many as the columns")
            continue
        rows.append(
            [*(cell or "-" for cell in cells), *(_result(cell, is_said) for cell, is_said in zip(results, said, strict=True))]
        )
    return {**found, "rows": rows}


def _input(one: ET.Element, at: str, faults: list[Fault]) -> Any:
    expression = next((part for part in one if _tag(part) == "inputExpression"), None)
    text = _text(expression) if expression is not None else ""
    if not text:
        _tell(faults, at, "缺少输入表达式", "the input expression is missing")
    label = one.get("label") or ""
    if _NAME.match(text) or text.startswith("@"):
        return {"path": text, "label": label} if label and label != text else text
    kind = _TYPES.get((expression.get("typeRef") or "" if expression is not None else "").rpartition(":")[2], "")
    if not kind:
        _unsupported(faults, f"{at}: typeRef {expression.get('typeRef') if expression is not None else ''}")
    return {"expr": text, "type": kind, **({"label": label} if label and label != text else {})}


def _output(one: ET.Element, name: str, number: int, faults: list[Fault]) -> dict[str, Any]:
    kind = one.get(f"{{{OURS}}}kind") or "set"
    field: Any = one.get(f"{{{OURS}}}field") or (one.get("name") or name if kind == "set" else None)
    if kind == "require_approval":
        try:
            field = json.loads(one.get(f"{{{OURS}}}approval") or "{}")
        except (ValueError, RecursionError) as error:
            _tell(faults, f"{name}: output {number}", f"approval 不是 JSON：{error}", f"approval is not JSON: {error}")
    found: dict[str, Any] = {kind: field}
    if one.get("label") and one.get("label") != one.get("name"):
        found["label"] = one.get("label")
    for part in one:
        if _tag(part) == "outputValues":
            found["values"] = [value.strip() for value in re.findall(r'"(?:[^"\\]|\\.)*"|[^,]+', _text(part)) if value.strip()]
        elif _tag(part) == "defaultOutputEntry" and _text(part):
            found["default"] = _result(_text(part), kind in ("block", "warn"))
    return found


def _result(text: str, is_said: bool) -> Any:
    """An output entry; a message in two languages is a FEEL context."""
    if text in ("", "-", "null") and is_said:
        return "-"
    both = re.fullmatch(r'\{\s*zh\s*:\s*("(?:[^"\\]|\\.)*")\s*,\s*en\s*:\s*("(?:[^"\\]|\\.)*")\s*\}', text)
    if is_said and both:
        return {"zh": read_value(both[1]), "en": read_value(both[2])}
    if is_said or text in ("", "-"):
        return read_value(text) if text else "-"
    return text if _LITERAL.fullmatch(text) else f"= {text}"


def _numbered(table: ET.Element, tag: str) -> Iterator[tuple[int, ET.Element]]:
    return enumerate((one for one in table if _tag(one) == tag), start=1)


def _tag(item: ET.Element) -> str:
    return item.tag.rpartition("}")[2]


def _text(item: ET.Element) -> str:
    return next(((part.text or "").strip() for part in item if _tag(part) == "text"), "")


def _tell(faults: list[Fault], at: str, zh: str, en: str) -> None:
    faults.append(Fault(at, Text(f"{at}：{zh}", f"{at}: {en}") if at else Text(zh, en)))


def _unsupported(faults: list[Fault], what: str) -> None:
    _tell(faults, what, "不支持这一部分", "this part is not supported")


# Out


def _write(element: ET.Element, compiled: CompiledTable) -> None:
    table = compiled.table
    for number, column in enumerate(compiled.columns, start=1):
        item = column.source
        clause = ET.SubElement(element, _q("input"), {"id": f"_i{number}", "label": item.label.zh or item.path or item.expr})
        expression = ET.SubElement(clause, _q("inputExpression"), {"id": f"_ie{number}", "typeRef": _REFS[column.kind]})
        _say(expression, item.path or item.expr)
    fields = compiled.fields
    for number, output in enumerate(table.outputs, start=1):
        clause = ET.SubElement(element, _q("output"), _clause(output, number, fields[number - 1]))
        if output.values:
            _say(
                ET.SubElement(clause, _q("outputValues")),
                ", ".join(_entry(value, fields[number - 1]) for value in output.values),
            )
        if output.default is not None:
            _say(ET.SubElement(clause, _q("defaultOutputEntry")), _entry(output.default, fields[number - 1]))
    for number, (row, cells) in enumerate(zip(table.rows, compiled.rows, strict=True), start=1):
        rule = ET.SubElement(element, _q("rule"), {"id": f"_r{number}"})
        for cell, column in zip(cells, compiled.columns, strict=True):
            _say(ET.SubElement(rule, _q("inputEntry")), feel(cell, column.kind))
        for result, field in zip(row.then, fields, strict=True):
            _say(ET.SubElement(rule, _q("outputEntry")), _entry(result, field))


def _policy(table: Table) -> dict[str, str]:
    found = {"id": "_table", "hitPolicy": table.hit.upper()}
    if table.hit == "collect" and table.aggregate != "list":
        found["aggregation"] = table.aggregate.upper()
    return found | ({f"{{{OURS}}}complete": "1"} if table.complete else {})


def _clause(output: Output, number: int, field: DocField | None) -> dict[str, str]:
    found = {"id": f"_o{number}", "name": output.field or output.kind}
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
