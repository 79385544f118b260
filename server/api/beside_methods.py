"""Comments, followers, assignments and tags of a record, under Frappe's names where it has them."""

from __future__ import annotations

from typing import Any

from .. import web
from ..documents.comments import Comment
from ..obligations.model import Obligation
from .arguments import Arguments, refuse
from .methods import WRITING, method

# Comments


@method("frappe.desk.form.utils.add_comment", WRITING)
def add_comment(arguments: Arguments) -> dict[str, Any]:
    """Say `content` about the record `reference_name`; `@login` in it tells that person."""
    doctype, name = arguments.required("reference_doctype"), arguments.required("reference_name")
    return _comment(web.services().comments.add(web.current_user(), doctype, name, arguments.required("content")))


@method("frappe.desk.form.utils.update_comment", WRITING)
def update_comment(arguments: Arguments) -> dict[str, Any]:
    """Other words (`content`) for one's own comment `name`."""
    return _comment(web.services().comments.change(web.current_user(), _comment_id(arguments), arguments.required("content")))


@method("guiju.comment.remove", WRITING)
def remove_comment(arguments: Arguments) -> None:
    """Take one's own comment `name` back."""
    web.services().comments.remove(web.current_user(), _comment_id(arguments))


@method("guiju.comment.get_list")
def get_comments(arguments: Arguments) -> list[dict[str, Any]]:
    """The comments on a record, the newest first."""
    doctype, name = arguments.required("doctype"), arguments.required("name")
    return [_comment(item) for item in web.services().comments.of_record(web.current_user(), doctype, name)]


@method("frappe.desk.search.get_names_for_mentions")
def get_names_for_mentions(arguments: Arguments) -> list[dict[str, Any]]:
    """Whom a comment on the record may mention: those who may read it, by `search_term`."""
    doctype, name, typed = arguments.required("doctype"), arguments.required("name"), arguments.text("search_term") or ""
    found = web.services().comments.mentionable(web.current_user(), doctype, name, typed)
    return [{"id": item.login, "value": item.full_name} for item in found]


def _comment_id(arguments: Arguments) -> int:
    number = arguments.number("name", 0)
    if not number:
        raise refuse("name", "必填：评论的编号。", "is required: the number of the comment.")
    return number


def _comment(item: Comment) -> dict[str, Any]:
    return {
        "doctype": "Comment", "comment_type": "Comment", "name": str(item.id), "reference_doctype": item.doctype,
        "reference_name": item.name, "content": item.text, "comment_email": item.by, "owner": item.by, "comment_by": item.by_name,
        "creation": item.at.isoformat(), "modified": (item.edited_at or item.at).isoformat(),
    }  # fmt: skip


# Files


@method("guiju.attachment.get_list")
def get_attachments(arguments: Arguments) -> list[dict[str, Any]]:
    """The files beside a record."""
    doctype, name = arguments.required("doctype"), arguments.required("name")
    return [
        {
            "name": item.id, "file_name": item.filename, "file_url": item.address, "file_size": item.size, "owner": item.by,
            "creation": item.at.isoformat(), "attached_to_doctype": doctype, "attached_to_name": name,
        }
        for item in web.services().attachments.of_record(web.current_user(), doctype, name)
    ]  # fmt: skip


@method("guiju.attachment.remove", WRITING)
def remove_attachment(arguments: Arguments) -> None:
    """Take the file `file` off the draft `name`."""
    doctype, name, public_id = (arguments.required(key) for key in ("doctype", "name", "file"))
    web.services().attachments.remove(web.current_user(), doctype, name, public_id)


# Following


@method("frappe.desk.form.document_follow.follow_document", WRITING)
def follow_document(arguments: Arguments) -> list[dict[str, Any]]:
    """Follow the record `doc_name`; the answer is who follows it."""
    doctype, name = arguments.required("doctype"), arguments.required("doc_name")
    web.services().following.follow(web.current_user(), doctype, name)
    return get_follow_users(arguments)


@method("frappe.desk.form.document_follow.unfollow_document", WRITING)
def unfollow_document(arguments: Arguments) -> None:
    doctype, name = arguments.required("doctype"), arguments.required("doc_name")
    web.services().following.unfollow(web.current_user(), doctype, name)


@method("frappe.desk.form.document_follow.get_follow_users")
def get_follow_users(arguments: Arguments) -> list[dict[str, Any]]:
    doctype, name = arguments.required("doctype"), arguments.required("doc_name")
    found = web.services().following.followers(web.current_user(), doctype, name)
    return [{"user": item.user, "full_name": item.full_name} for item in found]


# Assignments


@method("frappe.desk.form.assign_to.add", WRITING)
def add_assignment(arguments: Arguments) -> list[dict[str, Any]]:
    """Give the record `name` to each of `assign_to`, with the note `description`, until `date`."""
    doctype, name = arguments.required("doctype"), arguments.required("name")
    site, user = web.services(), web.current_user()
    site.assignments.assign(user, doctype, name, _people(arguments), **_terms(arguments))
    return get_assignments(arguments)


@method("frappe.desk.form.assign_to.add_multiple", WRITING)
def add_assignments(arguments: Arguments) -> dict[str, Any]:
    """The same for every record of the list `name`; answers which were assigned and why others were not."""
    doctype, names = arguments.required("doctype"), _names(arguments, "name")
    site, user = web.services(), web.current_user()
    outcome = site.assignments.assign_many(user, doctype, names, _people(arguments), **_terms(arguments))
    return _outcome(outcome.done, outcome.refused)


@method("frappe.desk.form.assign_to.remove", WRITING)
def remove_assignment(arguments: Arguments) -> list[dict[str, Any]]:
    """Take back what was given to `assign_to`."""
    site, user = web.services(), web.current_user()
    site.owed.withdraw(user, _assignment(arguments).id, arguments.text("comment"))
    return get_assignments(arguments)


@method("frappe.desk.form.assign_to.close", WRITING)
def close_assignment(arguments: Arguments) -> list[dict[str, Any]]:
    """Mark as done what was given to `assign_to`, which is oneself."""
    site, user = web.services(), web.current_user()
    site.owed.done(user, _assignment(arguments).id, arguments.text("comment"))
    return get_assignments(arguments)


@method("frappe.desk.form.assign_to.get")
def get_assignments(arguments: Arguments) -> list[dict[str, Any]]:
    """To whom a record is assigned and not done yet."""
    doctype, name = arguments.required("doctype"), arguments.required("name")
    return [_assigned(item) for item in web.services().assignments.of_record(web.current_user(), doctype, name)]


def _assignment(arguments: Arguments) -> Obligation:
    doctype, name, person = (arguments.required(key) for key in ("doctype", "name", "assign_to"))
    found = web.services().assignments.of_record(web.current_user(), doctype, name)
    item = next((one for one in found if one.owed_by_user == person), None)
    if item is None:
        raise refuse("assign_to", f"{name} 没有分配给“{person}”。", f'{name} is not assigned to "{person}".')
    return item


def _people(arguments: Arguments) -> list[str]:
    given = arguments.structure("assign_to")
    people = [given] if isinstance(given, str) else given
    if not isinstance(people, list) or not all(isinstance(one, str) for one in people):
        raise refuse("assign_to", "应为人员的列表。", "expected a list of people.")
    return people


def _terms(arguments: Arguments) -> dict[str, str]:
    return {"note": arguments.text("description") or "", "due": arguments.text("date") or ""}


def _assigned(item: Obligation) -> dict[str, Any]:
    return {
        "name": item.id, "owner": item.owed_by_user, "assigned_by": item.opened_by, "description": item.title.to(web.language()),
        "date": item.due_at.isoformat() if item.due_at else None, "status": item.state,
    }  # fmt: skip


# Tags


@method("frappe.desk.doctype.tag.tag.add_tag", WRITING)
def add_tag(arguments: Arguments) -> str:
    """Put the word `tag` on the record `dn` of the DocType `dt`."""
    tag, doctype, name = (arguments.required(key) for key in ("tag", "dt", "dn"))
    web.services().tags.add(web.current_user(), doctype, name, tag)
    return tag


@method("frappe.desk.doctype.tag.tag.add_tags", WRITING)
def add_tags(arguments: Arguments) -> dict[str, Any]:
    """Put each of the words `tags` on each of the records `docs`."""
    doctype, names, words = arguments.required("dt"), _names(arguments, "docs"), _names(arguments, "tags")
    site, user = web.services(), web.current_user()
    done: list[str] = list(names)
    refused: list[tuple[str, Any]] = []
    for word in words:
        outcome = site.tags.add_to_many(user, doctype, done, word)
        done, refused = outcome.done, refused + outcome.refused
    return _outcome(done, refused)


@method("frappe.desk.doctype.tag.tag.remove_tag", WRITING)
def remove_tag(arguments: Arguments) -> None:
    tag, doctype, name = (arguments.required(key) for key in ("tag", "dt", "dn"))
    web.services().tags.remove(web.current_user(), doctype, name, tag)


@method("frappe.desk.doctype.tag.tag.get_tags")
def get_tags(arguments: Arguments) -> list[str]:
    """The words that there are, or with `name` those on one record."""
    site, user, doctype = web.services(), web.current_user(), arguments.required("doctype")
    if name := arguments.text("name"):
        return [item.tag for item in site.tags.of_record(user, doctype, name)]
    return site.tags.used(user, doctype, arguments.text("txt") or "")


def _names(arguments: Arguments, key: str) -> list[str]:
    names = arguments.structure(key)
    if not isinstance(names, list) or not all(isinstance(name, str) for name in names):
        raise refuse(key, "应为文本的列表。", "expected a list of texts.")
    return names


def _outcome(done: list[str], refused: list[tuple[str, Any]]) -> dict[str, Any]:
    language = web.language()
    return {"done": done, "refused": [{"name": name, "why": " ".join(error.lines(language))} for name, error in refused]}
