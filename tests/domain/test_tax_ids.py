import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.tax_ids import ALPHABET, check_character, form_of

HEADS = st.text(alphabet=ALPHABET, min_size=17, max_size=17)


@pytest.mark.parametrize("tax_id", ["91110000600037341L", "91330100799655058B", "914403001922038216"])
def test_tax_numbers_of_well_known_companies_are_sound(tax_id: str) -> None:
    assert form_of(tax_id) == "sound"


@given(HEADS, st.integers(0, 17), st.sampled_from(ALPHABET))
def test_one_wrong_character_is_always_found(head: str, place: int, char: str) -> None:
    whole = head + check_character(head)
    assert form_of(whole) == "sound"
    broken = whole[:place] + char + whole[place + 1 :]
    if char != whole[place]:
        # A number that happens to be a sound ID card's is one: 1 in 31 × 11 of those that look like one.
        assert form_of(broken) == "wrong_check" or broken[6:8] in ("19", "20")


@given(HEADS, st.integers(0, 15))
def test_two_characters_that_changed_places_are_found(head: str, place: int) -> None:
    whole = head + check_character(head)
    swapped = whole[:place] + whole[place + 1] + whole[place] + whole[place + 2 :]
    if swapped != whole:
        assert form_of(swapped) == "wrong_check" or swapped[6:8] in ("19", "20")


def test_letters_that_the_standard_leaves_out_are_wrong() -> None:
    assert form_of("9111000060003734OL") == "wrong_check"


@pytest.mark.parametrize("tax_id", ["110108600037341", "11010519491231002X01"])
def test_numbers_from_before_2015_cannot_be_checked(tax_id: str) -> None:
    assert form_of(tax_id) == "legacy"


def test_a_person_sells_under_the_number_of_the_id_card() -> None:
    assert form_of("11010519491231002X") == "sound"
    assert form_of("110105194912310021") == "wrong_check"


@pytest.mark.parametrize("tax_id", ["", "9111000060003734", "91110000-00037341L"])
def test_other_lengths_and_signs_are_no_tax_number(tax_id: str) -> None:
    assert form_of(tax_id) == "malformed"


def test_spaces_and_small_letters_do_not_matter() -> None:
    assert form_of("9111 0000 6000 3734 1l") == "sound"
