"""Views that people of a site share with others, as pieces of metadata: an export takes them along."""

from __future__ import annotations

from collections.abc import Iterable

from ..documents.list_views import ListView
from .packs import Source


def view_sources(views: Iterable[ListView]) -> list[Source]:
    """A piece for each; its name is made of the view's key, so that a second export writes the same file."""
    return [Source("List View", f"List View {view.id}", _raw(view)) for view in sorted(views, key=lambda item: item.id)]


def _raw(view: ListView) -> dict[str, object]:
    raw: dict[str, object] = {
        "doctype": "List View", "name": f"view-{view.id.lower()}", "document_type": view.doctype, "title": view.title.to_json(),
    }  # fmt: skip
    return raw | ({"role": view.role} if view.audience == "role" else {}) | {"query": view.query}
