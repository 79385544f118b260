"""Where the files are that the build fetched or packed: third-party browser files, print fonts, the built-in content pack."""

from __future__ import annotations

from pathlib import Path

HERE = Path(__file__).parent
CHECKOUT = HERE.parent.parent
PACKED = HERE.parent / "packs" / "builtin"
NEEDED = (
    "vendor/flatpickr/flatpickr.min.js", "vendor/signature_pad/signature_pad.umd.min.js", "vendor/sortablejs/Sortable.min.js",
    "vendor/icons.svg", "fonts/GuijuSans-Regular.ttf", "fonts/GuijuSans-Bold.ttf",
)  # fmt: skip


def vendor_dir() -> Path:
    """Third-party scripts and styles."""
    return HERE / "vendor"


def fonts_dir() -> Path:
    """The print fonts."""
    return HERE / "fonts"


def missing_assets() -> list[str]:
    """What the build should have brought and did not."""
    return [name for name in NEEDED if not (HERE / name).is_file()]


def builtin_pack() -> Path:
    """The built-in content pack: inside an installed wheel, else the folders of the checkout."""
    return PACKED if PACKED.is_dir() else CHECKOUT
