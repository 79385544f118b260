"""What the edges share, on the same served site as the REST tests."""

from __future__ import annotations

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent.parent / "api"))

from served_site import *  # noqa: F403  (its fixtures)
