"""What stands on papers: names, numbers, goods and amounts that fit together. All made up, all from a seed."""

import random
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import ROUND_HALF_UP, Decimal

CENT = Decimal("0.01")
CITIES = (
    "北京", "上海", "天津", "杭州", "南京", "苏州", "成都", "武汉", "广州", "西安", "长沙", "合肥", "福州",
)  # fmt: skip
REGIONS = ("11", "12", "31", "32", "33", "34", "35", "41", "42", "43", "44", "50", "51", "61")
BRANDS = (
    "青城", "金穗", "万和", "东湖", "长青", "新世纪", "聚福", "百味", "华光", "宏远", "天成", "明月", "四季",
)  # fmt: skip
BUYERS = ("青禾乳业有限公司", "北京青禾乳业销售有限公司", "青禾乳业（上海）有限公司")
PEOPLE = ("李明", "王芳", "张伟", "刘洋", "陈静", "杨帆", "赵敏", "周杰")
ALPHABET = "0123456789ABCDEFGHJKLMNPQRTUWXY"
WEIGHTS = (1, 3, 9, 27, 19, 26, 16, 17, 20, 29, 25, 13, 8, 24, 10, 30, 28)


@dataclass(frozen=True)
class Goods:
    name: str
    quantity: int
    price: Decimal

    @property
    def amount(self) -> Decimal:
        return self.quantity * self.price


@dataclass(frozen=True)
class Trade:
    """What one kind of seller sells: its name's ending, goods with the price range in yuan, the tax rate."""

    category: str
    ending: str
    goods: tuple[tuple[str, int, int], ...]
    rate: int
    unit: str


TRADES = (
    Trade(
        "餐饮", "餐饮管理有限公司", (("*餐饮服务*餐费", 60, 900), ("*餐饮服务*餐饮服务", 50, 600)), 6, "次"
    ),
    Trade(
        "住宿", "酒店管理有限公司", (("*住宿服务*住宿费", 200, 900), ("*住宿服务*房费", 180, 700)), 6, "天"
    ),
    Trade("交通", "出租汽车有限公司", (("*运输服务*客运服务费", 20, 300),), 3, "次"),
    Trade("办公", "文化用品有限公司", (("*纸制品*复印纸", 20, 180), ("*文具*中性笔", 10, 60)), 13, "盒"),
    Trade("通讯", "通信服务有限公司", (("*电信服务*话费", 50, 300), ("*电信服务*宽带费", 60, 400)), 9, "月"),
    Trade("其他", "商贸有限公司", (("*日用杂品*礼品袋", 10, 90), ("*家具*折叠桌", 90, 400)), 13, "个"),
)
DISHES = (
    ("宫保鸡丁", 38), ("清蒸草鱼", 98), ("蒜蓉西兰花", 32), ("酸辣汤", 28), ("米饭", 3), ("红烧肉", 68),
    ("菊花清茶", 6), ("手撕包菜", 26), ("老醋花生", 18), ("番茄炒蛋", 24),
)  # fmt: skip
WARES = (
    ("原味酸奶", 5.5), ("全麦面包", 12.8), ("纯牛奶", 3.9), ("矿泉水", 2.0), ("抽纸三包", 15.9), ("苹果", 9.8),
    ("草莓酸奶", 6.5), ("洗手液", 18.5), ("方便面", 4.5), ("火腿肠", 7.2),
)  # fmt: skip
SHOPS = ("惠民超市朝阳店", "好邻居便利店", "永旺超市望京店", "万家福超市", "佳美便利店")
RESTAURANTS = ("老北京家常菜馆", "聚福楼酒家", "百味川菜馆", "东湖渔家饭店", "四季火锅城")
HOTELS = ("青城国际酒店", "金穗商务宾馆", "东湖假日酒店", "长青快捷酒店")
STATIONS = (
    "北京南",
    "上海虹桥",
    "杭州东",
    "南京南",
    "武汉",
    "长沙南",
    "成都东",
    "西安北",
    "天津西",
    "合肥南",
)
PINYIN = {
    "北京南": "Beijingnan", "上海虹桥": "Shanghaihongqiao", "杭州东": "Hangzhoudong", "南京南": "Nanjingnan",
    "武汉": "Wuhan", "长沙南": "Changshanan", "成都东": "Chengdudong", "西安北": "Xi'anbei",
    "天津西": "Tianjinxi", "合肥南": "Hefeinan",
}  # fmt: skip
AIRPORTS = ("北京首都", "上海虹桥", "广州白云", "成都双流", "西安咸阳", "杭州萧山", "长沙黄花")
AIRLINES = (
    ("CA", "中国国际航空股份有限公司"),
    ("MU", "中国东方航空股份有限公司"),
    ("CZ", "中国南方航空股份有限公司"),
)
TOLLGATES = ("北京大兴", "廊坊北", "天津东", "沪宁无锡", "杭州西", "武汉北", "长沙西", "合肥东")
EXPRESSWAYS = ("河北省高速公路", "江苏省高速公路", "浙江省高速公路", "湖北省高速公路", "安徽省高速公路")


def yuan(amount: Decimal) -> str:
    return f"{amount:.2f}"


class Chance(random.Random):
    """Seeded choices with the vocabulary of papers."""

    def digits(self, count: int) -> str:
        return "".join(self.choice("0123456789") for _ in range(count))

    def credit_code(self) -> str:
        """A unified social credit code of 18 characters with its check character (GB 32100-2015)."""
        body = f"91{self.choice(REGIONS)}0{self.digits(3)}MA" + "".join(self.choices(ALPHABET, k=7))
        total = sum(weight * ALPHABET.index(c) for weight, c in zip(WEIGHTS, body, strict=True))
        return body + ALPHABET[-total % 31]

    def day(self) -> date:
        return date(2025, 3, 1) + timedelta(days=self.randrange(360))

    def clock(self) -> str:
        return f"{self.randrange(6, 24):02d}:{self.randrange(60):02d}"

    def money(self, low: int, high: int) -> Decimal:
        return Decimal(self.randrange(low * 100, high * 100)) / 100

    def digital_number(self, day: date) -> str:
        """A 20-digit number: year, region, channel, sequence."""
        return f"{day:%y}{self.choice(REGIONS)}{self.choice(('2', '7'))}{self.digits(15)}"

    def passenger(self) -> str:
        return f"110101{self.randrange(1960, 2004)}****{self.digits(4)} {self.choice(PEOPLE)}"


@dataclass(frozen=True)
class Bill:
    """An invoice whose lines, tax and total fit together, rounded as tax software rounds them."""

    trade: Trade
    seller: str
    seller_id: str
    buyer: str
    buyer_id: str
    day: date
    lines: tuple[tuple[str, int, Decimal, Decimal, Decimal], ...]
    """Name, quantity, price without tax, amount, tax."""

    @property
    def net(self) -> Decimal:
        return sum((line[3] for line in self.lines), Decimal(0))

    @property
    def tax(self) -> Decimal:
        return sum((line[4] for line in self.lines), Decimal(0))

    @property
    def total(self) -> Decimal:
        return self.net + self.tax

    @property
    def rate(self) -> str:
        return f"{self.trade.rate}%"

    def fields(self) -> dict[str, str]:
        return {
            "date": self.day.isoformat(),
            "total": yuan(self.total),
            "net": yuan(self.net),
            "tax": yuan(self.tax),
            "rate": self.rate,
            "seller_name": plain(self.seller),
            "seller_tax_id": self.seller_id,
            "buyer_name": plain(self.buyer),
            "buyer_tax_id": self.buyer_id,
            "category": self.trade.category,
        }


def plain(name: str) -> str:
    """A name as it is compared: half-width brackets."""
    return name.replace("（", "(").replace("）", ")")


def bill(chance: Chance, most_lines: int = 3) -> Bill:
    trade = chance.choice(TRADES)
    lines = []
    for name, low, high in chance.sample(trade.goods, k=min(len(trade.goods), chance.randint(1, most_lines))):
        quantity = chance.choice((1, 1, 1, 2, 3))
        price = chance.money(low, high)
        amount = quantity * price
        tax = (amount * trade.rate / 100).quantize(CENT, ROUND_HALF_UP)
        lines.append((name, quantity, price, amount, tax))
    return Bill(
        trade=trade,
        seller=f"{chance.choice(CITIES)}{chance.choice(BRANDS)}{trade.ending}",
        seller_id=chance.credit_code(),
        buyer=chance.choice(BUYERS),
        buyer_id=chance.credit_code(),
        day=chance.day(),
        lines=tuple(lines),
    )


FIGURES = "零壹贰叁肆伍陆柒捌玖"


def capital(amount: Decimal) -> str:
    """An amount below 100,000,000 in the capital figures of invoices: 231.05 → 贰佰叁拾壹圆零伍分."""
    whole, cents = divmod(int(amount * 100), 100)
    jiao, fen = divmod(cents, 10)
    words = _whole(whole) + "圆" if whole else ""
    if not cents:
        return (words or "零圆") + "整"
    words += FIGURES[jiao] + "角" if jiao else ("零" if words else "")
    return words + (FIGURES[fen] + "分" if fen else "整")


def _whole(number: int) -> str:
    high, low = divmod(number, 10_000)
    words = _four(high) + "万" if high else ""
    if low:
        words += ("零" if high and low < 1000 else "") + _four(low)
    return words


def _four(number: int) -> str:
    words, gap = "", False
    for value, unit in ((1000, "仟"), (100, "佰"), (10, "拾"), (1, "")):
        figure, number = divmod(number, value)
        if figure:
            words += ("零" if gap and words else "") + FIGURES[figure] + unit
            gap = False
        else:
            gap = True
    return words
