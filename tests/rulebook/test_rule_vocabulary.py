"""What the builder offers follows from what declares it."""

from __future__ import annotations

from server.rulebook.vocabulary import consequence_forms


def test_every_kind_of_consequence_has_a_form_with_words() -> None:
    forms = {form.kind: form for form in consequence_forms()}

    assert [one.key for one in forms["block"].parameters] == ["message", "field", "each_row"]
    assert (forms["hide"].body, forms["set"].body, forms["conclude"].body) == ("list", "values", "plain")
    assert {one.editor for one in forms["oblige"].parameters} >= {"message", "role", "person", "duration", "time_field", "rows"}


def test_no_parameter_stands_without_words() -> None:
    """A kind that is new appears by itself; here somebody is told to give its parameters words."""
    bare = {(form.kind, one.key) for form in consequence_forms() for one in form.parameters if one.label.zh == one.label.en}

    assert bare == set()
    assert all(form.label.zh != form.kind for form in consequence_forms())
