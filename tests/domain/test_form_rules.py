"""What a form demands of a record, and what becomes of changed forms and their data."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from config import rulebook
from domain.forms import Form, FormField
from domain.rulebook_changes import (
    Carried,
    Unconvertible,
    carry,
    converted,
    differences,
    type_changes,
)

CLAIM = Form.model_validate(
    {
        "key": "claim",
        "label": "报损",
        "fields": [
            {"id": "amount", "label": "金额", "type": "money", "required": True, "ask": "多少钱？"},
            {
                "id": "reason",
                "label": "原因",
                "type": "text",
                "ask": "为什么？",
                "required_when": "amount > 500",
            },
            {"id": "status", "label": "状态", "type": "text", "default": "待查"},
            {"id": "due", "label": "截止", "type": "date", "default": "today"},
        ],
        "checks": [{"must": "amount <= 5000", "words": "一次报损不能超过5000元。"}],
    }
)
SHIPPED = rulebook.load()


def with_forms(*forms: Form) -> rulebook.Rulebook:
    return SHIPPED.model_copy(update={"forms": {form.key: form for form in forms}})


def changed(**fields: dict[str, object] | None) -> Form:
    """The form with some fields changed, or left out."""
    kept = [
        f.model_copy(update=fields.get(f.id) or {}) for f in CLAIM.fields if fields.get(f.id, {}) is not None
    ]
    return CLAIM.model_copy(update={"fields": tuple(kept)})


def test_a_field_may_be_required_only_when_something_is_so() -> None:
    assert CLAIM.missing({"amount": 300}) is None
    missing = CLAIM.missing({"amount": 800})
    assert missing is not None and missing.id == "reason"
    assert CLAIM.missing({"amount": 800, "reason": "破损"}) is None


def test_a_check_speaks_in_its_own_words_and_only_of_what_is_known() -> None:
    assert list(CLAIM.wrong({"amount": 6000})) == ["一次报损不能超过5000元。"]
    assert list(CLAIM.wrong({"amount": 600})) == list(CLAIM.wrong({})) == []


def test_defaults_fill_only_what_nobody_said() -> None:
    given_ = CLAIM.defaults({"status": "好"}, date(2026, 3, 1))
    assert given_ == {"due": "2026-03-01"}


def test_a_renamed_field_keeps_its_data_since_its_id_stays() -> None:
    old, new = with_forms(CLAIM), with_forms(changed(reason={"label": "损坏原因"}))
    assert carry(old, new).forms == {}
    assert differences(old, new)[:1] == ["「报损」字段「原因」改名为「损坏原因」"]


def test_a_deleted_field_is_hidden_and_comes_back_with_its_data() -> None:
    old, new = with_forms(CLAIM), with_forms(changed(reason=None))
    kept = carry(old, new).kept(new.forms)["claim"]
    reason = kept.field("reason")
    assert reason is not None and reason.hidden and kept.missing({"amount": 900}) is None
    assert kept.version == CLAIM.version + 1
    again = with_forms(kept)
    back = carry(again, old)
    assert back.forms == {} and back.kept(old.forms)["claim"].field("reason") == CLAIM.field("reason")


def test_a_deleted_form_is_retired_and_still_reads_its_records() -> None:
    old, new = with_forms(CLAIM, SHIPPED.forms["visit"]), with_forms(CLAIM)
    visit = carry(old, new).kept(new.forms)["visit"]
    assert visit.retired and visit.cues == () and visit.fields == SHIPPED.forms["visit"].fields
    twice = carry(with_forms(CLAIM, visit), with_forms(CLAIM)).kept({"claim": CLAIM})
    assert twice["visit"] == visit


def test_a_changed_form_gets_its_next_version_by_itself_and_an_unchanged_one_keeps_its_own() -> None:
    old = with_forms(CLAIM, SHIPPED.forms["visit"])
    new = with_forms(changed(amount={"ask": "一共多少？"}), SHIPPED.forms["visit"])
    versions = carry(old, new).versions
    assert versions == {"claim": 2, "visit": SHIPPED.forms["visit"].version}


def field(type_: str, **more: object) -> FormField:
    return FormField.model_validate({"id": "x", "label": "甲", "type": type_, **more})


@pytest.mark.parametrize(
    ("value", "old", "new", "result"),
    [
        (12, "number", field("text"), "12"),
        ("12.5", "text", field("money"), 12.5),
        ("2026-03-01T10:00:00+08:00", "datetime", field("date"), "2026-03-01"),
        ("2026-03-01", "date", field("datetime"), "2026-03-01"),
        ("好", "text", field("choice", choices=[{"key": "good", "label": "好"}]), "good"),
        (True, "flag", field("text"), "是"),
        ("C0001", "customer", field("text"), "C0001"),
    ],
)
def test_a_value_that_can_be_read_in_the_new_type_is_converted(
    value: object, old: str, new: FormField, result: object
) -> None:
    assert converted(value, old, new) == result  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("value", "old", "new"),
    [
        ("很多", "text", field("number")),
        ("明天", "text", field("date")),
        ("坏", "text", field("choice", choices=[{"key": "good", "label": "好"}])),
        ("惠民", "text", field("customer")),
        ("C0001", "customer", field("product")),
        (["price"], "objections", field("text")),
    ],
)
def test_a_value_that_says_nothing_in_the_new_type_is_refused(
    value: object, old: str, new: FormField
) -> None:
    with pytest.raises(Unconvertible):
        converted(value, old, new)  # type: ignore[arg-type]


def test_a_changed_type_is_found_also_behind_a_deletion() -> None:
    hidden = carry(with_forms(CLAIM), with_forms(changed(amount=None)))
    in_force = with_forms(*hidden.kept({"claim": changed(amount=None)}).values())
    (change,) = type_changes(in_force, with_forms(changed(amount={"type": "text"})))
    assert (change.form, change.field.id, change.old) == ("claim", "amount", "money")


field_sets = st.sets(st.sampled_from([f.id for f in CLAIM.fields]))


@given(st.lists(field_sets, min_size=1, max_size=6))
def test_no_series_of_changes_loses_a_field_that_ever_held_data(series: list[set[str]]) -> None:
    in_force, ever = with_forms(CLAIM), {f.id for f in CLAIM.fields}
    for kept in series:
        written = with_forms(changed(**dict.fromkeys(ever - kept)))
        carried = Carried.model_validate_json(carry(in_force, written).model_dump_json())
        in_force = with_forms(*carried.kept(written.forms).values())
        form = in_force.forms["claim"]
        assert {f.id for f in form.fields} == ever
        assert {f.id for f in form.fields if not f.hidden} == kept
