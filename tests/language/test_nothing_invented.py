"""Whatever is said, nothing raises and nothing is recorded that was not said."""

import re
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from domain.intents.records import RecordIntent, Said, Understanding
from nlu.language.quantities import find_money, find_quantities
from tests.language.company import customers, lexicon, rulebook, understood

WORDS = """
    今天 明天上午十点 下周三之前 周五 2月30日 拜访了 去 惠民超市朝阳店 永旺 物美超市
    王经理 铺了 两箱 三五箱 50箱 两箱半 原味酸奶 草莓 酸奶 样品 ， 。 不对，是 他说
    太贵了 没下单 订了 要 还剩 断货了 收到货款 三千五 一万二 38一箱 八折 蒙牛 做活动
    海报 排面 离职 独家 打车花了 46块5 怎么回 ？ 吗 再来 没见到 申请 胀包 换货
    月底结 改成 价格 报给他 原味20、草莓10，都是箱 把5600结清 每个月六百五 从42砍到39 四十多箱 便宜两块 嫌贵
    占了六个面 只剩一排 回宽 便利电 在去 一共15箱 跑了三家 老板 让我下周二过去 约好 陌拜 新店，叫天天鲜果超市
"""
PIECES = st.sampled_from(WORDS.split())
SENTENCES = st.lists(PIECES, min_size=1, max_size=14).map("".join)


def _values(meaning: Understanding) -> list[tuple[str, Said]]:
    return [(name, said) for intent in meaning.intents for name, said in intent.fields.items()]


@given(st.text(max_size=200))
@settings(max_examples=150, deadline=None)
def test_any_text_is_understood_without_an_error(text: str) -> None:
    assert understood(text).text == text


@given(SENTENCES)
@settings(max_examples=300, deadline=None)
def test_every_value_carries_words_of_the_text(text: str) -> None:
    for name, said in _values(understood(text)):
        assert name == "planned" or (said.words and said.words in text), (text, name, said)


@given(SENTENCES)
@settings(max_examples=300, deadline=None)
def test_every_number_in_a_record_is_in_its_words(text: str) -> None:
    goods = rulebook().words("units", "goods")
    for name, said in _values(understood(text)):
        if isinstance(said.value, bool) or not isinstance(said.value, int | float):
            continue
        if said.value == 0 and re.search("断货|没|空|光|完", said.words):
            continue
        assert name in ("quantity", "amount", "price", "discount"), (text, name)
        spoken = {
            float(m.value) for m in find_money(f"付{said.words}", goods, ("付",)) if m.value is not None
        }
        spoken |= {float(q.value) for q in find_quantities(said.words, goods) if q.value is not None}
        assert float(said.value) in spoken or name == "discount" or _is_count(said), (text, name, said)


@given(SENTENCES)
@settings(max_examples=200, deadline=None)
def test_codes_are_of_the_company(text: str) -> None:
    known = {c.code for c in customers()}
    for name, said in _values(understood(text)):
        if name == "customer" and said.value is not None:
            assert said.value in known
        if name == "product" and said.value is not None:
            assert said.value in lexicon().products


@given(SENTENCES)
@settings(max_examples=100, deadline=None)
def test_a_value_with_several_readings_is_never_taken(text: str) -> None:
    for _, said in _values(understood(text)):
        assert not (said.alternatives and said.value is not None)


@given(SENTENCES)
@settings(max_examples=100, deadline=None)
def test_the_same_words_always_mean_the_same(text: str) -> None:
    assert understood(text) == understood(text)


def test_a_question_never_records() -> None:
    for text in ("惠民超市朝阳店订了多少箱？", "今天要去哪几家", "他嫌贵怎么回"):
        assert not [i for i in understood(text).intents if isinstance(i, RecordIntent)]


def _is_count(said: Said) -> Any:
    return re.fullmatch(r"[一二两三四五六七八九十百\d]+[个组台张幅层面排]?", said.words)
