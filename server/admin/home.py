"""The first page of the admin UI: what is configured, what waits, what is wrong."""

from __future__ import annotations

from itertools import groupby

from flask_admin import AdminIndexView, expose

from .. import web
from ..access.permissions import Permissions
from ..desk.presenting import module_title
from ..desk.tour_words import FIRST_HOUR
from .access import Guarded
from .first_steps import first_steps
from .label import Label


class AdminHome(Guarded, AdminIndexView):
    def __init__(self) -> None:
        super().__init__(name=Label("总览", "Overview"), url="/admin", template="guiju_admin/home.html")

    @expose("/")
    def index(self) -> str:
        site = web.services()
        snapshot = site.snapshot()
        permissions, reader = Permissions(snapshot.model), web.current_user()
        doctypes = sorted((item for item in snapshot.model if not item.istable), key=lambda item: (item.module, item.name))
        modules = [(name, list(items)) for name, items in groupby(doctypes, key=lambda item: item.module)]
        return self.render(
            "guiju_admin/home.html",
            doctypes=doctypes,
            modules=sorted(((module_title(name), items) for name, items in modules), key=lambda one: one[0]),
            steps=first_steps(site, reader),
            readable={item.name for item in doctypes if permissions.may(reader, "read", item.name)},
            rules=len(snapshot.rulebook.rules),
            formats=len(snapshot.print_formats),
            version=snapshot.version,
            dead=site.engine.dead_letters(),
            failed=site.engine.failed_timers(),
            incidents=site.engine.open_incidents(),
            title_of=snapshot.rulebook.title,
            tour=None if site.tours.is_known(reader, FIRST_HOUR) else FIRST_HOUR,
        )
