"""Amounts in capitals (大写): `231.05` is 贰佰叁拾壹元零伍分.

Issuers differ in 元 or 圆, 整 or 正, and in where they write 零; so two amounts are compared as `canonical`
leaves them. Every digit carries its unit, which is why 零 can be dropped without one amount becoming another.
"""

import re
from decimal import Decimal

DIGITS = "零壹贰叁肆伍陆柒捌玖"
_PLACES = ("", "拾", "佰", "仟")
_GROUPS = ("", "万", "亿")
MOST = Decimal(10) ** 12
"""Beyond this no invoice goes, and the ways of writing 亿 part."""

_VARIANTS = str.maketrans(
    {"圆": "元", "圓": "元", "園": "元", "正": "整", "貳": "贰", "弍": "贰", "陸": "陆", "萬": "万", "億": "亿",
     "負": "负", "参": "叁", "參": "叁", "〇": "零", "伯": "佰", "仠": "仟"}
)  # fmt: skip


def in_capitals(amount: Decimal) -> str:
    """The amount in yuan, of at most two decimals, as it is written on an invoice. ValueError beyond that."""
    fen = amount * 100
    if fen != fen.to_integral_value() or abs(amount) >= MOST:
        raise ValueError(f"{amount} is no amount in yuan and fen that can be written in capitals")
    sign = "负" if amount < 0 else ""
    yuan, rest = divmod(abs(int(fen)), 100)
    jiao, left = divmod(rest, 10)
    words = f"{_whole(yuan)}元" if yuan else ""
    if not rest:
        return f"{sign}{words or '零元'}整"
    words += f"{DIGITS[jiao]}角" if jiao else "零" if yuan else ""
    return f"{sign}{words}{DIGITS[left]}分" if left else f"{sign}{words}整"


def _whole(number: int) -> str:
    words, gap = "", False
    for index in reversed(range(3)):
        group = number // 10_000**index % 10_000
        if not group:
            gap = bool(words)
            continue
        words += ("零" if words and (gap or group < 1000) else "") + _group(group) + _GROUPS[index]
        gap = group % 10 == 0 and index > 0
    return words


def _group(number: int) -> str:
    words = ""
    for place in reversed(range(4)):
        digit = number // 10**place % 10
        if digit:
            words += DIGITS[digit] + _PLACES[place]
        elif words and not words.endswith("零") and number % 10**place:
            words += "零"
    return words


def canonical(words: str) -> str:
    """The same for all the ways of writing one amount in capitals, different for different amounts."""
    words = re.sub(r"[\s:：()（）¥￥⊗ⓧ×]|人民币|大写|数", "", words).translate(_VARIANTS)
    words = re.sub(r"零[角分]", "", words).replace("零", "").removesuffix("整")
    words = re.sub(r"^(负?)拾", r"\1壹拾", words)
    words = re.sub(r"(?<=[万亿佰仟])拾", "壹拾", words)
    return re.sub(r"^(负?)元", r"\1", words)


def same(words: str, amount: Decimal) -> bool:
    """Whether the words in capitals are this amount in yuan."""
    return canonical(words) == canonical(in_capitals(amount))


def amount_of(words: str) -> Decimal | None:
    """The amount in yuan, or None where the words are not in good order: misread, say, or cut off."""
    text = canonical(words)
    sign, text = (-1, text[1:]) if text.startswith("负") else (1, text)
    yuan, found, cents = text.rpartition("元")
    match = re.fullmatch(r"(?:([壹贰叁肆伍陆柒捌玖])角)?(?:([壹贰叁肆伍陆柒捌玖])分)?", cents)
    whole = _number(yuan) if found else 0
    if match is None or whole is None:
        return None
    jiao, fen = (DIGITS.index(digit) if digit else 0 for digit in match.groups())
    amount = sign * (Decimal(whole) + Decimal(jiao * 10 + fen) / 100)
    return amount if amount < MOST and same(words, amount) else None


def _number(words: str) -> int | None:
    total = section = digit = 0
    for char in words:
        if char in DIGITS:
            digit = DIGITS.index(char)
        elif char in ("拾", "佰", "仟"):
            section, digit = section + digit * 10 ** _PLACES.index(char), 0
        elif char == "万":
            section, digit = (section + digit) * 10_000, 0
            total, section = total + section, 0
        elif char == "亿":
            total, section, digit = (total + section + digit) * 10**8, 0, 0
        else:
            return None
    return total + section + digit
