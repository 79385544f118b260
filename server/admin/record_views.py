"""Records of every DocType through one view, `/admin/doc/<doctype>`, over the services.

Flask-Admin registers views before the first request only, so this one view looks up a view of its own for the DocType asked
for, made per metadata version and language: a DocType published a moment ago is there without a restart.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from types import SimpleNamespace
from typing import Any

from flask import Blueprint, flash, g, request
from flask_admin import Admin
from flask_admin.form import BaseForm
from flask_admin.model import BaseModelView
from werkzeug.wrappers import Response
from wtforms import HiddenField, StringField
from wtforms.validators import InputRequired

from .. import web
from ..access.permissions import Permissions
from ..core.errors import GuijuError
from ..core.text import Text
from ..desk.form_fields import attribute, read_rows
from ..desk.form_values import browser_row, shown, typed
from ..metadata.model import DocField, DocType
from .access import Guarded
from .label import PEOPLE, Label
from .record_fields import record_field

MAX_COUNT = 10**9
NEW_NAME = "new_name"


class AdminForm(BaseForm):
    """Carries the page's CSRF token, which `web` checks before any view runs, and the version that was read."""

    csrf_token = HiddenField(default=web.csrf_token)
    version_read = HiddenField()


class DocTypeRecords(Guarded, BaseModelView):
    """The records of one DocType at one metadata version in one language. Not registered; `RecordsView` calls it."""

    form_base_class = AdminForm
    column_default_sort = ("modified", True)
    can_set_page_size = True
    list_template = "guiju_admin/records.html"
    edit_template = "guiju_admin/record_edit.html"
    create_template = "guiju_admin/record_create.html"

    def __init__(self, doctype: DocType, language: str, blueprint: Blueprint, admin: Admin) -> None:
        self.doctype = doctype
        self.doctype_name = doctype.name
        self.language = language
        self.column_labels = {item.fieldname: item.label.to(language) for item in doctype.stored_fields} | {"name": "#"}
        BaseModelView.__init__(
            self, SimpleNamespace, name=doctype.label.to(language), endpoint="admin_records", url="/admin/doc/-"
        )
        self.blueprint = blueprint
        self.admin = admin

    # What Flask-Admin asks for

    @property
    def can_create(self) -> bool:
        return self._may("create")

    @property
    def can_edit(self) -> bool:
        return self._may("write")

    @property
    def can_delete(self) -> bool:
        return self._may("delete")

    def _may(self, action: str) -> bool:
        return Permissions(web.services().snapshot().model).may(web.current_user(), action, self.doctype.name)

    def scaffold_list_columns(self) -> list[str]:
        columns = [item.fieldname for item in self.doctype.list_columns] or [
            item.fieldname for item in self.doctype.stored_fields[:5]
        ]
        return ["name", *(name for name in columns if name != "naming_series")]

    def scaffold_sortable_columns(self) -> dict[str, str]:
        return {name: name for name in [*self.scaffold_list_columns(), "modified"]}

    def init_search(self) -> bool:
        return True

    def search_placeholder(self) -> str:
        return Text("搜索", "Search").to(self.language)

    def scaffold_filters(self, name: str) -> list[Any]:
        return []

    def scaffold_list_form(self, widget: Any = None, validators: Any = None) -> None:
        return None

    def scaffold_form(self) -> type[AdminForm]:
        model = web.services().snapshot().model
        fields: dict[str, Any] = {
            attribute(item.fieldname): record_field(item, model, self.language) for item in self._editable()
        }
        return type("GeneratedAdminForm", (AdminForm,), fields)

    def get_create_form(self) -> type[AdminForm]:
        """The form of a new record asks its name where the DocType does."""
        form: type[AdminForm] = super().get_create_form()
        if not self.doctype.asks_name:
            return form
        asked = StringField(Text("编号", "Name").to(self.language), validators=[InputRequired()])
        asked.creation_counter = 0  # before every other field
        return type("GeneratedNewForm", (form,), {NEW_NAME: asked})

    def _editable(self) -> list[DocField]:
        return [item for item in self.doctype.data_fields if not item.is_computed and item.fieldtype != "Signature"]

    def get_pk_value(self, model: Any) -> str:
        return str(model.name)

    def get_list(
        self, page: int, sort_field: str | None, sort_desc: bool, search: str | None, filters: Any, page_size: int | None = None
    ) -> tuple[int, list[SimpleNamespace]]:
        site, user = web.services(), web.current_user()
        size = page_size or self.page_size
        order = f"{sort_field} {'desc' if sort_desc else 'asc'}" if sort_field else None
        found = site.queries.list(
            user, self.doctype.name, search=search or None, order_by=order, limit=size, offset=(page or 0) * size
        )
        count = site.queries.count(user, self.doctype.name, search=search or None, cap=MAX_COUNT)
        return count.value, [SimpleNamespace(**row) for row in found.rows]

    def _get_list_value(self, context: Any, model: Any, name: str, *args: Any) -> str:
        item = self.doctype.by_name.get(name)
        value = getattr(model, name, None)
        return shown(item, value, web.services().zone, self.language) if item else str(value or "")

    def get_one(self, id: str) -> SimpleNamespace | None:
        record = web.services().documents.load(web.current_user(), self.doctype.name, id)
        return SimpleNamespace(name=record["name"], version_read=str(record["version"]), **self._inputs(record))

    def create_form(self, obj: Any = None) -> Any:
        """The form of a new record starts with what the record would start with: defaults and prefilled rows."""
        if obj is None and request.method == "GET":
            obj = SimpleNamespace(**self._inputs(web.services().new_records.blank(web.current_user(), self.doctype.name)))
        return super().create_form(obj)

    def _inputs(self, record: Mapping[str, Any]) -> dict[str, Any]:
        """A record as the inputs show it."""
        site = web.services()
        values: dict[str, Any] = {}
        for item in self._editable():
            value = record.get(item.fieldname)
            if item.type.holds_rows:
                child = site.snapshot().model.child(item)
                rows = [browser_row(child, row, site.zone) for row in value or ()]
                held: Any = json.dumps(rows, ensure_ascii=False, indent=1)
            else:
                held = bool(value) if item.fieldtype == "Check" else typed(item, value, site.zone)
            values[attribute(item.fieldname)] = held
        return values

    # Changes, all through the document service

    def create_model(self, form: Any) -> SimpleNamespace | bool:
        def save() -> str:
            values = self._values(form) | ({"name": form[NEW_NAME].data} if NEW_NAME in form else {})
            return web.services().documents.save(web.current_user(), self.doctype.name, values).name

        name = self._attempt(form, save)
        return SimpleNamespace(name=name) if name else False

    def update_model(self, form: Any, model: Any) -> bool:
        version = int(form.version_read.data) if str(form.version_read.data or "").isdigit() else None

        def save() -> str:
            changed = self._changed(form, model)
            return (
                web.services()
                .documents.save(web.current_user(), self.doctype.name, changed, name=model.name, version=version)
                .name
            )

        return bool(self._attempt(form, save))

    def delete_model(self, model: Any) -> bool:
        def delete() -> str:
            web.services().documents.delete(web.current_user(), self.doctype.name, model.name)
            return str(model.name)

        return bool(self._attempt(None, delete))

    def _values(self, form: Any) -> dict[str, Any]:
        values: dict[str, Any] = {}
        for item in self._editable():
            typed = form[attribute(item.fieldname)].data
            if item.type.holds_rows:
                values[item.fieldname] = read_rows(typed or "[]")
            elif typed is not None and (typed != "" or item.default):  # a default that was taken out stays out
                values[item.fieldname] = typed
        return values

    def _changed(self, form: Any, model: Any) -> dict[str, Any]:
        """Only what was changed on the page: what nobody touched is not written again."""
        changed: dict[str, Any] = {}
        for item in self._editable():
            typed = form[attribute(item.fieldname)].data
            before = getattr(model, attribute(item.fieldname))
            if isinstance(typed, str):
                typed = typed.replace("\r\n", "\n")
            if typed != before:
                changed[item.fieldname] = read_rows(typed or "[]") if item.type.holds_rows else typed
        return changed

    def _attempt(self, form: Any, act: Callable[[], str]) -> str | None:
        """Run a change; what the service refuses is told above the form and at its fields."""
        try:
            return act()
        except GuijuError as error:
            flash(error.text.to(self.language), "error")
            for fault in error.faults:
                flash(fault.text.to(self.language), "error")
                where = attribute(fault.where.partition("[")[0])
                field = form[where] if form is not None and where in form else None
                if field is not None:
                    field.errors = [*field.errors, fault.text.to(self.language)]
            return None


class RecordsView(Guarded, BaseModelView):
    """The one registered view; it hands every request to the view of its DocType."""

    def __init__(self) -> None:
        self._views: dict[tuple[str, str], tuple[int, DocTypeRecords]] = {}
        BaseModelView.__init__(
            self,
            SimpleNamespace,
            name=Label("单据", "Records"),
            endpoint="admin_records",
            url="/admin/doc/<doctype>",
            category=PEOPLE,
        )

    def is_visible(self) -> bool:
        return False

    def create_blueprint(self, admin: Admin) -> Blueprint:
        blueprint: Blueprint = super().create_blueprint(admin)

        @blueprint.url_value_preprocessor
        def take(endpoint: str | None, values: dict[str, Any] | None) -> None:
            g.admin_doctype = values.pop("doctype", None) if values else None

        @blueprint.url_defaults
        def put_back(endpoint: str, values: dict[str, Any]) -> None:
            if "doctype" not in values and g.get("admin_doctype"):
                values["doctype"] = g.admin_doctype

        return blueprint

    def _run_view(self, view: Callable[..., Any], *args: Any, **kwargs: Any) -> Response | str:
        kwargs.pop("cls", None)
        found: Response | str = view(self._view_of(str(g.admin_doctype)), **kwargs)
        return found

    def _view_of(self, name: str) -> DocTypeRecords:
        snapshot = web.services().snapshot()
        doctype = snapshot.record_type(name)
        key = (name, web.language())
        made = self._views.get(key)
        if made is None or made[0] != snapshot.version:
            made = (snapshot.version, DocTypeRecords(doctype, web.language(), self.blueprint, self.admin))
            self._views[key] = made
        return made[1]

    # Never asked of this view itself, but Flask-Admin wants them defined.

    def get_pk_value(self, model: Any) -> str:
        return str(model.name)

    def scaffold_list_columns(self) -> list[str]:
        return ["name"]

    def scaffold_sortable_columns(self) -> dict[str, str]:
        return {}

    def init_search(self) -> bool:
        return False

    def scaffold_form(self) -> type[AdminForm]:
        return AdminForm

    def scaffold_list_form(self, widget: Any = None, validators: Any = None) -> None:
        return None

    def get_list(self, *args: Any, **kwargs: Any) -> tuple[int, Sequence[Mapping[str, Any]]]:
        return 0, []

    def get_one(self, id: str) -> None:
        return None
