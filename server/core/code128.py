"""Code 128, the bar code of labels: text to the widths of its bars and gaps (ISO/IEC 15417, code set B)."""

from __future__ import annotations

START_B, STOP = 104, 106
QUIET = 10  # modules of white on either side
MOST = 80  # longer ones no reader takes
_WIDTHS = ["212222", "222122", "222221", "121223", "121322", "131222", "122213", "122312", "132212", "221213", "221312", "231212", "112232", "122132", "122231", "113222", "123122", "123221", "223211", "221132", "221231", "213212", "223112", "312131", "311222", "321122", "321221", "312212", "322112", "322211", "212123", "212321", "232121", "111323", "131123", "131321", "112313", "132113", "132311", "211313", "231113", "231311", "112133", "112331", "132131", "113123", "113321", "133121", "313121", "211331", "231131", "213113", "213311", "213131", "311123", "311321", "331121", "312113", "312311", "332111", "314111", "221411", "431111", "111224", "111422", "121124", "121421", "141122", "141221", "112214", "112412", "122114", "122411", "142112", "142211", "241211", "221114", "413111", "241112", "134111", "111242", "121142", "121241", "114212", "124112", "124211", "411212", "421112", "421211", "212141", "214121", "412121", "111143", "111341", "131141", "114113", "114311", "411113", "411311", "113141", "114131", "311141", "411131", "211412", "211214", "211232", "2331112"]


def bars(text: str) -> tuple[int, ...] | None:
    """Widths in modules, a bar first, then a gap, in turn; None for a text that the code has no signs for."""
    if not text or len(text) > MOST or any(not 32 <= ord(sign) <= 126 for sign in text):
        return None
    signs = [ord(sign) - 32 for sign in text]
    check = (START_B + sum(place * sign for place, sign in enumerate(signs, start=1))) % 103
    return tuple(int(width) for sign in (START_B, *signs, check, STOP) for width in _WIDTHS[sign])


def drawing(text: str) -> tuple[int, str] | None:
    """The width of the code with its quiet zones and the SVG path of its bars, one unit high; None where there is no code."""
    widths = bars(text)
    if widths is None:
        return None
    path, at = [], QUIET
    for index, width in enumerate(widths):
        if index % 2 == 0:
            path.append(f"M{at} 0h{width}v1h-{width}z")
        at += width
    return at + QUIET, "".join(path)
