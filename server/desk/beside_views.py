"""What people do beside a record on its page: comment, tag, assign, follow. Scripts get back the part of the page that changed."""

from __future__ import annotations

import re
from typing import BinaryIO, cast

from flask import Blueprint, abort, jsonify, redirect, render_template, request
from werkzeug.wrappers import Response

from .. import web
from ..core.errors import GuijuError
from .form_page import FormPage
from .form_views import form_url, refused_page

beside = Blueprint("beside", __name__)
TALK = ("comment", "edit", "remove")
MORE = 50  # versions that the timeline adds at a time
NUMBER = re.compile(r"[0-9]{1,9}")  # of a comment


@beside.post("/beside/<doctype>/<path:name>")
@web.login_required
def act(doctype: str, name: str) -> Response | tuple[str, int]:
    """Do what the pressed button (`_act`) says."""
    action, _, of = request.form.get("_act", "").partition(":")
    wants_json = request.accept_mimetypes.best == "application/json"
    try:
        _act(doctype, name, action, of)
    except GuijuError as refused:
        if wants_json:
            raise
        return refused_page(doctype, name, refused)
    part = "talk" if action in TALK else "together"
    if not wants_json:
        return redirect(f"{form_url(doctype, name)}#{part}", 303)
    record = web.services().documents.load(web.current_user(), doctype, name)
    page = FormPage(web.services(), web.current_user(), doctype, record, web.language())
    return jsonify(part=part, html=render_template("desk/beside_part.html", page=page, part=part))


def _act(doctype: str, name: str, action: str, of: str) -> None:
    site, user, posted = web.services(), web.current_user(), request.form
    if action == "comment":
        site.comments.add(user, doctype, name, posted.get("_comment", ""))
    elif action == "edit" and NUMBER.fullmatch(of):
        site.comments.change(user, int(of), posted.get(f"_text_{of}", ""))
    elif action == "remove" and NUMBER.fullmatch(of):
        site.comments.remove(user, int(of))
    elif action == "tag":
        site.tags.add(user, doctype, name, posted.get("_tag", ""))
    elif action == "untag":
        site.tags.remove(user, doctype, name, of)
    elif action == "assign":
        people = [posted.get("_person", "")]
        site.assignments.assign(user, doctype, name, people, note=posted.get("_note", ""), due=posted.get("_due", ""))
    elif action == "attach":
        for sent in request.files.getlist("_file"):
            if sent.filename:
                site.attachments.attach(user, doctype, name, cast(BinaryIO, sent.stream), sent.filename)
    elif action == "detach":
        site.attachments.remove(user, doctype, name, of)
    elif action == "follow":
        site.following.follow(user, doctype, name)
    elif action == "unfollow":
        site.following.unfollow(user, doctype, name)
    else:
        abort(400)


@beside.get("/timeline/<doctype>/<path:name>")
@web.login_required
def earlier(doctype: str, name: str) -> str:
    """The entries of the timeline before the newest `passed` versions, to stand below those on the page."""
    record = web.services().documents.load(web.current_user(), doctype, name)
    passed = max(request.args.get("passed", 0, type=int), 0)
    page = FormPage(web.services(), web.current_user(), doctype, record, web.language(), passed=passed, told=MORE)
    return render_template("desk/timeline_part.html", page=page)


@beside.get("/tags/<doctype>")
@web.login_required
def tags(doctype: str) -> Response:
    """The words that somebody may put on a record, while they type."""
    found = web.services().tags.used(web.current_user(), doctype, request.args.get("q", ""))
    return jsonify(choices=[{"value": word, "title": word} for word in found])


@beside.get("/mentions/<doctype>/<path:name>")
@web.login_required
def mentions(doctype: str, name: str) -> Response:
    """Whom a comment may mention, while somebody types after "@"."""
    found = web.services().comments.mentionable(web.current_user(), doctype, name, request.args.get("q", ""))
    return jsonify(choices=[{"value": item.login, "title": item.full_name} for item in found])
