"""`guiju.why`: which rules spoke when a record was saved, on which values, and which kept silent and why; `guiju.replay`: as of a day."""

from __future__ import annotations

from datetime import UTC, datetime, time
from typing import Any

from .. import web
from ..core.errors import Fault, NotFound, ValidationFailed
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


@method("guiju.replay")
def replay(arguments: Arguments) -> dict[str, Any]:
    """Which rules would have spoken of a record as it was at `at` (a day: its end), by the versions then in force. As `guiju.why`, with `messages`."""
    doctype, name, at = (arguments.required(word) for word in ("doctype", "name", "at"))
    site = web.services()
    return site.judged_then.replay(web.current_user(), doctype, name, _moment(at, site.zone))


def _moment(text: str, zone: Any) -> datetime:
    try:
        found = datetime.fromisoformat(text)
        if len(text) <= len("2026-03-31"):
            found = datetime.combine(found.date(), time.max)
        return (found if found.tzinfo else found.replace(tzinfo=zone)).astimezone(UTC)
    except (ValueError, OverflowError):  # the year 1 begins before time does in UTC
        said = Text(
            f"at：{text!r} 应为日期或时间，例如 2026-03-31", f"at: {text!r} should be a date or a time such as 2026-03-31"
        )
        raise ValidationFailed(said, [Fault("at", said)]) from None
