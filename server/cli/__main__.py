"""`python -m server.cli` is the command `guiju`."""

from __future__ import annotations

from . import main

main()
