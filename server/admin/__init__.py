"""The administrators' UI on Flask-Admin: metadata, people, records and the engine room, always through the services."""

from __future__ import annotations

from flask import Blueprint, Flask
from flask_admin import Admin
from flask_admin.theme import Bootstrap4Theme
from flask_babel import Babel

from .. import web
from .analysis_views import AnalysisView
from .builder import DocTypeBuilderView
from .calendar_views import CalendarsView
from .customisation_views import CustomisationsView
from .engine_room import AuditView, IncidentsView, OutboxView, PlansView, SeriesView
from .home import AdminHome
from .message_views import MessagesView
from .metadata_views import DocTypeView, ReportView
from .pack_views import PacksView
from .people import KeysView, PasswordView, RightsView
from .print_views import PrintFormatView
from .record_views import RecordsView
from .rule_set_views import RuleSetsView
from .rule_views import RuleView
from .signature_views import SignaturesView
from .simulation_views import SimulationsView
from .translations import TranslationsView
from .workflow_views import WorkflowView

BABEL_LOCALES = {"zh": "zh_Hans_CN"}  # what Flask-Admin calls it


def _locale() -> str:
    return BABEL_LOCALES.get(web.language(), web.language().replace("-", "_"))


def init_app(app: Flask) -> None:
    """Put the admin UI under `/admin`. One view serves the records of every DocType, new ones without a restart."""
    Babel(app, locale_selector=_locale)
    # The desk's calm look on Flask-Admin's own templates; nonces keep the content security policy strict.
    theme = Bootstrap4Theme(base_template="guiju_admin/base.html", fluid=True)
    app.register_blueprint(Blueprint("guiju_admin", __name__, template_folder="templates"))
    admin = Admin(app, name="规矩 Guiju", theme=theme, url="/admin", index_view=AdminHome(), csp_nonce_generator=web.csp_nonce)
    for view in (
        DocTypeView(),
        DocTypeBuilderView(),
        RuleView(),
        RuleSetsView(),
        WorkflowView(),
        ReportView(),
        PrintFormatView(),
        SimulationsView(),
        AnalysisView(),
        CustomisationsView(),
        PacksView(),
        TranslationsView(),
        RecordsView(),
        PasswordView(),
        RightsView(),
        KeysView(),
        CalendarsView(),
        SeriesView(),
        OutboxView(),
        MessagesView(),
        IncidentsView(),
        AuditView(),
        SignaturesView(),
        PlansView(),
    ):
        admin.add_view(view)
