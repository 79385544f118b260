"""A meaning of a signature that there is not is refused when its rule or workflow is published, with the place and the nearest one."""

from __future__ import annotations

from typing import Any

import pytest

from server.core.errors import MetadataInvalid
from server.exchange.packs import Source
from server.exchange.signing_meanings import meanings_in, unknown_meanings
from server.site import Site

KNOWN = {"approved", "reviewed"}


def rule(meaning: str) -> dict[str, Any]:
    then = [{"block": {"message": "x"}}, {"require_signature": {"meaning": meaning, "role": "Boss"}}]
    return {"name": "r", "title": "r", "applies_to": "Order", "then": then}


@pytest.mark.parametrize(
    ("source", "places"),
    [
        (Source("Rule", "r", rule("approved")), []),
        (Source("Rule", "r", rule("aproved")), ["r.then[1].require_signature.meaning"]),
        (Source("Rule", "r", rule("approved") | {"versions": [rule("aproved")]}), ["r.versions[0].then[1].require_signature.meaning"]),
        (Source("Workflow", "w", {"name": "w", "states": [{"steps": {"all": [{"step": "a", "signature": "reviwed"}]}}]}), ["w.states[0].steps.all[0].signature"]),
        (Source("Workflow", "w", {"name": "w", "states": [{"steps": {"step": "a", "signature": "reviewed"}}]}), []),
        (Source("DocType", "d", {"step": "a", "signature": "a field's default"}), []),
    ],
)  # fmt: skip
def test_each_place_that_asks_for_an_unknown_meaning_is_named(source: Source, places: list[str]) -> None:
    assert [fault.where for fault in unknown_meanings([source], KNOWN)] == places


def test_the_nearest_meaning_is_proposed() -> None:
    (fault,) = unknown_meanings([Source("Rule", "r", rule("aproved"))], KNOWN)
    assert fault.text.en.endswith('Did you mean "approved"?')


def test_what_a_pack_brings_as_records_counts() -> None:
    records = [{"code": "welded"}, {"code": "old", "enabled": 0}]
    assert meanings_in(
        [("f", {"doctype": "Signature Meaning", "records": records}), ("g", {"doctype": "Item", "records": [{"code": "x"}]})]
    ) == {"welded"}


def test_it_is_refused_at_publishing(shipped_site: Site) -> None:
    sent = rule("aproved") | {
        "applies_to": "Service Ticket",
        "then": [{"require_signature": {"meaning": "aproved", "role": "Customer Service"}}],
    }
    with pytest.raises(MetadataInvalid) as refused:
        shipped_site.publisher.propose([Source("Rule", "r", sent)])
    assert [fault.where for fault in refused.value.faults] == ["r.then[0].require_signature.meaning"]
