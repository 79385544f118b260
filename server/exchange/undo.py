"""Taking a publication back: every piece as it was in force before, the tables and their data with it.

An undo is a publication like any other: checked, planned, recorded, and undone in its turn. Columns and tables that the publication
archived come back with their data; those it added are archived with what was typed into them since; a field whose type it changed
is converted back.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from ..core.errors import Fault, NotFound, ValidationFailed
from ..core.ids import digest
from ..core.text import Text
from ..core.values import canonical
from ..storage.journal import IN_FORCE
from .packs import Source, piece_title
from .proposal import Proposal
from .publisher import Publisher

Piece = Mapping[str, Any]  # kind, name, before, after: see `Publisher.publish`


@dataclass(frozen=True)
class Undo:
    """What taking back a publication would do; nothing is done yet."""

    version: int
    proposal: Proposal
    removed: tuple[tuple[str, str], ...]

    def publish(self, publisher: Publisher, by: str, *, reason: str = "") -> int:
        """Do it; returns the new metadata version."""
        return publisher.publish(self.proposal, by, origin="site", removed=self.removed, undoes=self.version, reason=reason)


def propose_undo(publisher: Publisher, version: int) -> Undo:
    """Plan to take back the publication that made this metadata version.

    Raises NotFound, ValidationFailed naming the pieces that were published again since, MetadataInvalid where what is left would not
    hold together.
    """
    found = publisher.publication(version)
    if found is None:
        raise NotFound(
            Text(f"没有元数据版本 {version} 的发布记录。", f"There is no publication of metadata version {version}.")
        )
    if found["state"] not in IN_FORCE:
        raise ValidationFailed(
            Text(f"版本 {version} 的发布已撤销过。", f"The publication of version {version} was undone already.")
        )
    pieces: list[Piece] = found["pieces"] or []
    _refuse_core(version, pieces)
    _refuse_changed_since(publisher, version, pieces)
    in_force = {(source.kind, source.name) for source in publisher.stored()}
    removed = tuple(key for piece in pieces if piece["before"] is None and (key := (piece["kind"], piece["name"])) in in_force)
    sources = [
        Source(piece["kind"], piece["name"], piece["before"], pack=piece.get("pack") or "")
        for piece in pieces
        if piece["before"] is not None
    ]
    return Undo(version, publisher.propose(sources, removed=removed), removed)


def _refuse_core(version: int, pieces: list[Piece]) -> None:
    """A site without users and roles could not be entered."""
    if any(piece["before"] is None and piece["kind"] == "DocType" and piece["name"] == "User" for piece in pieces):
        raise ValidationFailed(
            Text(
                f"版本 {version} 带来了用户与角色等内置类型，不能撤销，否则无人能登录。",
                f"Version {version} brought the built-in record types such as User; without them nobody could sign in.",
            )
        )


def _refuse_changed_since(publisher: Publisher, version: int, pieces: list[Piece]) -> None:
    in_force = {(source.kind, source.name): digest(canonical(source.raw)) for source in publisher.stored()}
    faults = [
        Fault(
            piece["name"],
            Text(
                f"{called.zh}：之后又改动过，请先撤销后来的发布。",
                f"{called.en}: it was changed again since; undo the later publication first.",
            ),
        )
        for piece in pieces
        if in_force.get((piece["kind"], piece["name"])) != piece["after"]
        for called in (piece_title(piece["kind"], piece["name"]),)
    ]
    if faults:
        raise ValidationFailed(
            Text(f"版本 {version} 的发布不能撤销：", f"The publication of version {version} cannot be undone:"), faults
        )


def described(piece: Piece) -> Text:
    """What a publication did to one of its pieces, for people."""
    what = (
        Text("新增", "new")
        if piece["before"] is None
        else Text("删除", "removed")
        if piece["after"] is None
        else Text("修改", "changed")
    )
    called = piece_title(piece["kind"], piece["name"])
    return Text(f"{called.zh}（{what.zh}）", f"{called.en} ({what.en})")
