"""`python -m bench [--quick] [--only WORD] [--runs NUMBER]`: every work beside its floor."""

from __future__ import annotations

import argparse
import gc
import logging
import os
import platform
from io import StringIO

from server.web import request_log

from .falling_due import fall_due
from .importing import import_rows
from .listing import list_many
from .pages import pages
from .printing import pdf
from .reporting import group_a_million
from .saving import match_rules, save_one, save_under_rules
from .serving import form_and_list, rest
from .simulating import simulate
from .sizes import large_form, many_doctypes

WORKS = {
    "save": save_one,
    "match": match_rules,
    "rules": save_under_rules,
    "rest": rest,
    "form": form_and_list,
    "pdf": pdf,
    "simulate": simulate,
    "due": fall_due,
    "report": group_a_million,
    "list": list_many,
    "import": import_rows,
    "doctypes": many_doctypes,
    "large": large_form,
    "pages": pages,
}


def main() -> None:
    options = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    options.add_argument("--quick", action="store_true", help="few runs: whether it works, not how fast it is")
    options.add_argument("--only", choices=sorted(WORKS), help="one work alone")
    options.add_argument(
        "--runs", type=int, help="how often each work is done; a simulation goes over a hundred times as many saves"
    )
    chosen = options.parse_args()
    logging.getLogger("waitress.queue").setLevel(logging.ERROR)
    request_log.configure(StringIO())  # lines as the program writes them
    gc.set_threshold(10_000, 20, 20)  # memory as the program keeps it when it serves (`server.cli`)
    gc.freeze()
    runs = chosen.runs or (5 if chosen.quick else 200)
    print(f"{platform.machine()}, {os.cpu_count()} cores, Python {platform.python_version()}, medians of {runs} runs")
    print(f"{'work':62} {'floor':38} {'floor':>10} {'ours':>10} {'ratio':>7}  to reach")
    for name, work in WORKS.items():
        if chosen.only in (None, name):
            for row in work(runs):
                print(
                    f"{row.work:62} {row.floor:38} {row.shown(row.floor_amount):>10} {row.shown(row.our_amount):>10} {row.ratio:6.1f}x  {row.goal}",
                    flush=True,
                )


if __name__ == "__main__":
    main()
