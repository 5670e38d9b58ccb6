"""Red, yellow or green before a visit: what is known of a customer, and what the rules make of it."""

from domain.health.facts import Evidence, Known, Paid, Promised, Seen, known_of
from domain.health.rules import COLOURS, Health, HealthRules, Reason, judged

__all__ = [
    "COLOURS",
    "Evidence",
    "Health",
    "HealthRules",
    "Known",
    "Paid",
    "Promised",
    "Reason",
    "Seen",
    "judged",
    "known_of",
]
