"""Content packs in the browser: which there are, what each brought; adding, upgrading and removing one after its plan was shown."""

from __future__ import annotations

import io
import tempfile
import zipfile
from pathlib import Path

from flask import Response as FileResponse
from flask import flash, redirect, request, url_for
from flask_admin import expose
from werkzeug.wrappers import Response

from .. import web
from ..core.errors import GuijuError, NotFound
from ..core.text import Text
from ..exchange.manifest import Manifest
from ..exchange.pack_export import PackContent, own_content, pack_content, write_pack
from ..exchange.pack_finding import find_pack
from ..exchange.pack_service import PackPlan
from ..exchange.pack_upload import unpack, uploaded
from ..exchange.view_sources import view_sources
from .access import Guarded, say
from .label import METADATA, Label

KINDS = {
    "DocType": (Text("单据类型", "Record types"), "admin_doctypes"),
    "Rule": (Text("规则", "Rules"), "admin_rules"),
    "Print Format": (Text("打印格式", "Print formats"), "admin_formats"),
    "Workflow": (Text("流程", "Workflows"), "admin_workflows"),
    "Report": (Text("报表", "Reports"), "admin_reports"),
    "List View": (Text("列表视图", "List views"), ""),
}


class PacksView(Guarded):
    """The packs of the site, those that are installed and wait, and the plan of what was asked."""

    def __init__(self) -> None:
        super().__init__(name=Label("内容包", "Packs"), endpoint="admin_packs", url="/admin/packs", category=METADATA)

    @expose("/")
    def index(self) -> str:
        return self._page()

    @expose("/change", methods=("POST",))
    def change(self) -> str | Response | tuple[str, int]:
        """Show what adding, upgrading or removing a pack would do; do it when that was shown and confirmed."""
        service, token = web.services().pack_service, request.form.get("upload", "")
        try:
            plan = _plan(request.form.get("action", ""), request.form.get("name", ""), token)
            if plan.is_empty or request.form.get("base", type=int) != plan.proposal.base_version:
                return self._page(plan=plan, token=token)
            service.carry_out(plan, by=web.current_user().name, reason=request.form.get("reason", ""))
        except GuijuError as error:
            return self._page(error=error), error.status
        flash(say("已完成，立即生效。", "Done; it is in force."), "success")
        return redirect(url_for("admin_packs.index"))

    @expose("/upload", methods=("POST",))
    def upload(self) -> str | tuple[str, int]:
        """Show what the pack of a zip would do: added where it is new, else an upgrade."""
        site, chosen = web.services(), request.files.get("file")
        try:
            states = site.packs.all()
            token = unpack(chosen.read() if chosen else b"", site.settings.site_dir, [one.manifest.place for one in states])
            manifest = find_pack(_folder(token))
            is_new = all(one.name != manifest.name for one in states)
            return self._page(plan=_plan("add" if is_new else "upgrade", manifest.name, token), token=token)
        except GuijuError as error:
            return self._page(error=error), error.status

    @expose("/export")
    def export(self) -> FileResponse:
        """A pack as it is here, or (without a name) the site's own metadata and customisations, as a zip of a pack's folder."""
        site, name = web.services(), request.args.get("name")
        stored = site.publisher.stored()
        if name:
            content = pack_content(site.packs.get(name), stored)
        else:
            stored += view_sources(site.list_views.shared())
            content = own_content(stored, site.customisations.all(), site.packs.all(), Manifest("own", "1.0.0"))
        if content.is_empty:
            raise NotFound(
                Text("站点没有自己的元数据，也没有定制。", "The site has no metadata of its own, and no customisations.")
            )
        called = f"{content.manifest.name}-{content.manifest.version}.zip"
        disposition = {"Content-Disposition": f'attachment; filename="{called}"'}
        return FileResponse(_zipped(content), mimetype="application/zip", headers=disposition)

    def _page(self, plan: PackPlan | None = None, error: GuijuError | None = None, token: str = "") -> str:
        site = web.services()
        offered, faults = site.packs.offered()
        standing = {manifest.name for manifest in site.packs.standing_manifests()}
        states = site.packs.all()
        names = site.queries.titles(web.current_user(), "User", {state.added_by for state in states if state.added_by})
        return self.render(
            "guiju_admin/packs.html", packs=states, names=names, offered=offered, faults=faults, plan=plan, error=error, kinds=KINDS,
            standing=standing, token=token,
        )  # fmt: skip


def _plan(action: str, name: str, token: str) -> PackPlan:
    service = web.services().pack_service
    if action == "remove":
        return service.plan_remove(name)
    folder = _folder(token) if token else None
    return service.plan_upgrade(name, folder) if action == "upgrade" else service.plan_add(folder or name)


def _folder(token: str) -> str:
    """Where an uploaded pack was unpacked. Raises NotFound."""
    folder = uploaded(token, web.services().settings.site_dir)
    if folder is None:
        raise NotFound(Text("上传的内容包已不在，请重新上传。", "The uploaded pack is no longer there; upload it again."))
    return str(folder)


def _zipped(content: PackContent) -> bytes:
    packed = io.BytesIO()
    with tempfile.TemporaryDirectory() as made, zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        folder = Path(made) / content.manifest.name
        write_pack(content, web.services().snapshot().model, folder)
        for file in sorted(folder.rglob("*")):
            if file.is_file():
                archive.write(file, file.relative_to(made))
    return packed.getvalue()
