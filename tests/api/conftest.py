"""REST against a served site."""

from __future__ import annotations

from served_site import *  # noqa: F403  (its fixtures)
