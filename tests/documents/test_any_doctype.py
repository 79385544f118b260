"""Whatever record type somebody draws: it is published, takes a record, and gives back what was put in, changed or not."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from itertools import count
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from needs import DATABASES, own_database

from server.access.user import User
from server.core.clock import SettableClock
from server.core.values import canonical
from server.exchange.packs import Source
from server.metadata.fieldtypes import field_types
from server.metadata.load import dump_doctype, read_doctype
from server.site import Site, open_site

ADMIN = User.administrator()
NUMBERS = count(1)
# No surrogates, which are no text; no NUL, which no database keeps.
TEXT = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\x00"), max_size=60)
WHOLE = st.integers(-(10**9), 10**9)
DECIMAL = st.decimals(-(10**9), 10**9, places=2)
VALUES: dict[str, st.SearchStrategy[Any]] = {
    **dict.fromkeys(("Data", "Small Text", "Text", "Long Text", "Code", "Markdown Editor", "Read Only", "Icon", "Barcode"), TEXT),
    **dict.fromkeys(("Text Editor", "HTML Editor", "Autocomplete"), TEXT),
    **dict.fromkeys(("Float", "Currency", "Percent"), DECIMAL),
    "Int": WHOLE, "Long Int": WHOLE, "Duration": st.integers(0, 10**7), "Check": st.sampled_from([0, 1, True, "0", "1"]),
    "Date": st.dates(), "Time": st.times().map(lambda time: time.replace(microsecond=0)),
    "Datetime": st.datetimes(min_value=datetime(1900, 1, 1), max_value=datetime(2200, 1, 1), timezones=st.just(UTC)),
    "Rating": st.decimals(0, 1, places=2), "Color": st.from_regex(r"#[0-9a-fA-F]{6}", fullmatch=True),
    "Phone": st.from_regex(r"\+?[0-9]{5,15}", fullmatch=True),
    "JSON": st.recursive(st.integers() | st.text("ab中", max_size=5), lambda inner: st.lists(inner, max_size=3), max_leaves=6)
    .filter(lambda value: not isinstance(value, str)),  # a text alone is read as JSON
    "Geolocation": st.tuples(st.decimals(-90, 90, places=4), st.decimals(-180, 180, places=4)).map("{0[0]:f}, {0[1]:f}".format),
    "Select": st.sampled_from(["Open", "关闭", ""]),
}  # fmt: skip
OPTIONS = {"Select": "Open\n关闭"}


@pytest.fixture(scope="module", params=DATABASES)
def site(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """One site for all examples; each publishes a record type of its own."""
    folder = tmp_path_factory.mktemp("any")
    with own_database(request.param, folder) as url:
        yield from opened(folder, url)


def opened(folder: Path, url: str) -> Iterator[Site]:
    clock = SettableClock(datetime(2026, 3, 2, tzinfo=UTC))
    site = open_site(folder, clock=clock, environ={}, database_url=url, embedded_worker=False)
    yield site
    site.close()


@st.composite
def drawn(draw: Callable[..., Any]) -> tuple[dict[str, Any], dict[str, Any]]:
    """A record type with up to eight fields, and a value for some of them."""
    kinds = draw(st.lists(st.sampled_from(sorted(VALUES)), min_size=1, max_size=8))
    fields = [{"fieldname": f"f{number}", "fieldtype": kind, "options": OPTIONS.get(kind)} for number, kind in enumerate(kinds)]
    raw = {
        "doctype": "DocType", "name": f"Drawn {next(NUMBERS)}", "autoname": "hash", "fields": fields,
        "permissions": [{"role": "System Manager", "read": 1, "write": 1, "create": 1}],
    }  # fmt: skip
    values = {item["fieldname"]: draw(VALUES[item["fieldtype"]] | st.none()) for item in fields}
    return raw, values


def test_every_type_that_stores_a_value_of_its_own_is_tried() -> None:
    stored = {item.name for item in field_types().values() if item.kind is not None}

    assert stored - set(VALUES) == {"Link", "Dynamic Link", "Attach", "Attach Image", "Signature", "Password"}


@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(example=drawn())
def test_a_record_is_given_back_as_it_was_put_in(site: Site, example: tuple[dict[str, Any], dict[str, Any]]) -> None:
    raw, values = example
    site.publisher.publish(site.publisher.propose([Source("DocType", raw["name"], raw)]), "tests")
    doctype = site.snapshot().model[raw["name"]]
    wanted = {name: doctype.field(name).type.parse(value, doctype.field(name)) for name, value in values.items()}

    name = site.documents.save(ADMIN, doctype.name, values).name
    kept = site.documents.load(ADMIN, doctype.name, name)
    texts = {item.fieldname: item.type.input_text(kept[item.fieldname], site.zone) for item in doctype.stored_fields}
    site.documents.save(
        ADMIN, doctype.name, {key: text for key, text in texts.items() if not is_time(doctype.field(key).fieldtype)}, name=name
    )
    again = site.documents.load(ADMIN, doctype.name, name)

    assert {key: canonical(kept[key]) for key in wanted} == {key: canonical(value) for key, value in wanted.items()}
    assert {key: canonical(again[key]) for key in wanted} == {key: canonical(kept[key]) for key in wanted}


def is_time(fieldtype: str) -> bool:
    """Inputs show moments to the minute; what was not touched is not sent (`form_fields.touched_only`)."""
    return fieldtype in ("Datetime", "Time")


@given(example=drawn())
def test_a_file_is_written_as_it_was_read(example: tuple[dict[str, Any], dict[str, Any]]) -> None:
    read = read_doctype(example[0])

    assert dump_doctype(read_doctype(dump_doctype(read))) == dump_doctype(read)
