"""What is new to a reader (`track_seen`), and how many files a record holds (`max_attachments`)."""

from __future__ import annotations

from base64 import b64decode
from collections.abc import Callable
from io import BytesIO
from typing import Any

import pytest
from documents_shop import person

from server.access.user import User
from server.core.clock import SettableClock
from server.core.errors import PermissionRefused, ValidationFailed
from server.site import Site

Publish = Callable[..., int]
NOTE: dict[str, Any] = {
    "name": "Note", "autoname": "format:N-{##}", "track_seen": 1, "max_attachments": 2, "allow_rename": 1,
    "fields": [
        {"fieldname": "text", "fieldtype": "Data"}, {"fieldname": "plan", "fieldtype": "Attach"},
        {"fieldname": "photos", "fieldtype": "Table", "options": "Note Photo"},
    ],
    "permissions": [{"role": "Clerk", "read": 1, "write": 1, "create": 1, "delete": 1}],
}  # fmt: skip
PICTURE = b64decode(b"iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==")
PHOTO = {"name": "Note Photo", "istable": 1, "fields": [{"fieldname": "photo", "fieldtype": "Attach Image"}]}


@pytest.fixture
def notes(empty_site: Site, publish: Publish) -> Site:
    publish(empty_site, NOTE, PHOTO)
    return empty_site


def unseen(site: Site, user: User, doctype: str = "Note") -> set[str]:
    rows = site.queries.list(user, doctype, fields=["name", "version", "modified", "modified_by"]).rows
    return set(site.seen.unseen(user, doctype, rows))


def test_a_record_is_new_until_opened_and_again_once_it_is_changed(notes: Site, clerk: User) -> None:
    other = person("other", "Clerk")
    one, two = (notes.documents.save(clerk, "Note", {"text": text}).name for text in "ab")
    assert unseen(notes, other) == {one, two}

    for _ in range(2):
        notes.seen.look(other, "Note", notes.documents.load(other, "Note", one))
    assert unseen(notes, other) == {two}
    assert unseen(notes, person("third", "Clerk")) == {one, two}  # each reader for themselves
    assert unseen(notes, clerk) == set()  # who wrote it knows it

    notes.documents.save(clerk, "Note", {"text": "changed"}, name=one)
    assert unseen(notes, other) == {one, two}


def test_what_changed_long_ago_is_no_news(notes: Site, clerk: User, clock: SettableClock) -> None:
    old = notes.documents.save(clerk, "Note", {"text": "a"}).name
    clock.advance(days=30)
    other = person("other", "Clerk")
    assert unseen(notes, other) == {old}

    clock.advance(seconds=1)
    assert unseen(notes, other) == set()


def test_it_follows_a_renamed_record_and_ends_with_a_deleted_one(notes: Site, clerk: User) -> None:
    name = notes.documents.save(clerk, "Note", {"text": "a"}).name
    other = person("other", "Clerk")
    notes.seen.look(other, "Note", notes.documents.load(other, "Note", name))
    new = notes.documents.rename(clerk, "Note", name, "N-mine")
    assert unseen(notes, other) == {new}  # renaming is a change

    [row] = notes.queries.list(other, "Note", fields=["name", "version", "modified", "modified_by"]).rows
    notes.seen.look(other, "Note", notes.documents.load(other, "Note", new))
    notes.documents.delete(clerk, "Note", new)
    assert notes.seen.unseen(other, "Note", [{**row, "version": 1}]) == {new}


def test_a_doctype_that_does_not_track_it_keeps_nothing(notes: Site, publish: Publish, clerk: User) -> None:
    publish(notes, {**NOTE, "name": "Plain", "track_seen": 0})
    record = notes.documents.save(clerk, "Plain", {"text": "a"}).record
    notes.seen.look(clerk, "Plain", record)
    assert unseen(notes, clerk, "Plain") == set()


def test_a_record_takes_no_more_files_than_it_may(notes: Site, clerk: User) -> None:
    files = [notes.files.upload(clerk, BytesIO(b"text"), f"{number}.txt") for number in range(3)]
    photos = [{"photo": address} for address in files[1:]]

    with pytest.raises(ValidationFailed) as refused:
        notes.documents.save(clerk, "Note", {"plan": files[0], "photos": photos})
    assert "There are 3 files; at most 2" in refused.value.faults[0].text.en
    name = notes.documents.save(clerk, "Note", {"plan": files[0], "photos": photos[:1]}).name
    with pytest.raises(ValidationFailed):
        notes.documents.save(clerk, "Note", {"photos": photos}, name=name)


def test_a_limit_that_came_later_leaves_what_is_there(notes: Site, publish: Publish, clerk: User) -> None:
    files = [notes.files.upload(clerk, BytesIO(b"text"), f"{number}.txt") for number in range(2)]
    name = notes.documents.save(clerk, "Note", {"plan": files[0], "photos": [{"photo": files[1]}]}).name
    publish(notes, {**NOTE, "max_attachments": 1})

    notes.documents.save(clerk, "Note", {"text": "still editable"}, name=name)
    notes.documents.save(clerk, "Note", {"photos": []}, name=name)
    with pytest.raises(ValidationFailed):
        notes.documents.save(clerk, "Note", {"photos": [{"photo": files[1]}]}, name=name)


def test_a_marked_picture_leads_to_the_one_before_for_whoever_sees_it(notes: Site, clerk: User) -> None:
    other, stranger = person("other", "Clerk"), person("stranger", "Nobody")
    first = notes.files.upload(clerk, BytesIO(PICTURE), "machine.png")
    marked = notes.files.upload(clerk, BytesIO(PICTURE), "marked.png", marked_from=first.split("/")[2])
    twice = notes.files.upload(clerk, BytesIO(PICTURE), "twice.png", marked_from=marked.split("/")[2])
    with pytest.raises(PermissionRefused):  # nobody else may hang a picture of theirs on it
        notes.files.upload(other, BytesIO(PICTURE), "mine.png", marked_from=first.split("/")[2])

    notes.documents.save(clerk, "Note", {"photos": [{"photo": twice}]})

    assert notes.files.originals([twice]) == {twice: first}
    assert notes.files.open(other, first.split("/")[2]).filename == "machine.png"
    with pytest.raises(PermissionRefused):
        notes.files.open(stranger, first.split("/")[2])
