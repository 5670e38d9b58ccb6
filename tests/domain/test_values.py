"""Values: what a copy takes along."""

from config.rulebook import load


def test_a_copy_works_out_anew_what_was_worked_out_of_other_fields() -> None:
    rules = load()
    assert rules.flows_of("expense") and rules.forms["visit"].field("customer")
    without = rules.model_copy(update={"flows": {}})
    assert without.flows_of("expense") == ()
    assert rules.forms["visit"].model_copy(update={"fields": ()}).field("customer") is None
