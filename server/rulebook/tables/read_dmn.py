"""Decision tables out of DMN files (1.1 to 1.6), as Camunda, dmn-js, KIE, Trisotech, Signavio and others write them.

Parsed safely: no document type, hence no entities; size and depth are capped. Inputs that are names become paths (a name that is a
field's label becomes that field), other input expressions become expressions; an output sets the field of its name. Parts that have
no counterpart here are named one by one, and nothing is imported; what only comments on a table is left out, and told.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any
from xml.etree import ElementTree as ET
from xml.parsers import expat

from ...core.errors import Fault, MetadataInvalid
from ...core.text import Text
from ...metadata.model import Model
from .cells import read_value
from .dmn import DMN, OURS

# All of them write decision tables alike.
_NAMESPACES = (
    "http://www.omg.org/spec/DMN/20151101/dmn.xsd",
    "http://www.omg.org/spec/DMN/20151101/dmn11.xsd",  # Camunda 7.4
    "http://www.omg.org/spec/DMN/20180521/MODEL/",
    DMN,
    "https://www.omg.org/spec/DMN/20211108/MODEL/",
    "https://www.omg.org/spec/DMN/20230324/MODEL/",
    "https://www.omg.org/spec/DMN/20240513/MODEL/",
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
_AGGREGATES = {"SUM": "sum", "MIN": "min", "MAX": "max", "COUNT": "count"}
_TYPES = {
    "number": "number", "string": "text", "boolean": "check", "date": "date", "time": "time", "dateTime": "datetime",
    "date and time": "datetime", "integer": "number", "long": "number", "double": "number",
}  # fmt: skip
# What may stand in a part without bearing on what its table decides.
_BESIDE = {
    "definitions": (
        "description", "extensionElements", "itemDefinition", "inputData", "knowledgeSource", "textAnnotation", "association", "group",
        "elementCollection", "performanceIndicator", "organizationUnit", "decision",
    ),
    "decision": (
        "description", "extensionElements", "question", "allowedAnswers", "variable", "informationRequirement", "authorityRequirement",
        "supportedObjective", "impactedPerformanceIndicator", "decisionMaker", "decisionOwner", "usingProcess", "usingTask",
        "decisionTable",
    ),
    "decisionTable": ("description", "extensionElements", "input", "output", "annotation", "rule"),
    "input": ("description", "extensionElements", "inputExpression", "inputValues"),
    "output": ("description", "extensionElements", "outputValues", "defaultOutputEntry"),
    "rule": ("description", "extensionElements", "inputEntry", "outputEntry", "annotationEntry"),
    "entry": ("description", "extensionElements", "text"),
}  # fmt: skip
_FEEL = re.compile(r"(?:feel|https?://www\.omg\.org/spec/(?:DMN/\d{8}/)?FEEL(?:/\d{8})?/?)\Z", re.IGNORECASE)
_LITERAL = re.compile(
    r'"(?:[^"\\]|\\.)*"|[+-]?(?:\d+(?:\.\d+)?|\.\d+)|true|false|null|(?:date|time|date and time)\s*\(\s*"[^"]*"\s*\)'
)
_NAME = re.compile(r"[^\W\d]\w*(?:\.\w+)*\Z")


@dataclass(frozen=True)
class DmnFile:
    """The rules (as JSON) that the decision tables of a file make, in order, and what was left out of it."""

    rules: tuple[dict[str, Any], ...]
    notes: tuple[Text, ...] = ()


def read_dmn(content: bytes, applies_to: str = "", model: Model | None = None) -> DmnFile:
    """What a file holds. Raises MetadataInvalid with every fault.

    `applies_to` is the DocType for tables that do not name one; its fields are known by their labels, too, where `model` is given.
    """
    root = _parsed(content)
    space, _, tag = root.tag.removeprefix("{").partition("}")
    if tag != "definitions" or space not in _NAMESPACES:
        said = Text(
            f"不是 DMN 文件：根元素是 {root.tag}，应为 DMN 1.1 至 1.6 的 definitions，如 {{{DMN}}}definitions",
            f"not a DMN file: its root is {root.tag}; expected definitions of DMN 1.1 to 1.6, such as {{{DMN}}}definitions",
        )
        raise MetadataInvalid.of([Fault("", said)])
    reader = _Reader(space, root, applies_to, model)
    rules = tuple(reader.rules())
    if not rules and not reader.faults:
        reader.tell("", "文件中没有决策表", "the file holds no decision table")
    if reader.faults:
        raise MetadataInvalid.of(reader.faults)
    return DmnFile(rules, tuple(reader.notes))


def _parsed(content: bytes) -> ET.Element:
    """The tree of the file. A document type is refused before anything in it could be defined or fetched."""
    if len(content) > MAX_BYTES:
        said = Text(f"文件超过 {MAX_BYTES:,} 字节", f"the file is larger than {MAX_BYTES:,} bytes")
        raise MetadataInvalid.of([Fault("", said)])
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
        said = Text(f"不是可读的 XML：{error}", f"this XML cannot be read: {error}")
        raise MetadataInvalid.of([Fault("", said)]) from None


def _named(name: str) -> str:
    return "{" + name if "}" in name else name


@dataclass
class _Reader:
    """Reads the tables of one file; elements of other namespaces (diagrams, extensions of tools) are passed over."""

    space: str
    root: ET.Element
    applies_to: str
    model: Model | None
    faults: list[Fault] = field(default_factory=list)
    notes: list[Text] = field(default_factory=list)

    def rules(self) -> Iterator[dict[str, Any]]:
        self._only(self.root, "definitions", "")
        self._language(self.root, "definitions")
        self.types = {
            str(item.get("name")): base
            for item in self._all(self.root, "itemDefinition")
            if (base := next(((one.text or "").strip() for one in self._all(item, "typeRef")), ""))
        }
        self.inputs = {str(item.get("name")) for item in self._all(self.root, "inputData")}
        for item in self._all(self.root, "decision"):
            yield from self._decision(item)

    def _decision(self, item: ET.Element) -> Iterator[dict[str, Any]]:
        name = item.get("name") or item.get("id") or "decision"
        self._only(item, "decision", name)
        for required in self._all(item, "informationRequirement"):
            for one in self._all(required, "requiredDecision"):
                self.unsupported(f"{name}: requiredDecision {one.get('href') or ''}")
        table = next(iter(self._all(item, "decisionTable")), None)
        if table is None:
            if all(self._tag(one) in ("", *_BESIDE["decision"]) for one in item):
                self.tell(name, "没有决策表", "it has no decision table")
            return
        doctype = item.get(f"{{{OURS}}}applies_to") or self.applies_to
        if not doctype:
            self.tell(name, "缺少单据类型（--doctype）", "the DocType is missing (--doctype)")
        found = self._table(table, name, self._fields(doctype))
        rule = {
            "name": re.sub(r"[^\w.\- ]", "-", name),
            "title": item.get("label") or name,
            "source": [],
            "applies_to": doctype,
        }
        if said := next(((one.text or "").strip() for one in self._all(item, "description")), ""):
            rule["description"] = said
        yield {**rule, "on": ["validate"], "then": [{"table": found}], "tests": []}

    def _fields(self, doctype: str) -> Mapping[str, str]:
        """The fields of a DocType by what people call them; what two fields are called means none."""
        known = self.model.get(doctype) if self.model is not None else None
        found: dict[str, str] = {}
        for item in known.data_fields if known else ():
            label = item.label or Text.of(item.fieldname)
            for name in {label.zh.casefold(), label.en.casefold(), item.fieldname.replace("_", " ")}:
                found[name] = "" if name in found else item.fieldname
        return found

    def _table(self, table: ET.Element, name: str, fields: Mapping[str, str]) -> dict[str, Any]:
        self._only(table, "decisionTable", name)
        policy, aggregate = table.get("hitPolicy") or "UNIQUE", table.get("aggregation") or ""
        if policy not in _HITS:
            self.unsupported(f"{name}: hitPolicy {policy}")
        inputs = [self._input(one, f"{name}: input {number}", fields) for number, one in self._numbered(table, "input")]
        outputs = [self._output(one, name, number, fields) for number, one in self._numbered(table, "output")]
        found: dict[str, Any] = {"hit": _HITS.get(policy, "unique"), "inputs": inputs, "outputs": outputs}
        if policy == "COLLECT" and aggregate:
            if aggregate not in _AGGREGATES:
                self.unsupported(f"{name}: aggregation {aggregate}")
            found["aggregate"] = _AGGREGATES.get(aggregate, "list")
        if table.get(f"{{{OURS}}}complete"):
            found["complete"] = 1
        said = [next(iter(one)) in ("block", "warn") for one in outputs]
        commented = 0
        rows = []
        for number, one in self._numbered(table, "rule"):
            at = f"{name}: rule {number}"
            self._only(one, "rule", at)
            cells = [self._entry(part, at) for part in self._all(one, "inputEntry")]
            results = [self._entry(part, at) for part in self._all(one, "outputEntry")]
            commented += any(self._said(part) for tag in ("annotationEntry", "description") for part in self._all(one, tag))
            if len(cells) != len(inputs) or len(results) != len(outputs):
                self.tell(at, "格数与列数不合", "its entries are not as many as the columns")
                continue
            results = [_result(cell, is_said) for cell, is_said in zip(results, said, strict=True)]
            rows.append([*(cell or "-" for cell in cells), *results])
        if commented:
            self.note(name, f"{commented} 行的批注未带入", f"the annotations of {commented} rows were left out")
        return {**found, "rows": rows}

    def _input(self, one: ET.Element, at: str, fields: Mapping[str, str]) -> Any:
        self._only(one, "input", at)
        expression = next(iter(self._all(one, "inputExpression")), None)
        text = self._entry(expression, at) if expression is not None else ""
        text = text or _of_camunda(one, "inputVariable")
        label = one.get("label") or ""
        if not text:
            self.tell(at, f"列“{label}”缺少输入表达式", f'the input expression of the column "{label}" is missing')
        if values := next((self._said(part) for part in self._all(one, "inputValues")), ""):
            self.note(at, f"取值范围 {values} 未带入", f"the allowed values {values} were left out")
        named = fields.get(text.casefold(), "")
        if named or _NAME.match(text) or text.startswith("@") or text in self.inputs:
            path = text if not named or text in fields.values() else named
            label = label or (text if path != text else "")
            return {"path": path, "label": label} if label and label != path else path
        return {"expr": text, "type": self._type(expression, at), **({"label": label} if label and label != text else {})}

    def _type(self, expression: ET.Element | None, at: str) -> str:
        """The type of an expression; one that the file defines is followed to what it is made of."""
        given = (expression.get("typeRef") or "") if expression is not None else ""
        ref = given
        for _ in range(len(self.types) + 1):
            ref = ref.rpartition(":")[2]
            if ref in _TYPES:
                return _TYPES[ref]
            ref = self.types.get(ref, "")
        self.unsupported(f"{at}: typeRef {given}".rstrip())
        return ""

    def _output(self, one: ET.Element, name: str, number: int, fields: Mapping[str, str]) -> dict[str, Any]:
        at = f"{name}: output {number}"
        self._only(one, "output", at)
        kind = one.get(f"{{{OURS}}}kind") or "set"
        called, label = one.get("name") or "", one.get("label") or ""
        target: Any = one.get(f"{{{OURS}}}field")
        if not target and kind == "set":
            target = called or name
            if target not in fields.values():
                target = fields.get(target.casefold()) or fields.get(label.casefold()) or target
        if kind == "require_approval":
            try:
                target = json.loads(one.get(f"{{{OURS}}}approval") or "{}")
            except (ValueError, RecursionError) as error:
                self.tell(at, f"approval 不是 JSON：{error}", f"approval is not JSON: {error}")
        found: dict[str, Any] = {kind: target}
        if label and label not in (called, target):
            found["label"] = label
        for part in self._all(one, "outputValues"):
            found["values"] = [
                value.strip() for value in re.findall(r'"(?:[^"\\]|\\.)*"|[^,]+', self._entry(part, at)) if value.strip()
            ]
        for part in self._all(one, "defaultOutputEntry"):
            if text := self._entry(part, at):
                found["default"] = _result(text, kind in ("block", "warn"))
        return found

    # The file's elements

    def _tag(self, item: ET.Element) -> str:
        """What an element of DMN is; empty for one of another namespace."""
        space, _, tag = item.tag.removeprefix("{").partition("}")
        return tag if space == self.space else ""

    def _all(self, item: ET.Element, tag: str) -> list[ET.Element]:
        return [one for one in item if self._tag(one) == tag]

    def _numbered(self, item: ET.Element, tag: str) -> Iterable[tuple[int, ET.Element]]:
        return enumerate(self._all(item, tag), start=1)

    def _said(self, item: ET.Element) -> str:
        """The text of an entry; of a description what stands in it itself."""
        texts = self._all(item, "text")
        return ((texts[0].text if texts else item.text) or "").strip()

    def _entry(self, item: ET.Element, at: str) -> str:
        self._only(item, "entry", at)
        self._language(item, at)
        return next(((part.text or "").strip() for part in self._all(item, "text")), "")

    def _only(self, item: ET.Element, kind: str, at: str) -> None:
        """Name the parts of an element that mean something which we have not."""
        for one in item:
            tag = self._tag(one)
            if tag and tag not in _BESIDE[kind]:
                about = one.get("name") or one.get("href") or next((part.get("href") for part in one if part.get("href")), "")
                self.unsupported(": ".join(part for part in (at, f"{tag} {about or ''}".strip()) if part))

    def _language(self, item: ET.Element, at: str) -> None:
        language = item.get("expressionLanguage")
        if language and not _FEEL.match(language):
            self.unsupported(f"{at}: expressionLanguage {language}")

    # What is said of it

    def tell(self, at: str, zh: str, en: str) -> None:
        self.faults.append(Fault(at, Text(f"{at}：{zh}", f"{at}: {en}") if at else Text(zh, en)))

    def unsupported(self, what: str) -> None:
        self.tell(
            what,
            "不支持这一部分，请在原工具中去掉后再导入",
            "this part is not supported; take it out in the tool that wrote it",
        )

    def note(self, at: str, zh: str, en: str) -> None:
        self.notes.append(Text(f"{at}：{zh}", f"{at}: {en}"))


def _of_camunda(item: ET.Element, name: str) -> str:
    """An attribute of Camunda's own, whichever of its namespaces it stands in."""
    return next(
        (value.strip() for key, value in item.attrib.items() if "camunda" in key and key.rpartition("}")[2] == name), ""
    )


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
