"""The same phone, tax id or company is written the same, however it was told; and merging loses nothing."""

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.leads.lead import Lead
from domain.leads.merging import FACTS, OTHERS, merged_values
from domain.leads.normalising import company_name, phone_of, plain_company, tax_id_of

NOW = datetime(2026, 3, 10, 2, 7, tzinfo=UTC)
PHONE = st.text("0123456789+-() 转分机电话１３９8６－x#", max_size=24)


@pytest.mark.parametrize(
    ("told", "phone"),
    [
        ("+86 139-0000-0001", "13900000001"),
        ("１３９００００００01", "13900000001"),
        ("电话：139 0000 0001（微信同号）", "13900000001"),
        ("010-85001234", "01085001234"),
        ("(010) 8500 1234 转 808", "01085001234-808"),
        ("+86 10 85001234", "01085001234"),
        ("400-800-1234", "4008001234"),
        ("12345", ""),
        ("", ""),
    ],
)
def test_a_phone_is_digits_alone(told: str, phone: str) -> None:
    assert phone_of(told) == phone


@given(st.one_of(PHONE, st.text(max_size=30)))
def test_normalising_again_changes_nothing(words: str) -> None:
    assert phone_of(phone_of(words)) == phone_of(words)
    assert tax_id_of(tax_id_of(words)) == tax_id_of(words)
    assert plain_company(plain_company(words)) == plain_company(words)
    company_name(words, "北京", "朝阳")


@pytest.mark.parametrize(
    ("told", "core", "kind", "branch"),
    [
        ("北京喜乐汇商贸有限公司", "喜乐汇", "商贸", ""),
        ("喜乐汇 超市", "喜乐汇", "超市", ""),
        ("喜乐汇（北京）商贸有限公司", "喜乐汇", "商贸", ""),
        ("永旺超市望京店", "永旺", "超市", "望京"),
        ("永旺超市（望京店）", "永旺", "超市", "望京"),
        ("好邻居便利店3号店", "好邻居", "便利店", "3"),
        ("上海", "上海", "", ""),
    ],
)
def test_a_name_is_taken_apart(told: str, core: str, kind: str, branch: str) -> None:
    name = company_name(told, "北京", "朝阳")
    assert (name.core, name.kind, name.branch) == (core, kind, branch)


FACT = st.sampled_from(["", "甲", "乙", "丙"])
LEADS = st.builds(
    lambda facts, products, details: Lead(
        id="L", received_at=NOW, created_at=NOW, products=tuple(products), details=details, **facts
    ),
    st.fixed_dictionaries({name: FACT for name in FACTS if name != "value"}),
    st.lists(st.sampled_from(["A", "B"]), unique=True),
    st.dictionaries(st.sampled_from(["x", "y"]), FACT, max_size=2),
)


@given(LEADS, LEADS)
def test_merging_loses_no_value_and_overwrites_none(one: Lead, other: Lead) -> None:
    kept = one.model_copy(update=merged_values(one, other))
    others = kept.details.get(OTHERS, {})
    for name in FACTS:
        old, new = getattr(one, name), getattr(other, name)
        assert getattr(kept, name) == (old or new)
        assert not new or new == getattr(kept, name) or new in others[name]
    for name, value in other.details.items():
        assert not value or value == kept.details[name] or value in others[f"details.{name}"]
    assert set(kept.products) == {*one.products, *other.products}
    assert merged_values(kept, other) == {}
