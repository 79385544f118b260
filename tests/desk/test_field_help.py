"""What the `?` beside a field says: clauses in their words, rules read aloud to whoever sees every field that they name."""

from __future__ import annotations

from typing import Any

import pytest

from server.assets import builtin_pack
from server.core.text import Text
from server.desk.field_help import READS, SETS, help_of, rules_on_fields
from server.exchange.packs import Source, read_packs
from server.exchange.reading import read_sources
from server.metadata.model import Model
from server.rulebook.rulebook import Rulebook

ALL_LEVELS = frozenset(range(10))


@pytest.fixture(scope="module")
def shipped() -> tuple[Rulebook, Model]:
    model, rules = read_sources(read_packs([builtin_pack()]).sources)
    return Rulebook({rule.name: rule for rule in rules}, {}), model


def test_a_field_tells_the_rules_that_set_and_read_it_and_the_words_of_their_clauses(shipped: tuple[Rulebook, Model]) -> None:
    book, model = shipped
    ticket = model["Service Ticket"]

    on_fields = rules_on_fields(book, model, ticket, ALL_LEVELS)
    said = help_of(ticket.by_name["service_mode"], on_fields["service_mode"], {"S11-01": Text("采取相应方式", "in its way")})

    assert said is not None
    assert said.clauses == (("S11-01", Text("采取相应方式", "in its way")),)
    assert SETS in said.rules[0].does
    assert said.rules[0].sentence is not None
    assert "S11-01" in said.rules[0].sentence.zh
    assert any(READS in rule.does for rule in on_fields["urgency"])


def test_a_rule_read_aloud_names_the_fields_that_its_message_would_show(shipped: tuple[Rulebook, Model]) -> None:
    book, model = shipped

    for doctype in model:
        for rules in rules_on_fields(book, model, doctype, ALL_LEVELS).values():
            assert [rule.sentence for rule in rules if rule.sentence and "{" in rule.sentence.zh + rule.sentence.en] == []

    calls = rules_on_fields(book, model, model["Call Log"], ALL_LEVELS)["result"]
    said = [rule.sentence for rule in calls if rule.sentence is not None]
    assert any("回复来电 [来电号码] [来电人]" in text.zh and "[Number] [Caller]" in text.en for text in said)


def test_a_rule_that_names_what_the_reader_may_not_see_is_not_read_aloud(shipped: tuple[Rulebook, Model]) -> None:
    book, model = shipped

    for_nobody = rules_on_fields(book, model, model["Service Ticket"], frozenset())

    assert {rule.sentence for rule in for_nobody["service_mode"]} == {None}


@pytest.mark.parametrize(
    "then",
    [
        {"warn": {"message": {"zh": "成本为 {cost}。", "en": "The cost is {cost}."}}},
        {"warn": {"message": {"zh": "成本为 {cost|abs}。", "en": "See the list."}}},
        {"block": {"each_row": "lines", "message": {"zh": "{row.rate} 有误。", "en": "{row.rate} is wrong."}}},
        {"require_approval": {"role": "Boss", "again_when": ["title", "cost"]}},
    ],
    ids=["message", "in one language", "column", "approval"],
)
def test_a_rule_whose_consequence_names_what_the_reader_may_not_see_is_not_read_aloud(then: dict[str, Any]) -> None:
    line = {"name": "Line", "istable": 1, "fields": [field("rate", "Currency", permlevel=1)]}
    offer = {
        "name": "Offer",
        "fields": [field("title"), field("cost", "Currency", permlevel=1), field("lines", "Table", options="Line")],
    }
    offer["permissions"] = [{"role": "Boss", "read": 1}]
    rule = {"name": "speaks", "applies_to": "Offer", "when": {"all": [["title", "=", "dear"]]}, "then": [then]}
    pieces = [Source("DocType", piece["name"], piece) for piece in (line, offer)]
    model, rules = read_sources([*pieces, Source("Rule", "speaks", rule)])
    book = Rulebook({one.name: one for one in rules}, {})

    for levels, is_read in ((frozenset({0, 1}), True), (frozenset({0}), False)):
        [said] = rules_on_fields(book, model, model["Offer"], levels)["title"]
        assert (said.sentence is not None) is is_read


def field(name: str, fieldtype: str = "Data", **more: Any) -> dict[str, Any]:
    return {"fieldname": name, "fieldtype": fieldtype, "label": name.title(), **more}


def test_a_rule_that_names_a_guarded_field_of_another_record_is_not_read_aloud(shipped: tuple[Rulebook, Model]) -> None:
    book, model = shipped
    [closed] = [rule for rule in book.of("Nonconforming Service") if rule.name == "nonconforming-service-action-closed"]
    guarded = {item.fieldname for item in model["Corrective Action"].fields if item.permlevel}
    assert any(name in str(closed.raw) for name in guarded)

    on_fields = rules_on_fields(book, model, model["Nonconforming Service"], ALL_LEVELS)

    said = [rule for rules in on_fields.values() for rule in rules if rule.title == closed.title]
    assert {rule.sentence for rule in said} == {None}


def test_there_is_nothing_to_open_where_there_is_nothing_to_say(shipped: tuple[Rulebook, Model]) -> None:
    item = next(one for one in shipped[1]["Service Ticket"].data_fields if not one.source)

    assert help_of(item, [], {}) is None
