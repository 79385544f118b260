"""Field types: what each takes, what it refuses in which words, and how people read it."""

from __future__ import annotations

from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from server.metadata.fieldtypes import ValueRefused, field_types
from server.metadata.fieldtypes.phone import dialled
from server.metadata.load import read_doctype
from server.metadata.model import DocField

SHANGHAI = ZoneInfo("Asia/Shanghai")
POINT = '{"type": "FeatureCollection", "features": [{"type": "Feature", "properties": {}, "geometry": {"type": "Point", "coordinates": [108.94, 34.26]}}]}'
LINE = '{"type": "Feature", "geometry": {"type": "LineString", "coordinates": [[1, 2], [3, 4]]}}'
# All that Frappe 15 knows: https://docs.frappe.io/framework/user/en/basics/doctypes/fieldtypes
FRAPPE = """Attach|Attach Image|Autocomplete|Barcode|Button|Check|Code|Color|Column Break|Currency|Data|Date|Datetime|Duration
Dynamic Link|Float|Fold|Geolocation|Heading|HTML|HTML Editor|Icon|Image|Int|JSON|Link|Long Text|Markdown Editor|Password|Percent
Phone|Read Only|Rating|Section Break|Select|Signature|Small Text|Tab Break|Table|Table MultiSelect|Text|Text Editor|Time"""


def field(fieldtype: str, **more: Any) -> DocField:
    raw = {"name": "One", "fields": [{"fieldname": "it", "fieldtype": fieldtype, "label": "It", **more}]}
    return read_doctype(raw).by_name["it"]


def test_every_field_type_of_frappe_is_known() -> None:
    assert set(FRAPPE.replace("\n", "|").split("|")) <= set(field_types())


@pytest.mark.parametrize("name", sorted(name for name, kind in field_types().items() if not kind.holds_rows))
def test_nothing_is_read_as_what_a_new_record_holds(name: str) -> None:
    item = field(name, options="One" if "Link" in name else None)
    assert item.type.parse(None, item) == item.type.empty


@pytest.mark.parametrize(
    ("item", "typed", "kept"),
    [
        pytest.param(field("Phone"), " ０２９－88880000 ", "029-88880000", id="phone, full-width digits"),
        pytest.param(field("Phone"), "+86-13800138000", "+86-13800138000", id="phone as Frappe writes it"),
        pytest.param(field("Phone"), "029-88880000转8012", "029-88880000转8012", id="phone with an extension"),
        pytest.param(field("Color"), "#2E7D32", "#2e7d32", id="colour"),
        pytest.param(field("Color"), "#abc", "#aabbcc", id="short colour"),
        pytest.param(field("Rating"), "0.8", Decimal("0.80"), id="four stars of five"),
        pytest.param(field("Rating", options="3"), "0.3333", Decimal("0.33"), id="one star of three"),
        pytest.param(field("Rating"), 0, None, id="no star is no rating"),
        pytest.param(field("Geolocation"), "34.26， 108.94", POINT, id="a point as people type it"),
        pytest.param(field("Geolocation"), LINE, LINE, id="a line stays as it was drawn"),
        pytest.param(field("JSON"), {"轴": [1, 2]}, '{"轴": [1, 2]}', id="JSON as an object"),
        pytest.param(field("JSON"), "[1,\n 2]", "[1,\n 2]", id="JSON as it was typed"),
        pytest.param(field("Code"), "  G0 X0\r\n", "  G0 X0\n", id="code keeps its blanks"),
        pytest.param(field("HTML Editor"), "<b>x</b><script>1</script>", "<b>x</b>", id="HTML without scripts"),
        pytest.param(field("Autocomplete", options="a\nb"), "c", "c", id="what nobody suggested"),
        pytest.param(field("Data", options="Email"), "a@b.cn, c@d.cn", "a@b.cn, c@d.cn", id="two mail addresses"),
        pytest.param(field("Data", options="URL"), "https://b.cn/x?y=1", "https://b.cn/x?y=1", id="web address"),
    ],
)
def test_a_value_is_read_as_it_is_typed(item: DocField, typed: Any, kept: Any) -> None:
    assert item.type.parse(typed, item) == kept


@pytest.mark.parametrize(
    ("item", "typed", "said"),
    [
        pytest.param(field("Phone"), "call me", "not a phone number", id="phone"),
        pytest.param(field("Phone"), "--", "not a phone number", id="phone without digits"),
        pytest.param(field("Color"), "green", "expected e.g. #2e7d32", id="colour"),
        pytest.param(field("Rating"), "4", "between 0 and 1", id="stars instead of a share"),
        pytest.param(field("Geolocation"), "134.26, 108.94", "not a place", id="beyond the pole"),
        pytest.param(field("Geolocation"), '{"type": "Map"}', "not a place", id="no GeoJSON"),
        pytest.param(field("JSON"), "{", "not valid JSON", id="JSON"),
        pytest.param(field("Data", options="Email"), "service@", "not an e-mail address", id="mail address"),
        pytest.param(field("Data", options="URL"), "javascript:alert(1)", "not a web address", id="a script is no address"),
        pytest.param(field("Data", options="Phone"), "none", "not a phone number", id="phone in a Data field"),
    ],
)
def test_a_value_that_does_not_fit_is_refused_in_words(item: DocField, typed: Any, said: str) -> None:
    with pytest.raises(ValueRefused) as refused:
        item.type.parse(typed, item)

    assert said in refused.value.text.en


@pytest.mark.parametrize(
    ("item", "value", "shown"),
    [
        pytest.param(field("Rating"), Decimal("0.9"), "★★★★½", id="four and a half stars"),
        pytest.param(field("Rating", options="3"), Decimal("0.33"), "★☆☆", id="one star of three"),
        pytest.param(field("Geolocation"), POINT, "34.26, 108.94", id="a point"),
        pytest.param(field("Geolocation"), LINE, "1 个图形", id="a line"),
        pytest.param(field("Password"), "sealed:x", "********", id="a secret"),
        pytest.param(field("HTML Editor"), "<p>a</p><p>b</p>", "a b", id="HTML in a list"),
    ],
)
def test_a_value_is_shown_as_people_read_it(item: DocField, value: Any, shown: str) -> None:
    assert item.type.words(value, item, "zh", SHANGHAI) == shown


@given(stars=st.integers(1, 10), share=st.decimals(0, 1, places=2))
def test_a_rating_is_always_one_of_its_choices(stars: int, share: Decimal) -> None:
    item = field("Rating", options=str(stars))

    kept = item.type.parse(share, item)

    offered = dict(item.type.choices(item))
    assert kept is None or item.type.input_text(kept, SHANGHAI) in offered
    assert kept is None or item.type.parse(kept, item) == kept


@given(latitude=st.decimals(-90, 90, places=6), longitude=st.decimals(-180, 180, places=6))
def test_a_point_is_typed_again_as_it_is_shown(latitude: Decimal, longitude: Decimal) -> None:
    item = field("Geolocation")

    kept = item.type.parse(f"{latitude:f}, {longitude:f}", item)

    assert item.type.parse(item.type.input_text(kept, SHANGHAI), item) == kept


@pytest.mark.parametrize("text", ["9" * 30, "-1e30"])
@pytest.mark.parametrize("fieldtype", ["Float", "Currency", "Percent"])
def test_a_number_beyond_all_digits_is_refused_in_words(fieldtype: str, text: str) -> None:
    with pytest.raises(ValueRefused, match="too large"):
        field(fieldtype).type.parse(text, field(fieldtype))


@given(st.decimals(), st.sampled_from(("Float", "Currency", "Percent")))
@example(Decimal("-0.00"), "Currency")
@example(Decimal("9999999999999.99"), "Currency")
@example(Decimal("10000000000000.00"), "Currency")
@example(Decimal("1E+13"), "Currency")
@example(Decimal("0.125"), "Currency")
def test_a_decimal_is_read_like_the_same_number_typed(number: Decimal, fieldtype: str) -> None:
    item = field(fieldtype)
    assert _read_or_refused(item, number) == _read_or_refused(item, str(number))


def _read_or_refused(item: DocField, value: Any) -> tuple[str, str]:
    try:
        return "read", str(item.type.parse(value, item))
    except ValueRefused as refused:
        return "refused", refused.text.en


def test_a_phone_dials_its_extension_last() -> None:
    assert dialled("+86 (029) 8888-0000转12") == "+8602988880000;ext=12"
