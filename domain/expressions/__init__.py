"""Conditions that sales operations write in flows, alerts and validations: small, typed, and safe to take from anybody.

`customer.level in ("A", "B") and stock_days < 15 and days_to.春节 <= 30`

Texts are parsed by a parser of our own and turned into closures once; there is no `eval`, no attribute access, no
power, no repetition, no regular expression. What a name means is declared by the caller, under its whole dotted name.
"""

from domain.expressions.compiling import Expression, compile
from domain.expressions.functions import FUNCTIONS
from domain.expressions.grammar import ExpressionError

__all__ = ["FUNCTIONS", "Expression", "ExpressionError", "compile"]
