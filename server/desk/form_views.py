"""The record form: show, save, submit, cancel, amend, delete, make one record from another.

A view parses, calls one service, chooses the answer, renders. The page works without scripts; with them the same address
answers JSON, so that whatever was typed stays on the page when something is refused.
"""

from __future__ import annotations

from contextlib import suppress
from datetime import timedelta
from typing import Any
from urllib.parse import quote

from flask import Blueprint, abort, jsonify, redirect, render_template, request
from werkzeug.wrappers import Response

from .. import web
from ..access.permissions import Permissions
from ..core.errors import Fault, GuijuError, NotFound, PermissionRefused, StaleVersion, ValidationFailed
from ..core.text import Text
from ..documents.save_path import Saved
from ..metadata.model import DOCTYPE, DRAFT
from ..web.errors import envelope
from . import form_fields, link_filters
from .conflict import Conflict
from .form_page import TOLD_AT_ONCE, FormPage
from .phrases import t

forms = Blueprint("forms", __name__)
MESSAGES = {
    "save": "form.saved", "submit": "form.submitted", "cancel": "form.cancelled", "delete": "form.deleted", "restore": "form.restored",
    "rename": "form.renamed", "flow": "flow.done",
}  # fmt: skip
KEPT_HEADER = "X-Kept"
SHORTEST_WAIT, LONGEST_WAIT = 60, 90 * 24 * 3600  # seconds; what is sent sooner did not wait, what is later was counted wrongly
MOST_TOLD = 5_000  # versions in the timeline of one page, for those without scripts
# Where records of these are begun; `?form=1` asks for the plain form, which those without scripts need.
OWN_PAGES = {"Auto Email Report": "/reports/mail/new", "Dashboard": "/dashboard/new", "Saved Report": "/reports/build"}


def form_url(doctype: str, name: str | None = None) -> str:
    return f"/form/{quote(doctype, safe='')}/{quote(name, safe='') if name else 'new'}"


@forms.get("/form/<doctype>/new")
@web.login_required
def new(doctype: str) -> Response | str:
    """An empty form, prefilled from the address (`?customer=...`), from another record (`?from=DocType&name=...`), from one of its
    own kind (`?copy=...`) or from the cancelled one it replaces (`?amend=...`)."""
    if doctype in OWN_PAGES and not request.args:
        return redirect(OWN_PAGES[doctype])
    site, user = web.services(), web.current_user()
    source, source_name = request.args.get("from"), request.args.get("name")
    if source and source_name:
        record = site.new_records.make_from(user, doctype, source, source_name)
    elif copied := request.args.get("copy"):
        record = site.new_records.duplicate(user, doctype, copied)
    elif amended := request.args.get("amend"):
        record = site.new_records.amend(user, doctype, amended)
    else:
        known = site.snapshot().doctype(doctype).by_name
        record = site.new_records.blank(user, doctype, {key: value for key, value in request.args.items() if key in known})
    if "quick" in request.args:
        return _quick_page(doctype, record, request.args["quick"].strip())
    return _page(doctype, record)


def _quick_page(doctype: str, record: dict[str, Any], typed: str) -> str:
    """The form in a dialog of another page, begun with what was typed into a link there."""
    found = web.services().snapshot().doctype(doctype)
    names = (found.title_field or "", (found.autoname or "").removeprefix("field:"))
    items = [found.by_name[name] for name in names if name in found.by_name]
    named = next((item for item in items if item.fieldtype == "Data" and not item.is_computed), None)
    if typed and named is not None and not record.get(named.fieldname):
        record[named.fieldname] = typed
    return _page(doctype, record, is_quick=True)


@forms.get("/form/<doctype>")
@web.login_required
def without_name(doctype: str) -> Response:
    """An address whose end was cut off leads to the list."""
    return redirect(f"/list/{quote(doctype, safe='')}")


@forms.get("/form/<doctype>/<path:name>")
@web.login_required
def show(doctype: str, name: str) -> str | Response:
    if doctype == DOCTYPE:  # a link to a record type leads to its records
        return redirect(f"/list/{quote(name, safe='')}")
    if now := web.services().snapshot().called_now(doctype):
        return redirect(form_url(now, name))
    try:
        record = web.services().documents.load(web.current_user(), doctype, name)
    except NotFound:
        if now := web.services().queries.renamed_to(web.current_user(), doctype, name):
            return redirect(form_url(doctype, now))
        raise
    if KEPT_HEADER not in request.headers:  # put by on a phone: nobody has looked at it yet
        web.services().seen.look(web.current_user(), doctype, record)
    told = request.args.get("timeline", TOLD_AT_ONCE, type=int)
    return _page(doctype, record, told=min(max(told, TOLD_AT_ONCE), MOST_TOLD))


@forms.post("/form/<doctype>/new")
@web.login_required
def create(doctype: str) -> Any:
    return _handle(doctype, None)


@forms.post("/form/<doctype>/<path:name>")
@web.login_required
def change(doctype: str, name: str) -> Any:
    return _handle(doctype, name)


def _handle(doctype: str, name: str | None) -> Response | tuple[str, int] | tuple[Response, int]:
    """Carry out what the pressed button asks, and answer with the record's page or with what was refused."""
    site, user = web.services(), web.current_user()
    found = site.snapshot().doctype(doctype)
    form, values = form_fields.posted_values(found, _levels(doctype, name), web.language(), request.form)
    action, _, to = request.form.get("_action", "save").partition("-")
    if action not in MESSAGES or (name is None and action not in ("save", "submit")):
        abort(400)
    kept: Saved | None = None
    try:
        if action == "delete":
            site.documents.delete(user, doctype, str(name))
            return _answer(f"/list/{quote(doctype, safe='')}", t(MESSAGES[action]))
        if action == "flow":
            kept = _save(doctype, name, values) if _may_change(doctype, str(name)) else None
            moved = _take_step(doctype, str(name), to, kept)
            return _answer(form_url(doctype, moved.name), t(MESSAGES[action]), _own_version(moved))
        if action == "cancel":
            kept = _cancel(doctype, str(name))
        elif action == "restore":
            kept = site.documents.restore(user, doctype, str(name), int(to) if to.isdigit() else 0, version=_version(name))
        elif action == "submit" and name and not _may_change(doctype, name):
            kept = site.documents.submit(user, doctype, name, version=_version(name), idempotency_key=_key("submit"))
        else:
            kept = _save(doctype, name, values)
        if action == "submit" and kept.record["docstatus"] == DRAFT:
            # The draft is kept first: when an approval is still owed, the record waits for it instead of being lost.
            kept = site.documents.submit(
                user, doctype, kept.name, version=kept.record["version"], idempotency_key=_key("submit")
            )
        if action == "rename":  # what was typed meanwhile is kept before the page goes to its new address
            name = site.documents.rename(
                user, doctype, kept.name, request.form.get("_new_name", ""), version=kept.record["version"]
            )
            return _answer(form_url(doctype, name), t(MESSAGES[action]))
    except GuijuError as error:
        if kept is not None:
            return _refused_after_saving(doctype, kept, error)
        return _refused(doctype, name, form, values, error)
    return _answer(form_url(doctype, kept.name), t(MESSAGES[action]), _own_version(kept))


def _take_step(doctype: str, name: str, action: str, kept: Saved | None) -> Saved:
    """Take a transition of the workflow on top of what was just saved. Sent again from a device after somebody else's change it
    stands on the version that the device knew, so that the change is seen first."""
    version = (_own_version(kept) if kept else None) or _version(name)
    return web.services().documents.transition(
        web.current_user(),
        doctype,
        name,
        action,
        version=version,
        comment=request.form.get("_comment"),
        idempotency_key=_key("step"),
    )


def _key(part: str) -> str | None:
    """The key of what is done beside the save that the form's own key stands for."""
    key = request.form.get("_key")
    return f"{key}:{part}" if key else None


def _own_version(kept: Saved) -> int | None:
    """The version on which the user's next save may stand unseen; None when somebody else has changed the record since."""
    is_own = kept.record.get("modified_by") == web.current_user().name
    return int(kept.record["version"]) if is_own else None


def _levels(doctype: str, name: str | None) -> frozenset[int]:
    """The permission levels that the page of this record shows to whoever sends it back: of their own record perhaps more."""
    site, user = web.services(), web.current_user()
    record = None
    if name is not None:
        with suppress(NotFound, PermissionRefused):  # what was asked for is refused in its own words
            record = site.documents.load(user, doctype, name)
    return Permissions(site.snapshot().model).levels(user, "read", doctype, record)


def _save(doctype: str, name: str | None, values: dict[str, Any]) -> Saved:
    site, user = web.services(), web.current_user()
    key = request.form.get("_key") or None
    if key and "_replay" in request.form and (made := site.documents.made_before(user, key)):
        # Sent a second time from a device that never heard the answer; the record holds it, and perhaps more since.
        return Saved(made, site.documents.load(user, doctype, made))
    if name:
        model = site.snapshot().model
        values = form_fields.touched_only(model, model[doctype], values, site.documents.load(user, doctype, name), site.zone)
    return site.documents.save(user, doctype, values, name=name, version=_version(name), idempotency_key=key, reason=_waited())


def _waited() -> str | None:
    """What the timeline says of a save that waited on a device for the network: when it was made, as the device counts (`_waited`
    seconds before it arrived). The record's own times stay those of the server."""
    waited = request.form.get("_waited", 0, type=int)
    if not SHORTEST_WAIT <= waited <= LONGEST_WAIT:
        return None
    site = web.services()
    at = (site.clock.now() - timedelta(seconds=waited)).astimezone(site.zone).strftime("%Y-%m-%d %H:%M")
    return Text(f"无网络时保存于 {at}（按该设备计时）", f"saved without network at {at}, as the device counts").kept()


def _may_change(doctype: str, name: str) -> bool:
    """Whether there is anything of this user's to save before submitting: one may be let submit what one may not change."""
    site, user = web.services(), web.current_user()
    return "save" in site.documents.actions(user, doctype, site.documents.load(user, doctype, name))


def _cancel(doctype: str, name: str) -> Saved:
    reason = request.form.get("_reason", "").strip()
    if not reason:
        raise ValidationFailed(
            Text(f"{name} 未作废：请填写作废原因。", f"{name} was not cancelled: please give the reason."),
            [Fault("_reason", Text("作废原因必填，会记入时间线。", "The reason is required; it is kept in the timeline."))],
        )
    return web.services().documents.cancel(web.current_user(), doctype, name, version=_version(name), reason=reason)


def _version(name: str | None) -> int | None:
    return request.form.get("_version", type=int) if name else None


def _refused(
    doctype: str, name: str | None, form: form_fields.RecordForm, values: dict[str, Any], error: GuijuError
) -> tuple[str, int] | tuple[Response, int]:
    """Nothing was saved: whatever was typed stays on the page."""
    site, user = web.services(), web.current_user()
    if _wants_json():
        if isinstance(error, StaleVersion) and name:
            conflict = Conflict(site, user, site.snapshot().doctype(doctype), name, error, web.language())
            return jsonify(conflict.to_json()), error.status
        raise error
    record = site.documents.load(user, doctype, name) if name else site.new_records.blank(user, doctype)
    return _page(doctype, record, form=form, error=error, rows=values), error.status


def _refused_after_saving(doctype: str, kept: Saved, error: GuijuError) -> tuple[str, int] | tuple[Response, int]:
    """The draft was saved, submitting it was refused: the record's own page says why, with what is owed now."""
    if _wants_json():
        return jsonify(envelope(error) | {"location": form_url(doctype, kept.name)}), error.status
    record = web.services().documents.load(web.current_user(), doctype, kept.name)
    return _page(doctype, record, error=error), error.status


def refused_page(doctype: str, name: str, error: GuijuError) -> tuple[str, int]:
    """The record's own page with what was refused."""
    return _page(doctype, web.services().documents.load(web.current_user(), doctype, name), error=error), error.status


def _wants_json() -> bool:
    return request.accept_mimetypes.best == "application/json"


def _answer(location: str, message: str, version: int | None = None) -> Response:
    if _wants_json():
        return jsonify(ok=True, location=location, message=message, version=version)
    return redirect(location, 303)


def _page(
    doctype: str,
    record: dict[str, Any],
    *,
    form: Any = None,
    error: GuijuError | None = None,
    rows: dict[str, Any] | None = None,
    is_quick: bool = False,
    told: int = TOLD_AT_ONCE,
) -> str:
    page = FormPage(
        web.services(), web.current_user(), doctype, record, web.language(), form=form, rows=rows, is_quick=is_quick, told=told
    )
    stale = error if isinstance(error, StaleVersion) else None
    return render_template("desk/form.html", page=page, error=error, stale=stale)


@forms.get("/link/<doctype>")
@web.login_required
def link_choices(doctype: str) -> Response:
    """What a link field offers while the user types, and whether they may make a new record instead."""
    site, user = web.services(), web.current_user()
    model = site.snapshot().model
    offered, asking = link_filters.asked(model, request.args), link_filters.field_of(model, request.args)
    is_free = asking is not None and asking.ignore_user_permissions and asking.options == doctype
    chooser = user.unconfined() if is_free else user
    found = site.queries.search_link(chooser, doctype, request.args.get("q", ""), offered=offered, limit=12)
    return jsonify(
        choices=[{"value": item.value, "title": item.title, "description": item.description} for item in found],
        may_create=Permissions(model).may(user, "create", doctype),
    )


@forms.get("/link/<doctype>/<path:name>")
@web.login_required
def linked_values(doctype: str, name: str) -> Response:
    """The fields that others fetch through a link, as the user may read them."""
    site, user = web.services(), web.current_user()
    record = site.documents.load(user, doctype, name)
    found = site.snapshot().doctype(doctype)
    known = form_fields.browser_values(found, record, site.zone)
    wanted = [field for field in request.args.get("fields", "").split(",") if field in known]
    titles = []
    for item in (found.by_name[field] for field in wanted if field in found.by_name):
        if item.fieldtype == "Link" and record.get(item.fieldname):
            linked = record[item.fieldname]
            titles.append([item.options, linked, site.queries.titles(user, item.options or "", [linked]).get(linked, linked)])
    return jsonify(values={field: known[field] for field in wanted}, titles=titles)


@forms.post("/check/<doctype>")
@web.login_required
def judge(doctype: str) -> Response:
    """What a save would refuse of the form as it stands, and warn of: told beside the fields while one types. Saves nothing."""
    site, user = web.services(), web.current_user()
    found = site.snapshot().doctype(doctype)
    name = request.form.get("_name") or None
    _, values = form_fields.posted_values(found, _levels(doctype, name), web.language(), request.form)
    faults, warnings = site.rehearsal.save(user, doctype, values, name=name)
    language = web.language()
    return jsonify(
        faults=[fault.to_json(language) for fault in faults], warnings=[fault.to_json(language) for fault in warnings]
    )
