"""What an editor asks about the piece of metadata that it has open: what is in force of it, one of its earlier versions, whether
somebody published meanwhile, and whether it may be called so. The editors themselves are `*_views` and `builder`.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask import request

from .. import web
from ..core.errors import Fault, MetadataInvalid, NotFound
from ..core.ids import digest
from ..core.text import Text
from ..core.values import canonical
from ..exchange.packs import piece_title
from ..exchange.proposal import Proposal
from .access import say

CHANGED_MEANWHILE = Text(
    "制定计划之后元数据又有变化，未发布。请重新查看计划。",
    "The metadata changed after this was planned; nothing was published. Look at the plan again.",
)


def in_force(kind: str, name: str | None) -> dict[str, Any] | None:
    """The JSON that is published under this name."""
    if not name:
        return None
    return next(
        (source.raw for source in web.services().publisher.stored() if (source.kind, source.name) == (kind, name)), None
    )


def begun_for(kind: str, property_name: str) -> dict[str, Any]:
    """What a new piece begins with for the record type that `?doctype=` asks for: the type, its title, its name where that is free."""
    doctype = web.services().snapshot().model.get(request.args.get("doctype", ""))
    if doctype is None:
        return {}
    begun = {property_name: doctype.name, "title": {"zh": doctype.label.zh, "en": doctype.label.en}}
    return begun if in_force(kind, doctype.name) else {**begun, "name": doctype.name}


def require_known(kind: str, name: str | None, *, is_drafted: bool = False) -> None:
    """Refuse to open an editor on a piece that is neither in force nor in the history: an empty canvas would look as if all of it
    were lost. Raises NotFound."""
    if not name or is_drafted or in_force(kind, name) is not None or web.services().publisher.history(kind, name):
        return
    called = piece_title(kind)
    raise NotFound(
        Text(
            f"没有名为“{name}”的{called.zh}。请从列表打开，或新建一个。",
            f'There is no {called.en.lower()} called "{name}". Open one from the list, or make a new one.',
        )
    )


def earlier(kind: str, name: str | None) -> Mapping[str, Any] | None:
    """The earlier version that `?version=` asks for, 0 being the newest; None when there is none."""
    version = request.args.get("version", type=int)
    if not name or version is None:
        return None
    versions = web.services().publisher.history(kind, name)
    found: Mapping[str, Any] | None = versions[version]["body"] if 0 <= version < len(versions) else None
    return found


def state_of(raw: Mapping[str, Any] | None) -> str:
    """What tells two states of a piece apart; pages send it back as `based_on`."""
    return digest(canonical(dict(raw))) if raw is not None else ""


def published_since(kind: str, raw: Mapping[str, Any] | None) -> Mapping[str, Any] | None:
    """The newest version of what is in force (`raw`), where the page began with another one; None where it did not."""
    based_on = request.form.get("based_on", "")
    if raw is None or not based_on or state_of(raw) == based_on:
        return None
    newest: Mapping[str, Any] = web.services().publisher.history(kind, str(raw["name"]))[0]
    return newest


def moved(kind: str, raw: Mapping[str, Any] | None) -> str:
    """The same in words; empty where nobody has."""
    newest = published_since(kind, raw)
    if newest is None:
        return ""
    by = newest["published_by"]
    return say(
        f"{by} 在您打开之后发布了新版本；发布您的会取代它。",
        f"{by} published a newer version after you opened this; publishing yours replaces it.",
    )


def refuse_other_name(kind: str, label: Text, raw: Mapping[str, Any]) -> None:
    """What is in force keeps its name: records and other pieces call it so. A new one has a name of its own. Raises MetadataInvalid."""
    name, opened = str(raw.get("name") or ""), request.form.get("name", "")
    if opened and name != opened:
        said = Text(f"已发布的{label.zh}保留原名 {opened}。", f"A published {label.en} keeps its name, {opened}.")
        raise MetadataInvalid.of([Fault("name", said)])
    if not opened and in_force(kind, name) is not None:
        said = Text(f"已有名为 {name} 的{label.zh}。", f"There is a {label.en} called {name} already.")
        raise MetadataInvalid.of([Fault("name", said)])


def require_as_planned(proposal: Proposal) -> None:
    """Refuse what the plan that was looked at (`base_version`) no longer tells. Raises MetadataInvalid."""
    if request.form.get("base_version", type=int) != proposal.base_version:
        raise MetadataInvalid.of([Fault("", CHANGED_MEANWHILE)])
