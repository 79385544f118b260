"""One safe expression language: parsed to a tree, evaluated here by closures and in the browser by `expressions.js`.

Formulas, conditions and rules share it. Values in, values out: nothing of the program can be reached from an expression.
"""

from .errors import ExpressionRefused, OutOfRange
from .expression import Expression, parse, parse_condition
from .scope import Scope

__all__ = ["Expression", "ExpressionRefused", "OutOfRange", "Scope", "parse", "parse_condition"]
