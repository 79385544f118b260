"""Small DMN files that have the traits of those that real tools write."""

from __future__ import annotations

# Camunda Modeler 4/5 and dmn-js: DMN 1.3, its own attributes, CDATA, row descriptions, empty entries without a text, a diagram.
CAMUNDA = """<?xml version="1.0" encoding="UTF-8"?>
<definitions xmlns="https://www.omg.org/spec/DMN/20191111/MODEL/" xmlns:dmndi="https://www.omg.org/spec/DMN/20191111/DMNDI/"
    xmlns:dc="http://www.omg.org/spec/DMN/20180521/DC/" xmlns:biodi="http://bpmn.io/schema/dmn/biodi/2.0"
    xmlns:camunda="http://camunda.org/schema/1.0/dmn" xmlns:modeler="http://camunda.org/schema/modeler/1.0" id="d" name="DRD"
    namespace="http://camunda.org/schema/1.0/dmn" exporter="Camunda Modeler" exporterVersion="5.30.0" modeler:executionPlatform="Camunda Platform">
  <decision id="Decision_1" name="Level" camunda:historyTimeToLive="180" camunda:versionTag="1.0">
    <description>How urgent a visit is</description>
    <extensionElements><biodi:text>not ours</biodi:text></extensionElements>
    <decisionTable id="DecisionTable_1" hitPolicy="FIRST" biodi:annotationsWidth="300">
      <input id="Input_1" label="Total" biodi:width="192" camunda:inputVariable="total">
        <inputExpression id="e1" typeRef="double" expressionLanguage="feel"><text>total</text></inputExpression>
      </input>
      <input id="Input_2" label="Kind" camunda:inputVariable="category">
        <inputExpression id="e2" typeRef="string"/>
        <inputValues id="v"><text><![CDATA["repair","check"]]></text></inputValues>
      </input>
      <output id="Output_1" label="Urgency" name="level" typeRef="integer"/>
      <rule id="r1">
        <description>Dear repairs first</description>
        <inputEntry id="a"><text><![CDATA[> 100]]></text></inputEntry>
        <inputEntry id="b"><text><![CDATA["repair"]]></text></inputEntry>
        <outputEntry id="c"><text>5</text></outputEntry>
      </rule>
      <rule id="r2"><inputEntry id="x"/><inputEntry id="y"><text></text></inputEntry><outputEntry id="z"><text>1</text></outputEntry></rule>
    </decisionTable>
  </decision>
  <dmndi:DMNDI><dmndi:DMNDiagram><dmndi:DMNShape dmnElementRef="Decision_1"><dc:Bounds height="80" width="180" x="160" y="80"/>
    </dmndi:DMNShape></dmndi:DMNDiagram></dmndi:DMNDI>
</definitions>"""
# Trisotech and KIE: prefixed elements, names with blanks, types of the file's own, inputData, annotations, a comment inside a text.
TRISOTECH = """<?xml version="1.0" encoding="UTF-8" standalone="yes"?>
<semantic:definitions xmlns:semantic="http://www.omg.org/spec/DMN/20180521/MODEL/" xmlns:feel="http://www.omg.org/spec/DMN/20180521/FEEL/"
    xmlns:triso="http://www.trisotech.com/2015/triso/modeling" xmlns="http://www.trisotech.com/definitions/_1" id="_1" name="Visits"
    namespace="http://www.trisotech.com/definitions/_1" exporter="DMN Modeler" exporterVersion="6.1.3" triso:logoChoice="Default"
    expressionLanguage="http://www.omg.org/spec/DMN/20180521/FEEL/">
  <semantic:extensionElements/>
  <semantic:itemDefinition isCollection="false" name="tMoney" label="tMoney"><semantic:typeRef>feel:number</semantic:typeRef></semantic:itemDefinition>
  <semantic:inputData id="_2" name="Total of the Visit"><semantic:variable name="Total of the Visit" typeRef="tMoney"/></semantic:inputData>
  <semantic:knowledgeSource id="_9" name="Price list"/>
  <semantic:decision id="_3" name="Approval">
    <semantic:question>Who?</semantic:question>
    <semantic:variable name="Approval" typeRef="string"/>
    <semantic:informationRequirement id="_4"><semantic:requiredInput href="#_2"/></semantic:informationRequirement>
    <semantic:authorityRequirement id="_8"><semantic:requiredAuthority href="#_9"/></semantic:authorityRequirement>
    <semantic:decisionTable id="_5" hitPolicy="PRIORITY" outputLabel="Approval" preferredOrientation="Rule-as-Row" typeRef="string">
      <semantic:input id="_6"><semantic:inputExpression typeRef="tMoney"><semantic:text>Total of the Visit</semantic:text></semantic:inputExpression></semantic:input>
      <semantic:input id="_7"><semantic:inputExpression typeRef="tMoney"><semantic:text>doc.count * 2</semantic:text></semantic:inputExpression></semantic:input>
      <semantic:output id="_o" name="note" typeRef="string"><semantic:outputValues triso:constraintsType="enumeration">
        <semantic:text>"Approved, late", "Declined"</semantic:text></semantic:outputValues>
        <semantic:defaultOutputEntry><semantic:text>"Declined"</semantic:text></semantic:defaultOutputEntry></semantic:output>
      <semantic:annotation name="Why"/>
      <semantic:rule id="_r"><semantic:inputEntry><semantic:text>&lt;18,<!-- and old -->&gt;=60</semantic:text></semantic:inputEntry>
        <semantic:inputEntry><semantic:text>[1..3[</semantic:text></semantic:inputEntry>
        <semantic:outputEntry><semantic:text>"Approved, late"</semantic:text></semantic:outputEntry>
        <semantic:annotationEntry><semantic:text>S02-04</semantic:text></semantic:annotationEntry></semantic:rule>
    </semantic:decisionTable>
  </semantic:decision>
</semantic:definitions>"""
# Signavio: DMN 1.2, its metadata beside everything, an output that is called as the decision is.
SIGNAVIO = """<?xml version="1.0" encoding="UTF-8"?>
<definitions xmlns="http://www.omg.org/spec/DMN/20180521/MODEL/" xmlns:sigExt="http://www.signavio.com/schema/dmn/1.2/" id="sid-1"
    name="Level" namespace="http://www.signavio.com/dmn/1.2/diagram/1.xml" exporter="Signavio Process Editor" sigExt:revisionId="2">
  <extensionElements><sigExt:diagramMetaData name="processgoal" value=""/></extensionElements>
  <inputData id="id-1" name="Category" sigExt:shapeId="s1"><variable id="v1" name="category" typeRef="string"/></inputData>
  <decision id="id-2" name="Level" sigExt:shapeId="s2" sigExt:diagramId="1">
    <variable id="v2" name="level" typeRef="number"/>
    <informationRequirement id="q"><requiredInput href="#id-1"/></informationRequirement>
    <decisionTable hitPolicy="COLLECT" aggregation="MAX">
      <input id="i1" label="Category"><inputExpression><text>category</text></inputExpression></input>
      <output id="o1" label="Level" name="level" typeRef="number" sigExt:shapeId="s2"/>
      <rule id="r1"><description/><inputEntry><text>not("repair", "check")</text></inputEntry><outputEntry><text>2</text></outputEntry></rule>
    </decisionTable>
  </decision>
</definitions>"""
# Camunda 7.4: the first namespace of DMN 1.1, a local type.
OLD = """<definitions xmlns="http://www.omg.org/spec/DMN/20151101/dmn11.xsd" id="d" name="d" namespace="http://camunda.org/schema/1.0/dmn">
  <decision id="dish" name="Dish"><decisionTable>
    <input id="i" label="Due"><inputExpression typeRef="date"><text>due_on</text></inputExpression></input>
    <output id="o" name="note" typeRef="string"/>
    <rule id="r"><inputEntry><text>&gt;= date("2026-01-31")</text></inputEntry><outputEntry><text>"late"</text></outputEntry></rule>
  </decisionTable></decision></definitions>"""
