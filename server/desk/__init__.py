"""The staff desk: sign in, home, lists, forms, inbox, prints. Pages are rendered here; scripts make them livelier."""

from __future__ import annotations

from flask import Blueprint, Flask

from .. import web
from . import presenting
from .account_views import account
from .beside_views import beside
from .bulk_views import bulk
from .cell_views import cells
from .clause_views import clauses
from .factor_views import factors
from .file_views import files
from .flow_views import flows
from .form_views import forms
from .grid_views import grids
from .import_views import imports
from .list_views import lists
from .moving_views import moves
from .offline_views import offline
from .owed_views import owed
from .palette_views import palettes
from .preview_views import previews
from .print_run_views import print_runs
from .report_views import reports
from .share_views import shares
from .shell_views import error_page, shell
from .signing_views import signing
from .theme import theme
from .tour_views import tours
from .tree_views import trees
from .version_views import versions


def init_app(app: Flask) -> None:
    """Put the desk at the root of the application."""
    app.register_blueprint(Blueprint("desk", __name__, template_folder="templates"))
    for blueprint in (
        imports, cells, moves,
        shell, beside, lists, forms, files, account, shares, trees, bulk, versions, signing, factors, reports, owed, flows, clauses, grids,
        offline, theme, palettes, previews, print_runs, tours,
    ):  # fmt: skip
        app.register_blueprint(blueprint)
    presenting.init_app(app)
    web.register_error_page(app, error_page)
