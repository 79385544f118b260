"""Faults of print formats: all at once, each with its place, before anything is printed."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from print_samples import designed

from server.metadata.model import Model
from server.printing.check import check_templates
from server.printing.format import check_format, dump_format, read_format
from server.printing.page import Page

GOOD: dict[str, Any] = {
    "doctype": "Print Format",
    "name": "Service Order RCSH-07",
    "doc_type": "Service Order",
    "html": "<p></p>",
}
FILE = "print_formats/after_sales/service_order.json"


def test_a_good_format_has_no_fault_and_survives_the_round_trip() -> None:
    raw = GOOD | {
        "title": {"zh": "售后服务报告单", "en": "Service Report"},
        "form_number": "RCSH-07",
        "form_version": "A/1",
        "source": ["S02-04"],
        "page": {"size": "A5", "orientation": "landscape", "margin_mm": [20, 15, 15, 15]},
        "standard": "No",
    }
    assert check_format(raw, FILE) == []
    form = read_format(raw)
    assert form.page == Page("A5", "landscape", (20, 15, 15, 15))
    assert dump_format(form) == raw
    assert read_format(dump_format(form)) == form


def test_a_label_is_given_in_millimetres_and_survives_the_round_trip() -> None:
    raw = GOOD | {
        "title": "Label",
        "page": {"size": [100, 62.5], "margin_mm": [2, 3, 2, 3]},
        "needs": ["customer", "items.qty"],
    }
    assert check_format(raw, FILE) == []
    form = read_format(raw)
    assert (form.page.is_label, form.page.size_mm, form.needs) == (True, (100, 62.5), ("customer", "items.qty"))
    assert dump_format(form) == raw


@pytest.mark.parametrize(
    ("change", "place"),
    [
        ({"page": {"size": [100]}}, "page.size"),
        ({"page": {"size": [100, 19.9]}}, "page.size"),
        ({"page": {"size": [421, 100]}}, "page.size"),
        ({"page": {"size": ["100", 80]}}, "page.size"),
        ({"page": {"size": [100, 80], "orientation": "portrait"}}, "page.orientation"),
        ({"page": {"size": [100, 80], "margin_mm": -1}}, "page.margin_mm"),
        ({"needs": "customer"}, "needs"),
        ({"linked": ["Customer"]}, "linked"),
        ({"linked": {"buyer": {"link": "customer", "fields": ["name"]}}, "html": None, "workbook": "UEsDBA=="}, "linked"),
        ({"linked": {"one": {"doctype": "Customer", "fields": ["name"]}}}, "linked.one"),
        ({"linked": {"one": {"doctype": "Customer", "by": "x", "link": "customer", "fields": ["name"]}}}, "linked.one"),
        ({"linked": {"one": {"link": "customer", "fields": []}}}, "linked.one.fields"),
        ({"linked": {"one": {"link": "customer", "fields": ["name"], "limit": 3}}}, "linked.one"),
        ({"linked": {"one": {"link": "customer", "fields": ["name"], "where": [["name", "="]]}}}, "linked.one.where"),
        ({"name": ""}, "name"),
        ({"name": 7}, "name"),
        ({"doc_type": None}, "doc_type"),
        ({"doctype": "Service Order"}, "doctype"),
        ({"title": {"de": "x"}}, "title"),
        ({"form_number": 7}, "form_number"),
        ({"source": "S02"}, "source"),
        ({"page": "A4"}, "page"),
        ({"page": {"size": "A7"}}, "page.size"),
        ({"page": {"orientation": "portait"}}, "page.orientation"),
        ({"page": {"margin_mm": 0}}, "page.margin_mm"),
        ({"page": {"margin_mm": [1, 2]}}, "page.margin_mm"),
        ({"page": {"margins": 9}}, "page.margins"),
        ({"html": None}, "html"),
        ({"html": "x" * 300_000}, "html"),
    ],
)
def test_each_wrong_property_is_named(change: dict[str, Any], place: str) -> None:
    faults = check_format(GOOD | change, FILE)
    assert [fault.where for fault in faults] == [f"{FILE}: {place}"]


def test_all_faults_come_at_once() -> None:
    faults = check_format({"doctype": "Print Format", "page": {"size": "B4", "orientation": "landscap"}}, FILE)
    assert len(faults) == 5
    assert 'Did you mean "landscape"?' in " ".join(fault.text.en for fault in faults)


@pytest.mark.parametrize(
    ("template", "said"),
    [
        ("{{ doc.custmer }}", 'Did you mean "customer"?'),
        ("{{ fields('customer', 'contct') }}", 'Did you mean "contact"?'),
        ("{{ fields('customer', wide=['adress']) }}", 'Did you mean "address"?'),
        ("{{ value('items.reslt', doc) }}", 'Did you mean "result"?'),
        ("{{ value('contact.x') }}", "is not a child table"),
        ("{{ table('item', 'part') }}", 'Did you mean "items"?'),
        ("{{ table('items', 'part', 'quantity') }}", "quantity"),
        ("{{ table('items', total=['amout']) }}", 'Did you mean "amount"?'),
        ("{% for row in doc.items %}{{ row.prt }}{% endfor %}", 'Did you mean "part"?'),
        ("{{ doc.total | monney }}", 'Did you mean "money"?'),
        ("{{ doc.contact | safe }}", "safe"),
        ("{{ compny }}", 'Did you mean "company"?'),
        ("{{ doc.contact.upper() }}", "can be called"),
        ("{{ tabel('items') }}", 'Did you mean "table"?'),
        ("{% include 'x' %}", "include"),
        ("{% autoescape false %}{% endautoescape %}", "autoescape"),
        ("{{ signatures('singed') }}", 'Did you mean "signed"?'),
        ("{% if doc.total %}", "syntax"),
        ("{{ doc.contact is callable }}", "callable"),
    ],
)
def test_a_fault_of_the_template_is_named_with_its_line(model: Model, template: str, said: str) -> None:
    faults = check_templates({FILE: designed(f"<p>\n{template}\n</p>")}, model)
    assert faults, template
    assert all(fault.where.startswith("print_formats/after_sales/service_order.html:") for fault in faults)
    assert said in " ".join(fault.text.en for fault in faults)


def test_what_authors_may_use_has_no_fault(model: Model) -> None:
    html = """{{ title("a|b") }}{{ section("x") }}{{ fields("customer", "name", "owner", columns=3, wide=["address"]) }}
    {% for row in doc.items %}{{ loop.index }} {{ row.part }} {{ row.idx }}
    {{ value("items.result", row) }}{% else %}{{ doc.contact }}{% endfor %}
    {% set n = doc.items | length %}{{ n + 1 }}
    {% if doc.total is defined and doc.docstatus == 1 %}{{ t("是", "yes") }}{% endif %}
    {% macro pair(a) %}<b>{{ a }}</b>{{ caller() }}{% endmacro %}{% call pair(1) %}x{% endcall %}
    {{ table("items", "part", total=["amount"]) }}{{ checklist("items") }}{{ photos("items", "part", caption="remark") }}
    {{ signatures("signed", "编制|Prepared") }}{{ approvals_table() }}{{ approvals[0].by_name }}{{ doc.total | cn_amount }}"""
    assert check_templates({FILE: designed(html)}, model) == []


def test_what_a_format_needs_must_be_fields(model: Model) -> None:
    form = replace(designed(""), needs=("customer", "items.qty", "custmer", "items.qyt", "contact.x"))
    faults = check_templates({FILE: form}, model)
    assert [fault.where for fault in faults] == [f"{FILE}: needs[{number}]" for number in (2, 3, 4)]
    assert 'Did you mean "customer"?' in faults[0].text.en


def test_all_faults_of_a_template_come_at_once(model: Model) -> None:
    faults = check_templates({FILE: designed("{{ compny }}\n{{ doc.custmer | monney }}\n{{ tabel() }}")}, model)
    assert [fault.where[-1] for fault in faults] == ["1", "2", "2", "3", "3"]


def test_a_format_for_no_doctype_is_a_fault(model: Model) -> None:
    faults = check_templates({FILE: designed("", doc_type="Service Ordr")}, model)
    assert 'Did you mean "Service Order"?' in faults[0].text.en


CUSTOMERS: dict[str, Any] = {
    "buyer": {
        "link": "customer",
        "fields": ["customer_name"],
        "where": [["customer_name", "in", ["a", "b"]]],
        "order_by": "name asc",
    }
}


@pytest.mark.parametrize(
    ("linked", "html", "said"),
    [
        (CUSTOMERS, "{% for row in linked.buyer %}{{ row.customer_name }}{% endfor %}", ""),
        (CUSTOMERS, "{% for row in linked.byer %}{% endfor %}", 'service_order.html:1: "linked" has no "byer". Did you mean "buyer"?'),
        (CUSTOMERS, "{% for row in linked.buyer %}{{ row.phone }}{% endfor %}", 'service_order.html:1: linked.buyer does not read "phone".'),
        ({"buyer": CUSTOMERS["buyer"] | {"fields": ["fax"]}}, "", 'linked.buyer.fields: Customer has no such field "fax".'),
        ({"buyer": CUSTOMERS["buyer"] | {"link": "custmer"}}, "", 'linked.buyer.link: Service Order has no such field "custmer".'),
        ({"all": {"doctype": "Customer", "by": "customer_name", "fields": ["name"]}}, "", 'linked.all.by: Customer has no such field "customer_name".'),
        ({"buyer": CUSTOMERS["buyer"] | {"where": [["fax", "=", 1]]}}, "", 'linked.buyer.where: Customer has no such field "fax".'),
        ({"buyer": CUSTOMERS["buyer"] | {"where": [["customer_name", "~", 1]]}}, "", 'linked.buyer.where: customer_name is not compared by "~".'),
        ({"all": {"doctype": "Custmer", "by": "x", "fields": ["name"]}}, "", '"Custmer" is not a record type'),
    ],
)  # fmt: skip
def test_what_a_format_reads_of_other_records_must_be_there(model: Model, linked: Any, html: str, said: str) -> None:
    raw = GOOD | {"linked": linked, "html": html}
    assert check_format(raw, FILE) == []
    form = read_format(raw)
    assert read_format(dump_format(form)) == form

    faults = [fault.text.en for fault in check_templates({FILE: form}, model)]

    assert [said in fault for fault in faults] == ([True] if said else [])
