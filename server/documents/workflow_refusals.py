"""What stands against a step of a workflow, as errors that say what to do instead."""

from __future__ import annotations

from ..core.errors import Fault, ValidationFailed
from ..core.text import Text
from ..metadata.model import DocType

MAX_COMMENT = 2000


def kept_comment(comment: str | None) -> str | None:
    """A comment as it is kept; None for an empty one. Raises ValidationFailed for one that is too long."""
    text = (comment or "").strip()
    if len(text) > MAX_COMMENT:
        raise ValidationFailed(Text(f"意见最多 {MAX_COMMENT} 个字符。", f"A comment has at most {MAX_COMMENT} characters."))
    return text or None


def comment_missing(action: Text) -> ValidationFailed:
    return ValidationFailed(
        Text(f"未执行“{action.zh}”：", f'"{action.en}" was not done:'),
        [Fault("comment", Text("须填写意见。", "A comment is needed; it is kept in the timeline."))],
    )


def without_workflow(doctype: DocType) -> ValidationFailed:
    return ValidationFailed(
        Text(f"{doctype.label.zh}没有启用的流程。", f"{doctype.label.en} has no active workflow."),
    )
