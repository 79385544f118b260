"""What DocType files of Frappe's applications hold here and there beside the ordinary: all of it is taken, what has no effect is told.

One site with all of them; each opens as form and list and takes a record through the form's service and REST.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
from flask.testing import FlaskClient
from record_maker import ADMIN, Maker, browser_of_everyone, site_with

from server.core.errors import MetadataInvalid
from server.exchange.packs import Source, read_packs
from server.exchange.reading import check_sources
from server.site import Site

Json = dict[str, Any]
STAMPS = {"doctype": "DocType", "creation": "2020-01-02 03:04:05", "modified": "2023-01-02 03:04:05", "owner": "Administrator"}
RIGHTS = ("read", "write", "create", "delete", "submit", "cancel", "amend")
PERMISSIONS: list[Json] = [{"role": "System Manager"} | dict.fromkeys(RIGHTS, 1)]


def field(fieldname: str | None, fieldtype: str = "Data", **more: Any) -> Json:
    return {"fieldname": fieldname, "fieldtype": fieldtype, "label": (fieldname or "").replace("_", " ").title(), **more}


TITLE = field("title")
KID = {"istable": 1, "fields": [field("a"), field("target", "Link", options="Odd Target")]}
WORDS = [
    "select",
    "from",
    "order",
    "group",
    "where",
    "class",
    "def",
    "import",
    "None",
    "table",
    "index",
    "key",
    "values",
    "items",
    "keys",
    "get",
    "update",
    "pop",
    "type",
    "user",
    "column",
    "default",
    "primary",
    "references",
    "limit",
    "self",
    "lambda",
    "True",
    "return",
    "row",
    "doc",
    "rows",
    "data",
    "fields",
    "meta",
    "flags",
    "errors",
    "process",
    "validate",
    "posted",
    "env",
    "id",
    "hash",
    "status",
    "length",
    "size",
    "count",
    "min",
    "max",
    "and",
    "or",
    "not",
    "null",
    "constructor",
    "__proto__",
    "toString",
    "nothing",
    "returning",
    "action",
    "submit",
    "_assign",
    "_user_tags",
    "lft",
    "rgt",
    "old_parent",
]
EVERY_CONDITION = [
    "title", "doc.title", "eval: doc.title;", "eval:!doc.__islocal", "eval:doc.__onload && doc.__onload.x", "eval:", "eval:1",
    "eval:frappe.session.user=='Administrator'", "eval:frappe.boot.developer_mode", "eval:(doc.kids || []).some(r => r.a == 'x')",
    "eval:doc.kids.filter(d => d.a).length > 2", "eval:frappe.datetime.get_diff(doc.day, frappe.datetime.nowdate()) > 3",
    "eval:/abc/.test(doc.title)", "eval:doc.a = 'x'", "eval:doc.title in ['a']", "fn:show_it", "eval:new Date(doc.day) > new Date()",
    "eval:frappe.db.get_value('Customer', doc.customer, 'x') == 1", "eval:cint(doc.title) & flt(doc.title, 2)", "eval:doc.a || ",
    "eval:cur_frm && ['a'].includes(cur_frm.doc.title)", "eval:doc.title == ‘x’", "eval:in_list([\"A\"], doc.title)",
]  # fmt: skip
DEFAULTS: list[tuple[str, Any]] = [
    ("Date", "Today"), ("Date", "2020-31-31"), ("Datetime", "Now"), ("Time", "Now"), ("Check", "1"), ("Check", 0), ("Int", "0.5"),
    ("Check", "Yes"), ("Rating", "3"), ("Color", "red"), ("Data", "eval:doc.x"), ("JSON", "[]"), ("Phone", "abc"), ("Float", "1,000"),
    ("Currency", ":Company"), ("Geolocation", "x"), ("Attach Image", "/assets/x.png"), ("Data", "__user"), ("Duration", "3600"),
]  # fmt: skip
FETCHES = [
    "link.title", "link.", ".x", "link.title.more", "title.title", "missing.x", "link", " link.title ", "link.name", "link.secret", ".",
    "any.title", "link.kids",
]  # fmt: skip
PARTIES = field("party_type", "Select", options="\nOdd Target\nOdd Fetch")

# What is odd about it: the DocType.
ODD: dict[str, Json] = {
    "Odd Target": {"fields": [TITLE, field("kids", "Table", options="Odd Kid"), field("secret", "Password")]},
    "Odd Kid": KID,
    "Odd Self Kid": {"istable": 1, "fields": [field("a"), field("more", "Table", options="Odd Self Kid")]},
    "Odd Words": {"fields": [field(name) for name in WORDS]},
    "Odd Standard Names": {"fields": [field(name) for name in ("name", "owner", "idx", "parent", "version", "doctype", "title")]},
    "Odd Fieldnames": {"fields": [field(name) for name in ("2fa", "字段", "Caps", "trail ", "with space", "é", "a" * 65, "title")]},
    "Odd Unnamed": {"fields": [
        {"fieldtype": "Section Break"}, field(None, "Column Break"), field("", "Tab Break"), {"fieldtype": "HTML", "options": "<b>x</b>"},
        {"fieldtype": "Button", "label": "B"}, {"fieldtype": "Data", "label": "No Name"}, {"fieldtype": "Data"}, {"fieldname": "plain"},
    ]},
    "Odd Twice": {"fields": [TITLE, TITLE, field("x"), field("x", "Int"), field("X")]},
    "Odd Numbers": {
        "istable": "0", "issingle": None, "is_submittable": "1", "track_changes": True, "max_attachments": "3",
        "fields": [
            field("a", "Float", precision=""), field("b", "Float", precision="2"), field("c", "Currency", options="Company:company:x"),
            field("d", "Int", length="11"), field("e", length="200", columns="2", permlevel="0", reqd="0", in_list_view="1"),
            field("f", "Float", precision="x"), field("g", permlevel=None, reqd=None, bold=True), field("h", length=-1),
            field("i", columns=2.0), field("j", "Long Int"), field("k", "Float", permlevel="1"), field("l", "Rating", options=10),
        ],
    },
    "Odd Defaults": {"fields": [
        field(f"f{number}", kind, default=value) for number, (kind, value) in enumerate(DEFAULTS)
    ] + [field("who", "Link", options="User", default="__user")]},
    "Odd Selects": {"fields": [
        field("blank_first", "Select", options="\nA\nB"), field("numeric", "Select", options="1\n2\n3", default=2), field("none", "Select"),
        field("spaces", "Select", options="A \n B\nA"), field("old", "Select", options="link:Country"), field("one", "Select", options=12),
        field("other", "Select", options="A\nB", default="C"), field("crlf", "Select", options="a\r\nb", reqd=1),
    ]},
    "Odd Links": {"fields": [
        field("own", "Link", options="Odd Links"), field("absent", "Link", options="Nowhere"), field("bare", "Link"), field("txt"),
        field("spaced", "Link", options="Odd Target \n"), field("any", "Dynamic Link", options="txt"), field("to_kid", "Link", options="Odd Kid"),
        field("gone", "Dynamic Link", options="nothing_here"), field("lost", "Dynamic Link"),
        field("some", "Link", options="Odd Target", link_filters=[["Odd Target", "title", "=", "eval: doc.txt"]]),
        field("bad", "Link", options="Odd Target", link_filters="not json"),
    ]},
    "Odd Tables": {"fields": [
        field("kids", "Table", options="Odd Kid ", reqd=1), field("absent", "Table", options="No Kid"), field("bare", "Table"),
        field("no_kid", "Table", options="Odd Target"), field("tags", "Table MultiSelect", options="Odd Kid"), field("selves", "Table", options="Odd Self Kid"),
    ]},
    "Odd Fetch": {"fields": [
        field("link", "Link", options="Odd Target"), PARTIES, field("any", "Dynamic Link", options="party_type"),
        *(field(f"f{number}", fetch_from=source, fetch_if_empty=number % 2) for number, source in enumerate(FETCHES)),
    ]},
    "Odd Conditions": {"fields": [
        TITLE, field("day", "Date"), field("kids", "Table", options="Odd Kid"),
        *(field(f"f{number}", depends_on=when, read_only_depends_on=when) for number, when in enumerate(EVERY_CONDITION)),
    ]},
    "Odd Texts": {"description": "<h1>x</h1>", "fields": [
        field("long", description="D" * 3000) | {"label": "L" * 400}, {"fieldname": "none", "fieldtype": "Data", "label": None},
        {"fieldname": "five", "fieldtype": "Data", "label": 5}, field("marked") | {"label": "<b>bold</b> & \"quoted\""},
    ]},
    "Odd Wide": {"fields": [field(f"field_{number}", ("Data", "Int", "Check", "Date")[number % 4]) for number in range(240)]},
    "Odd Virtual": {
        "title_field": "seen", "search_fields": "seen,title",
        "fields": [TITLE, field("seen", is_virtual=1, in_list_view=1, reqd=1), field("rows", "Table", options="Odd Kid", is_virtual=1)],
    },
    "Odd Single": {"issingle": 1, "fields": [TITLE, field("kids", "Table", options="Odd Kid"), field("secret", "Password")]},
    "Odd Tree": {
        "is_tree": 1, "nsm_parent_field": "parent_odd_tree", "autoname": "field:label_text",
        "fields": [field("label_text", reqd=1), field("parent_odd_tree", "Link", options="Odd Tree"), field("is_group", "Check"), field("lft", "Int")],
    },
    "Odd Tree Without Link": {"is_tree": 1, "fields": [TITLE]},
    "Odd Sides": {
        "fields": [field("status", "Select", options="Open\nShut")],
        "states": [{"title": "Open"}, {"title": "Shut", "color": "Grey"}, {"title": "X", "color": "light-blue"}, {"color": "Red"}],
        "links": [
            {"link_doctype": "Odd Links", "link_fieldname": "own"}, {"link_doctype": "Nowhere", "link_fieldname": "x"}, {"link_fieldname": "x"},
            {"link_doctype": "Odd Kid", "link_fieldname": "target", "parent_doctype": "Odd Tables", "table_fieldname": "kids"},
        ],
        "actions": [{"label": "Do", "action": "odd.do", "action_type": "Server Action"}, {"label": "Go", "action": "/x", "action_type": "Route"}],
        "permissions": [
            {"role": "System Manager", "select": 1}, {"role": "System Manager", "read": "1", "write": 1, "create": 1, "if_owner": None}, {"read": 1},
            {"role": "Odd Person", "permlevel": "1", "read": 1, "user_permission_doctypes": "[]"},
        ],
        "sort_field": "status desc, modified", "sort_order": "asc", "title_field": "{status}", "search_fields": "status, ,gone",
        "image_field": "gone", "is_calendar_and_gantt": 1, "has_web_view": 1, "index_web_pages_for_search": 1, "__onload": {"a": 1},
    },
    "Odd Sort": {"fields": [TITLE], "sort_field": "gone", "sort_order": "", "title_field": "name"},
    "Odd Empty": {"fields": []},
    "Odd Breaks": {"fields": [
        field("fold", "Fold"), field("section", "Section Break", options="fa fa-x"), field("column", "Column Break", width="50%"),
        field("picture", "Image", options="nowhere"), field("heading", "Heading"), field("ro", "Read Only", reqd=1),
    ]},
}  # fmt: skip
NAMINGS: dict[str, tuple[Json, str]] = {
    "field": ({"autoname": "field: title"}, "Text"),
    "no such field": ({"autoname": "field:missing"}, ""),
    "format": ({"autoname": "format:X-{YYYY}-{title}-{####}"}, "X-2026-Text-0001"),
    "format of no field": ({"autoname": "format:EX-{other}-{##}"}, "EX-{other}-01"),
    "hash": ({"autoname": "hash"}, ""),
    "autoincrement": ({"autoname": "autoincrement"}, "1"),
    "PROMPT": ({"autoname": "PROMPT"}, "Record 1"),
    "old style": ({"autoname": "ABC-.YYYY.-.#####"}, "ABC-2026-00001"),
    "old style with a field": ({"autoname": "AB/.title./.##"}, "AB/Text/01"),
    "week, day and fiscal year": ({"autoname": "W.WW.-.JJJ.-.FY.-.#"}, "W10-061-2026-1"),
    "a word": ({"autoname": "Expression"}, ""),
    "nothing": ({"naming_rule": "By script", "autoname": ""}, ""),
    "series without a choice": ({"autoname": "naming_series:"}, ""),
    "series, blank first": ({"autoname": "naming_series:", "fields": [field("naming_series", "Select", options="\nA-.YYYY.-\nB-"), TITLE]}, "A-2026-00001"),
}  # fmt: skip
NAMED = {f"Named {number}": way for number, way in enumerate(NAMINGS)}


def written(name: str, body: Json) -> Source:
    return Source(
        "DocType", name, {"permissions": [] if body.get("istable") == 1 else PERMISSIONS, **STAMPS, **body, "name": name}
    )


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    sources = [written(name, body) for name, body in ODD.items()]
    sources += [written(name, {"fields": [TITLE], **NAMINGS[way][0]}) for name, way in NAMED.items()]
    yield from site_with(tmp_path_factory.mktemp("odd"), sources)


@pytest.fixture(scope="module")
def browser(site: Site) -> FlaskClient:
    return browser_of_everyone(site)


@pytest.mark.parametrize("name", [name for name, body in ODD.items() if body.get("istable") != 1])
def test_an_odd_doctype_takes_a_record_and_opens_everywhere(site: Site, browser: FlaskClient, name: str) -> None:
    record = Maker(site).record(name)
    place = f"{quote(name)}/{quote(record, safe='')}"

    pages = [
        f"/form/{place}",
        f"/form/{quote(name)}/new",
        f"/list/{quote(name)}",
        f"/api/resource/{place}",
        f"/admin/doc/{quote(name)}/new/",
    ]
    answers = {page: browser.get(page, follow_redirects=True).status_code for page in pages}

    assert set(answers.values()) == {200}, answers
    assert browser.get(f'/api/resource/{quote(name)}?fields=["*"]').json["data"]  # type: ignore[index]


@pytest.mark.parametrize("name", NAMED, ids=NAMED.values())
def test_every_way_of_naming_names_a_record(site: Site, name: str) -> None:
    expected = NAMINGS[NAMED[name]][1]

    found = Maker(site).record(name)

    assert found == expected or (not expected and len(found) == 10), found  # without a way to name it: a short hash


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("Odd Twice", "x is already the fieldname of a field before it"),
        ("Odd Virtual", "the value of seen is made by a program that is not here"),
        ("Odd Fieldnames", "'with space' cannot be a fieldname"),
        ("Odd Links", "Link has no options; it is taken as a line of text"),
        ("Odd Tables", "Odd Target is not a child table"),
        ("Odd Numbers", "'x' is no whole number"),
        ("Odd Sides", "the permission row has no role"),
        ("Odd Sort", "'gone' is not a field; the newest come first"),
        ("Odd Conditions", '"frappe.boot.developer_mode" cannot be used'),
    ],
)
def test_what_has_no_effect_is_told_by_name(name: str, said: str) -> None:
    told = [
        warning.text.en
        for warning in check_sources(
            [written(name, ODD[name]), written("Odd Kid", KID), written("Odd Target", ODD["Odd Target"])]
        )
    ]

    assert any(line.startswith(f"{name}: ") and said in line for line in told), told


def test_the_order_of_fields_is_that_of_field_order(site: Site) -> None:
    source = written("Odd Order", {"fields": [field("c"), field("a"), field("b")], "field_order": ["b", "gone", "a"]})

    found = site.publisher.propose([source]).model["Odd Order"]

    assert [item.fieldname for item in found.fields] == ["b", "a", "c"]


def test_a_user_of_another_application_cannot_take_the_place_of_ours(site: Site) -> None:
    with pytest.raises(MetadataInvalid) as refused:
        site.publisher.propose([written("User", {"fields": [field("email"), field("enabled", "Check")]})])

    assert any("this file has no login, full_name, roles" in fault.text.en for fault in refused.value.faults)


def test_what_is_no_doctype_at_all_stays_a_fault() -> None:
    with pytest.raises(MetadataInvalid) as refused:
        check_sources([written("Odd Nonsense", {"fields": [field("a", "Selec"), "x"], "is_virtual": 1})])

    assert len(refused.value.faults) >= 2


def test_values_of_fields_called_like_parts_of_the_page_are_kept_by_the_form(site: Site, browser: FlaskClient) -> None:
    page = browser.get("/form/Odd Words/new").get_data(as_text=True)
    token = page.split('name="csrf_token" value="')[1].split('"')[0]
    typed = {name: f"value of {name}" for name in WORDS}

    answer = browser.post("/form/Odd Words/new", data={"csrf_token": token, "_action": "save", **typed})

    record = site.documents.load(ADMIN, "Odd Words", answer.headers["Location"].rpartition("/")[2].partition("?")[0])
    assert {name: record[name] for name in WORDS} == typed


def test_of_an_applications_folder_the_record_types_are_read_and_the_rest_left_aside(tmp_path: Path) -> None:
    files: dict[str, Any] = {
        "odd/doctype/odd_kid/odd_kid.json": written("Odd Kid", KID).raw,
        "odd/doctype/odd_kid/test_records.json": [{"doctype": "Odd Kid", "a": "x"}],
        "odd/report/kids/kids.json": {"doctype": "Report", "name": "Kids", "ref_doctype": "Odd Kid"},
        "odd/workspace/odd/odd.json": {"doctype": "Workspace", "name": "Odd", "links": []},
        "odd/broken/broken.json": [1, 2],
    }
    for name, body in files.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(json.dumps(body), "utf-8")

    found = read_packs([tmp_path])

    assert [source.name for source in found.sources] == ["Odd Kid"]
    assert [fault.where for fault in found.faults] == ["odd/broken/broken.json"]
