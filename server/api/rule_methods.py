"""`guiju.why`: which rules spoke when a record was saved, on which values, and which kept silent and why."""

from __future__ import annotations

from typing import Any

from .. import web
from ..core.errors import NotFound
from ..core.text import Text
from .arguments import Arguments
from .methods import method


@method("guiju.why")
def why(arguments: Arguments) -> dict[str, Any]:
    """The trace of the last save of a record, or of the save that made `version`, as far as the reader sees what it speaks of.

    `rules` holds every rule that was considered, those that matched first; `clauses` the words of the clauses they cite.
    """
    doctype, name = arguments.required("doctype"), arguments.required("name")
    version = arguments.number("version", 0) or None
    found = web.services().queries.why(web.current_user(), doctype, name, version)
    if found is None:
        of = f" {version}" if version else ""
        raise NotFound(
            Text(f"{name} 的版本{of} 没有规则记录：没有规则涉及它。", f"There is no trace of version{of} of {name}: no rule concerned it.")
        )  # fmt: skip
    return found
