"""Translations in the browser: what is missing first, both source texts beside each one, PO files in and out."""

from __future__ import annotations

from flask import Response as FileResponse
from flask import flash, redirect, request, url_for
from flask_admin import expose
from werkzeug.wrappers import Response

from .. import web
from ..core.errors import GuijuError, ValidationFailed
from ..core.text import Text
from ..core.translations import BUILT_IN
from ..exchange.packs import KIND_TITLES, piece_title
from ..translating.po import code_of
from ..translating.service import PROGRAM, ROLES, Imported, Row
from .access import Guarded, say
from .label import METADATA, Label

ROWS_PER_PAGE = 50
FIRST_SHOWN = "en"


class TranslationsView(Guarded):
    """One language at a time; saving takes effect at once, in every process."""

    def __init__(self) -> None:
        super().__init__(
            name=Label("翻译", "Translations"), endpoint="admin_translations", url="/admin/translations", category=METADATA
        )

    @expose("/", methods=("GET", "POST"))
    def index(self) -> str | Response | tuple[str, int]:
        if request.method == "GET":
            return self._page()
        language = request.args.get("language", "")
        changed = {
            key.removeprefix("text__"): text
            for key, text in request.form.items()
            if key.startswith("text__")
            and text.replace("\r\n", "\n") != request.form.get(f"was__{key[6:]}", "").replace("\r\n", "\n")
        }
        try:
            number = web.services().translations.save(web.current_user(), language, changed)
        except GuijuError as error:
            return self._page(error=error, typed=changed), error.status
        flash(say(f"已保存 {number} 条译文，立即生效。", f"{number} translations saved; they are in force."), "success")
        return redirect(f"{url_for('.index')}?{request.query_string.decode()}", 303)

    @expose("/export")
    def export(self) -> Response:
        language = request.args.get("language", "")
        content = web.services().translations.export(language, missing_only=bool(request.args.get("missing")))
        named = f'attachment; filename="{language}.po"'
        return FileResponse(content, mimetype="text/x-gettext-translation", headers={"Content-Disposition": named})

    @expose("/import", methods=("POST",))
    def import_file(self) -> str | Response | tuple[str, int]:
        sent = request.files.get("file")
        try:
            if sent is None or not sent.filename:
                raise ValidationFailed(Text("请先选择 PO 文件。", "Choose a PO file first."))
            done = web.services().translations.import_po(web.current_user(), sent.read(), name=sent.filename)
        except GuijuError as error:
            return self._page(error=error), error.status
        return self._page(language=done.language, done=done)

    def _page(
        self,
        *,
        language: str | None = None,
        error: GuijuError | None = None,
        typed: dict[str, str] | None = None,
        done: Imported | None = None,
    ) -> str:
        site = web.services()
        asked = {key: request.args.get(key, "").strip() for key in ("area", "q")}
        languages = site.translations.languages()
        chosen = (
            language
            or request.args.get("language", "").strip()
            or next((item.code for item in languages if item.code not in BUILT_IN), FIRST_SHOWN)
        )
        rows: list[Row] = []
        try:
            chosen = code_of(chosen)
            rows = site.translations.rows(
                chosen, area=None if not asked["area"] else asked["area"].removeprefix("="), search=asked["q"]
            )
        except GuijuError as refused:
            error, chosen = error or refused, FIRST_SHOWN
        page = max(request.args.get("page", 1, type=int), 1)
        shown = rows[(page - 1) * ROWS_PER_PAGE : page * ROWS_PER_PAGE]
        return self.render(
            "guiju_admin/translations.html", language_states=languages, chosen=chosen, asked=asked, error=error, done=done,
            typed=typed or {}, rows=site.translations.with_changes(chosen, shown), number=len(rows),
            missing=sum(row.is_missing for row in rows), page=page, pages=max((len(rows) - 1) // ROWS_PER_PAGE + 1, 1),
            areas=_areas(), spoken=_spoken, chosen_name=site.translations.name_of(chosen), is_built_in=chosen in BUILT_IN,
        )  # fmt: skip


def _areas() -> list[tuple[str, str]]:
    """What the filter offers: the program's pages, then every piece of metadata by its kind and name."""
    pieces = sorted((source.kind, source.name) for source in web.services().publisher.stored())
    own = [(f"={PROGRAM}", say("程序界面", "The program's own texts")), (f"={ROLES}", say("角色", "Roles"))]
    return own + [(f"={kind} {name}", piece_title(kind, name).to(web.language())) for kind, name in pieces]


def _spoken(reference: str) -> str:
    """A place as the page names it: `单据类型 Call Log: label`; a file of the program stays what it is."""
    kind = next((kind for kind in KIND_TITLES if reference.startswith(f"{kind} ")), None)
    return piece_title(kind, reference.removeprefix(f"{kind} ")).to(web.language()) if kind else reference
