"""Analysis of rules over everything published: what contradicts, never matches, is shadowed, is required and cannot be filled in.

`domains` are sets of values, `boxes` the records that a condition admits, as far as that can be told of values one by one.
What is claimed holds: a condition that cannot be told (an expression, rows, old values) is kept as it stands, and two such are
alike only when they are the same. `pairs`, `fields` and `whole` find, each a `Finding`; `findings` gathers them.
"""

from .finding import Finding
from .findings import analyse, rule_warnings

__all__ = ["Finding", "analyse", "rule_warnings"]
