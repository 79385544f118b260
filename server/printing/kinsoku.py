"""Where a line of Chinese text may be broken (避头尾, JIS X 4051 and GB/T 15834 in the part that forms need).

A line never begins with closing punctuation or a unit and never ends with an opening bracket or a check box; Latin words,
numbers and dates stay whole; spaces hang at the end of a line. Pure rules on characters: `line_breaker` applies them.
"""

from __future__ import annotations

NO_LINE_START = frozenset("，。、；：？！）》】〉」』〕｝］”’…—～·％℃°‰′″,.;:?!)]}%>»›ー々〻ぁァゃャゅュょョっッ")
NO_LINE_END = frozenset("（《【〈「『〔｛［“‘￥¥＄$([{<«‹№#☐☑☒")
NO_BREAK_SPACE = "\u00a0"
ZERO_WIDTH_SPACE = "\u200b"
_AFTER = frozenset("-/\\_")

# Ranges whose characters stand alone: ideographs, kana, full-width forms, enclosed numbers and the symbols of forms.
_IDEOGRAPHIC = ((0x2460, 0x27BF), (0x2E80, 0x9FFF), (0xAC00, 0xD7A3), (0xF900, 0xFAFF), (0xFF00, 0xFFEF), (0x20000, 0x3FFFF))


def is_ideographic(character: str) -> bool:
    """Whether the character is a word of its own, as Chinese characters are."""
    code = ord(character)
    return code >= 0x2460 and any(first <= code <= last for first, last in _IDEOGRAPHIC)


def may_break(before: str, after: str) -> bool:
    """Whether a line may end after `before` when `after` follows; an empty one stands for a picture.

    >>> may_break("表", "面"), may_break("面", "。"), may_break("a", "b")
    (True, False, False)
    """
    if not before or not after:
        return NO_BREAK_SPACE not in (before, after)
    if after in (" ", NO_BREAK_SPACE) or before == NO_BREAK_SPACE:
        return False
    if before in (" ", ZERO_WIDTH_SPACE):
        return True
    if before in NO_LINE_END or after in NO_LINE_START:
        return False
    if is_ideographic(before) or is_ideographic(after):
        return True
    return before in _AFTER and not after.isdigit()
