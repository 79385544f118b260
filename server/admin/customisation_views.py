"""Customisations in the browser: what the site changed of shipped metadata, taken back one by one, carried as a file."""

from __future__ import annotations

import json
from typing import Any

from flask import Response as FileResponse
from flask import flash, redirect, request, url_for
from flask_admin import expose
from werkzeug.wrappers import Response

from .. import web
from ..core.errors import Fault, GuijuError, MetadataInvalid, NotFound
from ..core.text import Text
from ..exchange.customisation_files import Application, propose_application, to_file
from ..exchange.customisations import CONFLICT_TEXTS, Customisation
from ..exchange.proposal import Proposal
from ..metadata.load import dump_text
from .access import Guarded, say
from .customisation_words import shown, what
from .label import METADATA, Label

EDITORS = {
    "DocType": "admin_doctypes",
    "Rule": "admin_rules",
    "Print Format": "admin_formats",
    "Workflow": "admin_workflows",
    "Report": "admin_reports",
}
MAX_FILE = 5_000_000


class CustomisationsView(Guarded):
    """Every customised piece of the site; one of them with each change."""

    def __init__(self) -> None:
        super().__init__(
            name=Label("定制", "Customisations"),
            endpoint="admin_customisations",
            url="/admin/customisations",
            category=METADATA,
        )

    @expose("/")
    def index(self) -> str:
        return self._list()

    @expose("/piece")
    def piece(self) -> str | Response:
        """One piece: what is shipped, what is ours, since when and by whom, what the pack changed since."""
        kind, name = request.args.get("kind", "DocType"), request.args.get("name", "")
        found = web.services().customisations.of(kind, name)
        if found is None:
            flash(say(f"{name} 没有定制。", f"{name} is not customised."), "info")
            return redirect(url_for("admin_customisations.index"))
        return self._piece(found)

    @expose("/take-back", methods=("POST",))
    def take_back(self) -> str | Response | tuple[str, int]:
        """Show what taking back some changes (none named: all) would do; do it when that was shown and confirmed."""
        site, (kind, name, keys) = web.services(), _asked()
        found = site.customisations.of(kind, name)
        try:
            proposal = site.customisations.propose_taking_back(kind, name, keys)
            if found is not None and request.form.get("base", type=int) != proposal.base_version:
                return self._piece(found, proposal=proposal, keys=keys)
            site.publisher.publish(proposal, by=web.current_user().name, origin="site", reason=request.form.get("reason", ""))
        except GuijuError as error:
            if found is None:
                raise
            return self._piece(found, error=error), error.status
        flash(say("已撤回，立即生效。", "Taken back; it is in force."), "success")
        return redirect(url_for("admin_customisations.piece", kind=kind, name=name))

    @expose("/keep", methods=("POST",))
    def keep(self) -> Response:
        """Decide for ours where the pack changed the same place."""
        kind, name, keys = _asked()
        web.services().customisations.confirm(kind, name, keys or ())
        flash(say("保留本站的值。", "Ours is kept."), "success")
        return redirect(url_for("admin_customisations.piece", kind=kind, name=name))

    @expose("/export")
    def export(self) -> FileResponse:
        """All customisations, or those of one piece, as a file."""
        customisations = web.services().customisations
        name = request.args.get("name")
        one = customisations.of(request.args.get("kind", "DocType"), name) if name else None
        if name and one is None:
            raise NotFound(Text(f"{name} 没有定制。", f"{name} is not customised."))
        content = dump_text(to_file([one] if one else customisations.all()))
        disposition = {"Content-Disposition": 'attachment; filename="customisations.json"'}
        return FileResponse(content, mimetype="application/json", headers=disposition)

    @expose("/import", methods=("POST",))
    def import_file(self) -> str | Response | tuple[str, int]:
        """Show what a file (ours or Frappe's) would change; do it when that was shown and confirmed."""
        publisher = web.services().publisher
        skips = bool(request.form.get("skip_conflicts"))
        label, text = _uploaded()
        try:
            found = propose_application(publisher, [(label, _parsed(label, text))], skip_conflicts=skips)
            if request.form.get("base", type=int) != found.proposal.base_version:
                return self._list(found=found, file=(label, text, skips))
            publisher.publish(found.proposal, by=web.current_user().name, origin="site", reason=request.form.get("reason", ""))
        except GuijuError as error:
            return self._list(error=error, file=(label, text, skips)), error.status
        flash(say("已导入，立即生效。", "Imported; it is in force."), "success")
        return redirect(url_for("admin_customisations.index"))

    def _list(
        self, found: Application | None = None, error: GuijuError | None = None, file: tuple[str, str, bool] | None = None
    ) -> str:
        site = web.services()
        titles = site.packs.titles()
        language = web.language()
        stored = {(source.kind, source.name): source.raw for source in found.proposal.sources} if found else {}
        lines = [
            (
                item.name,
                what(change, (stored[item.kind, item.name],), language),
                shown(change, change.shipped, language),
                shown(change, change.ours, language),
            )
            for item in (found.pieces if found else ())
            for change in item.changes
        ]
        return self.render(
            "guiju_admin/customisations.html", items=site.customisations.all(), titles=titles, found=found, error=error, file=file,
            lines=lines,
        )  # fmt: skip

    def _piece(
        self,
        found: Customisation,
        proposal: Proposal | None = None,
        keys: list[str] | None = None,
        error: GuijuError | None = None,
    ) -> str:
        publisher, language = web.services().publisher, web.language()
        ours, shipped = publisher.customised()[found.kind, found.name]
        rows: list[dict[str, Any]] = [
            {
                "key": one.key,
                "place": one.spelled,
                "what": what(one.change, (ours, shipped or {}), language),
                "shipped": shown(one.change, one.change.shipped, language),
                "ours": shown(one.change, one.change.ours, language),
                "since": one.since,
                "by": one.by,
                "conflict": CONFLICT_TEXTS[one.conflict] if one.conflict else None,
                "chosen": keys is None or one.key in keys,
            }
            for one in found.changes
        ]
        names = web.services().queries.titles(web.current_user(), "User", {one.by for one in found.changes if one.by})
        return self.render(
            "guiju_admin/customisation.html", item=found, title=Text.of(ours.get("label") or ours.get("title") or None), rows=rows, names=names, proposal=proposal, keys=keys, error=error,
            editor=EDITORS.get(found.kind),
        )  # fmt: skip


def _asked() -> tuple[str, str, list[str] | None]:
    """(kind, name, places) of the form; no places: all."""
    return request.form.get("kind", ""), request.form.get("name", ""), request.form.getlist("key") or None


def _uploaded() -> tuple[str, str]:
    """(file name, content) of a file that was chosen, or that comes back with the confirmation."""
    chosen = request.files.get("file")
    if chosen is not None and chosen.filename:
        return chosen.filename, chosen.read(MAX_FILE).decode("utf-8", "replace")
    return request.form.get("label", "file"), request.form.get("text", "")


def _parsed(label: str, text: str) -> Any:
    try:
        return json.loads(text)
    except (ValueError, RecursionError) as error:
        said = Text(f"{label}：不是有效的 JSON：{error}", f"{label}: is not valid JSON: {error}")
        raise MetadataInvalid.of([Fault(label, said)]) from None
