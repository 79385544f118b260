"""Places in a text that is written for people: `Dear {{ contact }}, you owe {{ total | money }}`. Text blocks and Excel templates
have them. A place is a field, a column (`items.qty`) or one of a few words, with a filter where it is to read otherwise."""

from __future__ import annotations

import re
from dataclasses import dataclass

from ..core.text import Text, nearest

WORDS = ("company", "printed_by", "printed_at", "form_number", "form_version", "status", "record_address")
PLACE_FILTERS = ("money", "cn_amount", "in_words", "date", "datetime", "time", "percent", "duration", "checkbox")
_PLACE = re.compile(r"\{\{\s*([A-Za-z_]\w*(?:\.[A-Za-z_]\w*)?)\s*(?:\|\s*(\w+)\s*)?\}\}")


class PlaceUnknown(ValueError):
    """Something in double braces is no place; `text` says what."""

    def __init__(self, text: Text) -> None:
        super().__init__(text.en)
        self.text = text


@dataclass(frozen=True, slots=True)
class Place:
    """`path` is a word of `WORDS`, a field, or `table.column`."""

    path: str
    filter: str = ""

    @property
    def is_word(self) -> bool:
        return self.path in WORDS


def parts_of(text: str) -> list[str | Place]:
    """Fixed text and places in turn. Raises PlaceUnknown."""
    found: list[str | Place] = []
    end = 0
    for match in _PLACE.finditer(text):
        if match[2] and match[2] not in PLACE_FILTERS:
            near = nearest(match[2], PLACE_FILTERS)
            raise PlaceUnknown(Text(f"没有过滤器 {match[2]}。{near.zh}", f'there is no filter "{match[2]}".{near.en}'))
        found += [text[end : match.start()], Place(match[1], match[2] or "")]
        end = match.end()
    found.append(text[end:])
    for part in found:
        if isinstance(part, str) and ("{{" in part or "{%" in part):
            raise PlaceUnknown(
                Text(
                    f"看不懂 {part[part.find('{') :][:30]!r}；应如 {{{{ customer }}}} 或 {{{{ total | money }}}}",
                    f"{part[part.find('{') :][:30]!r} is no place; write {{{{ customer }}}} or {{{{ total | money }}}}",
                )
            )
    return [part for part in found if part != ""]
