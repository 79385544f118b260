"""Tables as DMN 1.3 XML and as what a spreadsheet puts on the clipboard: in, out, and refused."""

from __future__ import annotations

import time
from contextlib import suppress
from typing import Any
from xml.etree import ElementTree as ET

import pytest
from dmn_samples import CAMUNDA, OLD, SIGNAVIO, TRISOTECH
from hypothesis import given, settings
from hypothesis import strategies as st
from rulebook_samples import MODEL, VISIT, faults_of

from server.core.errors import MetadataInvalid
from server.metadata.load import read_doctype
from server.metadata.model import Model
from server.rulebook.model import Rule
from server.rulebook.read import read_rule
from server.rulebook.tables.cells import read_value
from server.rulebook.tables.dmn import DMN, dmn_of
from server.rulebook.tables.read_dmn import read_dmn
from server.rulebook.tables.sheet import read_sheet, sheet_of

FULL: dict[str, Any] = {
    "hit": "priority",
    "complete": 1,
    "inputs": ["total", {"path": "category", "label": "类别"}, "due_on", {"expr": "doc.count * 2", "type": "number"}],
    "outputs": [
        {"set": "level", "values": ["3", "1"], "default": "9"},
        {"set": "note"},
        {"warn": "total"},
        {"require_approval": {"again_when": ["total"]}},
    ],
    "rows": [
        ["(10..20]", 'not("repair")', '>= date("2026-01-31")', "3, 4", "3", '"a, b"', {"zh": "高“{total}”", "en": 'high "{total}"'}, '"Boss"'],
        ["-", '"repair", "check"', "null", "< 0.5", "1", "= concat('x', total)", "same", "-"],
        ["-", "-", "-", "-", "null", "-", "-", "-"],
    ],
}  # fmt: skip
OTHER_TOOL = b"""<?xml version="1.0" encoding="UTF-8"?>
<definitions xmlns="https://www.omg.org/spec/DMN/20191111/MODEL/" xmlns:dmndi="https://www.omg.org/spec/DMN/20191111/DMNDI/"
    id="d" name="Discount" namespace="http://example.com">
  <inputData id="in1" name="total"/>
  <decision id="discount" name="Discount">
    <informationRequirement id="ir"><requiredInput href="#in1"/></informationRequirement>
    <decisionTable id="t" hitPolicy="COLLECT" aggregation="SUM">
      <input id="i1" label="Order total"><inputExpression id="e1" typeRef="number"><text>total</text></inputExpression></input>
      <input id="i2"><inputExpression id="e2" typeRef="string"><text>category</text></inputExpression>
        <inputValues><text>"repair","check"</text></inputValues></input>
      <output id="o1" name="level" typeRef="number"/>
      <annotation name="why"/>
      <rule id="r1"><inputEntry id="x1"><text>&gt; 100</text></inputEntry><inputEntry id="x2"><text></text></inputEntry>
        <outputEntry id="y1"><text>5</text></outputEntry><annotationEntry><text>dear</text></annotationEntry></rule>
      <rule id="r2"><inputEntry id="x3"><text>-</text></inputEntry><inputEntry id="x4"><text>"repair"</text></inputEntry>
        <outputEntry id="y2"><text>2</text></outputEntry></rule>
    </decisionTable>
  </decision>
  <dmndi:DMNDI/>
</definitions>"""


def rule_of(table: dict[str, Any]) -> Rule:
    return read_rule({"name": "full", "title": {"zh": "全", "en": "full"}, "applies_to": "Visit", "then": [{"table": table}]})


def test_a_table_comes_back_from_dmn_as_it_went() -> None:
    rule = rule_of(FULL)
    assert faults_of(rule) == []
    content = dmn_of(rule, MODEL)
    [back] = read_dmn(content).rules
    assert back["applies_to"] == "Visit"
    assert read_rule({**back, "name": "full"}).tables == rule.tables
    assert dmn_of(read_rule({**back, "name": "full"}), MODEL) == content


def test_dmn_for_other_tools_quotes_texts_and_names_types() -> None:
    root = ET.fromstring(
        dmn_of(rule_of({**FULL, "rows": [["≥ 10", "repair，check", "2026-01-31", "-", 1, "word", "-", "Boss"]]}), MODEL)
    )
    texts = [item.text for item in root.iterfind(f".//{{{DMN}}}rule//{{{DMN}}}text")]
    assert texts == [">= 10", '"repair", "check"', 'date("2026-01-31")', "-", "1", '"word"', None, '"Boss"']
    refs = [item.get("typeRef") for item in root.iterfind(f".//{{{DMN}}}inputExpression")]
    assert refs == ["number", "string", "date", "number"]


def test_a_table_of_another_tool_is_a_rule_without_faults() -> None:
    [raw] = read_dmn(OTHER_TOOL, "Visit").rules
    assert faults_of(read_rule(raw)) == []
    assert raw["then"][0]["table"] == {
        "hit": "collect",
        "aggregate": "sum",
        "inputs": [{"path": "total", "label": "Order total"}, "category"],
        "outputs": [{"set": "level"}],
        "rows": [["> 100", "-", "5"], ["-", '"repair"', "2"]],
    }


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ((b"COLLECT", b"OUTPUT ORDER"), ["hitPolicy OUTPUT ORDER: this part is not supported"]),
        ((b"<requiredInput ", b"<requiredDecision "), ["requiredDecision #in1"]),
        ((b"<dmndi:DMNDI/>", b"<businessKnowledgeModel name='f'/><decisionService name='s'/>"), ["businessKnowledgeModel f", "decisionService s"]),
        ((b"<text>category</text>", b"<text>if a then b else c</text>"), []),
        ((b'typeRef="string"><text>category', b'typeRef="tMoney"><text>a + b'), ["typeRef tMoney"]),
        ((b"<outputEntry id=\"y2\"><text>2</text></outputEntry>", b""), ["rule 2: its entries are not as many as the columns"]),
        ((b"https://www.omg.org/spec/DMN/20191111/MODEL/", b"urn:x"), ["not a DMN file"]),
        ((b"<definitions ", b"<!DOCTYPE d [<!ENTITY a 'b'>]><definitions "), ["a document type (DOCTYPE) is not accepted"]),
        ((b"</definitions>", b"<a>" * 100), ["nested more than 50 deep"]),
        ((b"</definitions>", b""), ["this XML cannot be read"]),
    ],
    ids=["policy", "decision", "models", "expression", "type", "entries", "root", "doctype", "depth", "cut"],
)  # fmt: skip
def test_what_cannot_be_imported_is_named(change: tuple[bytes, bytes], said: list[str]) -> None:
    content = OTHER_TOOL.replace(*change)
    if not said:
        assert read_dmn(content, "Visit").rules[0]["then"][0]["table"]["inputs"][1] == {
            "expr": "if a then b else c",
            "type": "text",
        }
        return
    with pytest.raises(MetadataInvalid) as refused:
        read_dmn(content, "Visit")
    told = "\n".join(fault.text.en for fault in refused.value.faults)
    assert [wanted for wanted in said if wanted not in told] == []


@pytest.mark.parametrize("delimiter", ["\t", ","])
def test_a_table_comes_back_from_a_spreadsheet_as_it_went(delimiter: str) -> None:
    rule = rule_of(FULL)
    back = read_sheet(sheet_of(rule.tables[0], delimiter), delimiter, FULL)
    assert rule_of(back).tables == rule.tables


def test_what_excel_puts_on_the_clipboard_is_read() -> None:
    pasted = (
        'total\tcategory\tset level\twarn total\r\n> 10\trepair, check\t1\t\r\n[1..10]\t"a","b"\t2\t'
        '"two\nlines"\r\n\t\t\t\r\n<= 0\t-\t3\t高 || high\r\n'
    )
    assert read_sheet(pasted) == {
        "inputs": ["total", "category"],
        "outputs": [{"set": "level"}, {"warn": "total"}],
        "rows": [
            ["> 10", "repair, check", "1", "-"],
            ["[1..10]", '"a","b"', "2", "two\nlines"],
            ["<= 0", "-", "3", {"zh": "高", "en": "high"}],
        ],
    }


@settings(max_examples=150)
@given(st.text(alphabet="a\"\t\n\r,=' |", max_size=30).map(lambda text: "total\tset level\n" + text), st.sampled_from("\t,"))
def test_any_pasted_text_is_read_or_refused(text: str, delimiter: str) -> None:
    with suppress(MetadataInvalid):
        assert all(len(row) == 2 for row in read_sheet(text, delimiter)["rows"])


def test_no_cell_is_a_formula_for_a_spreadsheet() -> None:
    lines = sheet_of(rule_of(FULL).tables[0]).splitlines()
    assert [cell for line in lines for cell in line.split("\t") if cell.startswith(("=", "+", "@"))] == []


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "a line of column names"),
        ("total\tlevel\n1\t2", "beginning with set"),
        ("total\tset level\n1\t2\t3", "line 2 has more cells"),
    ],
)
def test_a_sheet_that_is_no_table_is_refused(text: str, said: str) -> None:
    with pytest.raises(MetadataInvalid) as refused:
        read_sheet(text)
    assert said in refused.value.faults[0].text.en


@pytest.mark.parametrize("cell", ["1" * 30_000 + "x", "a" + " " * 30_000 + '"'], ids=["digits", "spaces"])
def test_a_long_output_cell_of_another_tool_is_read_at_once(cell: str) -> None:
    old, new = b'<outputEntry id="y2"><text>2</text>', f'<outputEntry id="y2"><text>{cell}</text>'.encode()
    begun = time.process_time()
    read = read_dmn(OTHER_TOOL.replace(old, new), "Visit").rules[0]["then"][0]["table"]["rows"][1][2]
    assert (read, read_value(cell)) == (f"= {cell}", cell)
    assert time.process_time() - begun < 2


@pytest.mark.parametrize(
    ("content", "table", "notes"),
    [
        (CAMUNDA, {
            "hit": "first",
            "inputs": [{"path": "total", "label": "Total"}, {"path": "category", "label": "Kind"}],
            "outputs": [{"set": "level", "label": "Urgency"}],
            "rows": [["> 100", '"repair"', "5"], ["-", "-", "1"]],
        }, ['Level: input 2: the allowed values "repair","check" were left out', "Level: the annotations of 1 rows were left out"]),
        (TRISOTECH, {
            "hit": "priority",
            "inputs": [{"path": "total", "label": "Total of the Visit"}, {"expr": "doc.count * 2", "type": "number"}],
            "outputs": [{"set": "note", "values": ['"Approved, late"', '"Declined"'], "default": '"Declined"'}],
            "rows": [["<18,>=60", "[1..3[", '"Approved, late"']],
        }, ["Approval: the annotations of 1 rows were left out"]),
        (SIGNAVIO, {
            "hit": "collect", "aggregate": "max",
            "inputs": [{"path": "category", "label": "Category"}], "outputs": [{"set": "level", "label": "Level"}],
            "rows": [['not("repair", "check")', "2"]],
        }, []),
        (OLD, {
            "hit": "unique", "inputs": [{"path": "due_on", "label": "Due"}], "outputs": [{"set": "note"}],
            "rows": [['>= date("2026-01-31")', '"late"']],
        }, []),
        ("\ufeff" + OLD, None, []),
    ],
    ids=["camunda", "trisotech", "signavio", "old", "byte order mark"],
)  # fmt: skip
def test_files_as_other_tools_write_them_are_read_and_come_back(
    content: str, table: dict[str, Any] | None, notes: list[str]
) -> None:
    fields = [{**one, "label": "Total of the Visit"} if one["fieldname"] == "total" else one for one in VISIT["fields"]]
    model = Model({**{one.name: one for one in MODEL}, "Visit": read_doctype({**VISIT, "fields": fields})})
    found = read_dmn(content.encode(), "Visit", model)
    [raw] = found.rules
    assert table is None or raw["then"][0]["table"] == table
    assert [note.en for note in found.notes] == notes
    rule = read_rule(raw)
    assert faults_of(rule) == []
    written = dmn_of(rule, MODEL)
    assert dmn_of(read_rule(read_dmn(written).rules[0]), MODEL) == written


@pytest.mark.parametrize(
    ("content", "change", "said"),
    [
        (CAMUNDA, ('expressionLanguage="feel"', 'expressionLanguage="juel"'), "Level: input 1: expressionLanguage juel"),
        (CAMUNDA, ('<outputEntry id="c">', '<outputEntry id="c" expressionLanguage="groovy">'), "Level: rule 1: expressionLanguage groovy"),
        (CAMUNDA, (' camunda:inputVariable="category"', ""), 'Level: input 2: the input expression of the column "Kind" is missing'),
        (CAMUNDA, ("<text>5</text>", '<importedValues namespace="x"/>'), "Level: rule 1: importedValues"),
        (SIGNAVIO, ('aggregation="MAX"', 'aggregation="AVG"'), "Level: aggregation AVG"),
        (SIGNAVIO, ("<requiredInput ", "<requiredDecision "), "Level: requiredDecision #id-1"),
        (SIGNAVIO, ("<decisionTable ", '<knowledgeRequirement><requiredKnowledge href="#f"/></knowledgeRequirement><decisionTable '), "Level: knowledgeRequirement #f"),
        (SIGNAVIO, ("</definitions>", '<decision name="Each"><extensionElements><sigExt:MultiInstanceDecision/></extensionElements></decision></definitions>'), "Each: it has no decision table"),
        (TRISOTECH, ("<semantic:typeRef>feel:number</semantic:typeRef>", ""), "Approval: input 2: typeRef tMoney"),
        (TRISOTECH, ("<semantic:knowledgeSource ", "<semantic:businessKnowledgeModel "), "businessKnowledgeModel Price list"),
        (OLD, ("DMN/20151101/dmn11.xsd", "DMN/20151101/other.xsd"), "expected definitions of DMN 1.1 to 1.6"),
        (OLD, ("<definitions ", '<!DOCTYPE d SYSTEM "file:///etc/passwd"><definitions '), "a document type (DOCTYPE) is not accepted"),
    ],
)  # fmt: skip
def test_each_part_of_another_tool_that_is_not_supported_is_named_with_its_place(
    content: str, change: tuple[str, str], said: str
) -> None:
    assert change[0] in content
    with pytest.raises(MetadataInvalid) as refused:
        read_dmn(content.replace(*change).encode(), "Visit")
    assert any(said in fault.text.en for fault in refused.value.faults)


def test_no_id_stands_twice_in_a_file_of_two_tables() -> None:
    two = read_rule({"name": "two", "applies_to": "Visit", "then": [{"table": FULL}, {"table": FULL}]})
    ids = [one.get("id") for one in ET.fromstring(dmn_of(two, MODEL)).iter() if one.get("id")]
    assert len(ids) == len(set(ids))
