"""The meanings of signatures that rules and workflows ask for, held against those that there are, before they are published.

A misspelt one would otherwise be found by the person who is to sign and cannot.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from typing import Any

from ..core.errors import Fault
from ..core.text import Text, nearest
from ..documents.meanings import OWN
from .packs import Source

Fixtures = Iterable[tuple[str, Mapping[str, Any]]]


def unknown_meanings(sources: Iterable[Source], known: Collection[str]) -> list[Fault]:
    """One fault for each place that asks for a meaning which is not among those known."""
    return [
        Fault(
            f"{source.name}.{place}",
            Text(
                f"没有签名含义“{meaning}”，可用：{'、'.join(sorted(known))}。{nearest(meaning, known).zh}",
                f'"{meaning}" is no meaning of a signature; there are: {", ".join(sorted(known))}.{nearest(meaning, known).en}',
            ),
        )
        for source in sources
        if source.kind in ("Rule", "Workflow")
        for place, meaning in _asked(source.raw)
        if meaning not in known
    ]


def meanings_in(fixtures: Fixtures) -> frozenset[str]:
    """The meanings that the fixtures of a pack bring along; their records are made after its rules are published."""
    records = (record for _, raw in fixtures if raw.get("doctype") == OWN for record in raw.get("records") or ())
    return frozenset(str(record.get("code")) for record in records if record.get("enabled", 1))


def _asked(part: Any, at: str = "") -> Iterator[tuple[str, str]]:
    """(place, meaning): `require_signature` of a rule, `signature` of a workflow's step."""
    if isinstance(part, list):
        for number, item in enumerate(part):
            yield from _asked(item, f"{at}[{number}]")
    elif isinstance(part, Mapping):
        for key, item in part.items():
            place = f"{at}.{key}" if at else str(key)
            if key == "require_signature" and isinstance(item, Mapping) and isinstance(item.get("meaning"), str):
                yield f"{place}.meaning", item["meaning"]
            elif key == "signature" and isinstance(item, str) and item and "step" in part:
                yield place, item
            elif key not in ("tests", "doc"):
                yield from _asked(item, place)
