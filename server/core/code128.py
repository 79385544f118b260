"""Code 128, the bar code of labels: text to the widths of its bars and gaps (ISO/IEC 15417, code set B)."""

from __future__ import annotations

START_B, STOP = 104, 106
QUIET = 10  # modules of white on either side
MOST = 80  # longer ones no reader takes
_OF_SIGNS = (  # six digits for each sign: bar, gap, bar, gap, bar, gap
    "212222222122222221121223121322131222122213122312132212221213221312231212112232122132122231113222123122123221"
    "223211221132221231213212223112312131311222321122321221312212322112322211212123212321232121111323131123131321"
    "112313132113132311211313231113231311112133112331132131113123113321133121313121211331231131213113213311213131"
    "311123311321331121312113312311332111314111221411431111111224111422121124121421141122141221112214112412122114"
    "122411142112142211241211221114413111241112134111111242121142121241114212124112124211411212421112421211212141"
    "214121412121111143111341131141114113114311411113411311113141114131311141411131211412211214211232"
)
_WIDTHS = (*(_OF_SIGNS[at : at + 6] for at in range(0, len(_OF_SIGNS), 6)), "2331112")  # the last one stops


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
