"""Watermarks as the cameras of several makers print them, and business cards, with known contents. All made up."""

import random
from collections.abc import Callable
from dataclasses import dataclass, field

from PIL import Image, ImageDraw

from tests.photos.scenes import font

Picture = Image.Image
Box = tuple[int, int, int, int]

PLACES = (
    ("北京市", "北京市朝阳区朝阳北路101号"),
    ("北京市", "北京市朝阳区广顺南大街16号"),
    ("北京市", "北京市海淀区中关村大街27号"),
    ("上海市", "上海市浦东新区世纪大道88号"),
    ("广州市", "广东省广州市天河区体育西路109号"),
    ("成都市", "四川省成都市武侯区人民南路四段12号"),
    ("杭州市", "浙江省杭州市西湖区文三路478号"),
)
PEOPLE = ("李伟", "张敏", "王磊", "陈晨", "刘洋", "赵一鸣")
WEEKDAYS = "一二三四五六日"


@dataclass(frozen=True)
class Stamp:
    """What a watermark says."""

    date: str = "2026-03-10"
    time: str = "10:05"
    address: str = "北京市朝阳区朝阳北路101号"
    city: str = "北京市"
    reporter: str = "李伟"
    latitude: float = 39.923614
    longitude: float = 116.503482

    @property
    def parts(self) -> tuple[int, int, int]:
        year, month, day = map(int, self.date.split("-"))
        return year, month, day

    @property
    def chinese(self) -> str:
        year, month, day = self.parts
        return f"{year}年{month}月{day}日"

    @property
    def weekday(self) -> str:
        from datetime import date

        return f"星期{WEEKDAYS[date(*self.parts).weekday()]}"


@dataclass(frozen=True)
class Stamped:
    picture: Picture
    truth: dict[str, str]
    boxes: tuple[Box, ...] = field(default=())


class Pen:
    """Writes on a photo in white with a dark edge, and remembers where."""

    def __init__(self, picture: Picture) -> None:
        self.picture = picture.copy()
        self.draw = ImageDraw.Draw(self.picture)
        self.boxes: list[Box] = []
        self.unit = min(picture.size) / 600

    def write(
        self, x: float, y: float, text: str, size: float, fill: str | tuple[int, int, int] = "white"
    ) -> float:
        """Returns where the next line begins."""
        letters = font(max(10, round(size * self.unit)))
        at = (round(x), round(y))
        self.draw.text(
            at, text, font=letters, fill=fill, stroke_width=max(1, round(self.unit)), stroke_fill=(40, 40, 40)
        )
        left, top, right, bottom = self.draw.textbbox(at, text, font=letters)
        self.boxes.append((round(left), round(top), round(right), round(bottom)))
        return y + size * self.unit * 1.45

    def panel(
        self, box: tuple[float, float, float, float], colour: tuple[int, int, int], strength: float
    ) -> None:
        whole = tuple(round(edge) for edge in box)
        part = self.picture.crop(whole)  # type: ignore[arg-type]
        self.picture.paste(Image.blend(part, Image.new("RGB", part.size, colour), strength), whole[:2])  # type: ignore[arg-type]
        self.draw = ImageDraw.Draw(self.picture)

    def done(self, stamp: Stamp, *keys: str) -> Stamped:
        return Stamped(self.picture, {key: str(getattr(stamp, key)) for key in keys}, tuple(self.boxes))


def big_clock(picture: Picture, stamp: Stamp) -> Stamped:
    """The time large at the bottom left, the date beside it, the address below."""
    pen = Pen(picture)
    height, u = picture.height, pen.unit
    pen.write(24 * u, height - 150 * u, stamp.time, 56)
    pen.draw.rectangle([190 * u, height - 142 * u, 194 * u, height - 86 * u], fill=(250, 190, 30))
    pen.write(206 * u, height - 144 * u, stamp.date.replace("-", "."), 22)
    pen.write(206 * u, height - 114 * u, f"{stamp.weekday} 晴 12℃", 20)
    pen.write(24 * u, height - 76 * u, stamp.address, 24)
    pen.write(picture.width - 170 * u, height - 40 * u, "今日水印相机", 20)
    return pen.done(stamp, "date", "time", "address", "city")


def one_line(picture: Picture, stamp: Stamp) -> Stamped:
    """Date, weekday and time in one line, weather and address below."""
    pen = Pen(picture)
    x, y = 22 * pen.unit, picture.height - 140 * pen.unit
    y = pen.write(x, y, f"{stamp.chinese} {stamp.weekday} {stamp.time}", 26)
    y = pen.write(x, y, "晴 12℃ 东北风2级", 22)
    pen.write(x, y, stamp.address, 24)
    pen.write(picture.width - 210 * pen.unit, 18 * pen.unit, "马克水印相机", 22)
    return pen.done(stamp, "date", "time", "address", "city")


def coordinates(picture: Picture, stamp: Stamp) -> Stamped:
    """Labels and values on a dark panel, with the position in degrees."""
    pen = Pen(picture)
    u = pen.unit
    pen.panel((14 * u, 14 * u, 470 * u, 246 * u), (10, 30, 60), 0.55)
    x, y = 26 * u, 22 * u
    for line in (
        f"经度：{stamp.longitude:.6f}",
        f"纬度：{stamp.latitude:.6f}",
        f"地址：{stamp.address}",
        f"时间：{stamp.date} {stamp.time}:36",
        "海拔：43.2米",
        "备注：陈列检查",
    ):
        y = pen.write(x, y, line, 23)
    pen.write(picture.width - 200 * u, picture.height - 44 * u, "元道经纬相机", 22)
    return pen.done(stamp, "date", "time", "address", "city", "latitude", "longitude")


def form(picture: Picture, stamp: Stamp) -> Stamped:
    """A titled panel as building sites and field teams use it."""
    pen = Pen(picture)
    u = pen.unit
    top = picture.height - 230 * u
    pen.panel((16 * u, top, 440 * u, picture.height - 16 * u), (245, 245, 248), 0.75)
    pen.panel((16 * u, top, 440 * u, top + 44 * u), (20, 90, 200), 0.9)
    pen.write(28 * u, top + 8 * u, "拜访记录", 24)
    x, y = 28 * u, top + 54 * u
    for line in (
        f"拍摄时间：{stamp.date.replace('-', '.')} {stamp.time}",
        "天气：晴 12℃",
        f"地点：{stamp.address}",
        f"拍摄人：{stamp.reporter}",
    ):
        y = pen.write(x, y, line, 22, (30, 30, 36))
    return pen.done(stamp, "date", "time", "address", "city", "reporter")


def office(picture: Picture, stamp: Stamp) -> Stamped:
    """As the office messengers do it: time and date, company and name, address."""
    pen = Pen(picture)
    u = pen.unit
    x, y = 24 * u, picture.height - 176 * u
    pen.write(x, y, stamp.time, 50)
    pen.write(x + 150 * u, y + 20 * u, f"{stamp.date.replace('-', '/')} {stamp.weekday}", 22)
    y = pen.write(x, y + 74 * u, f"青禾乳业 · {stamp.reporter}", 22)
    pen.write(x, y, stamp.address, 22)
    return pen.done(stamp, "date", "time", "address", "city", "reporter")


def two_lines_of_address(picture: Picture, stamp: Stamp) -> Stamped:
    """An address that is broken where the line is full."""
    pen = Pen(picture)
    u = pen.unit
    x, y = 24 * u, picture.height - 150 * u
    y = pen.write(x, y, f"{stamp.date} {stamp.time}", 26)
    half = stamp.address.index("区") + 1 if "区" in stamp.address else len(stamp.address) // 2
    y = pen.write(x, y, f"地址：{stamp.address[:half]}", 24)
    pen.write(x + 24 * 3 * u, y, stamp.address[half:], 24)
    return pen.done(stamp, "date", "time", "address", "city")


LAYOUTS: dict[str, Callable[[Picture, Stamp], Stamped]] = {
    "big clock": big_clock,
    "one line": one_line,
    "coordinates": coordinates,
    "form": form,
    "office": office,
    "two lines of address": two_lines_of_address,
}


def stamp_of(seed: int) -> Stamp:
    chance = random.Random(seed)
    city, address = chance.choice(PLACES)
    return Stamp(
        date=f"2026-{chance.randint(1, 12):02d}-{chance.randint(1, 28):02d}",
        time=f"{chance.randint(7, 20):02d}:{chance.randint(0, 59):02d}",
        address=address,
        city=city,
        reporter=chance.choice(PEOPLE),
        latitude=round(chance.uniform(22, 41), 6),
        longitude=round(chance.uniform(104, 121), 6),
    )


@dataclass(frozen=True)
class Card:
    name: str = "王建国"
    title: str = "采购经理"
    company: str = "北京惠民超市有限公司"
    mobile: str = "13812345678"
    address: str = "北京市朝阳区朝阳北路101号"


def business_card(card: Card, layout: int = 0, seed: int = 1) -> Picture:
    """A card on a table. Three layouts: name first, company first, name in the middle with its letters apart."""
    chance = random.Random(seed)
    paper = Image.new("RGB", (900, 540), (252, 251, 247))
    draw = ImageDraw.Draw(paper)

    def put(x: int, y: int, text: str, size: int, ink: tuple[int, int, int] = (36, 36, 42)) -> None:
        draw.text((x, y), text, font=font(size), fill=ink)

    mobile = card.mobile
    if layout == 0:
        put(70, 80, card.name, 58)
        put(290, 106, card.title, 30)
        put(70, 220, card.company, 36, (20, 70, 150))
        put(70, 320, f"手机：{mobile}", 28)
        put(70, 370, "邮箱：wang@huimin.example", 28)
        put(70, 420, f"地址：{card.address}", 28)
    elif layout == 1:
        put(60, 50, card.company, 40, (150, 30, 30))
        put(60, 190, card.name, 54)
        put(60, 270, card.title, 30)
        put(60, 370, f"电话 010-87654321  手机 {mobile[:3]} {mobile[3:7]} {mobile[7:]}", 28)
        put(60, 430, f"地址 {card.address}", 26)
    else:
        draw.rectangle([0, 0, 900, 110], fill=(30, 90, 70))
        put(60, 30, card.company, 40, (250, 250, 245))
        put(330, 190, " ".join(card.name), 54)
        put(360, 280, card.title, 28)
        put(60, 400, f"Mobile: {mobile}", 28)
        put(60, 450, f"Add: {card.address}", 26)
    table = Image.new("RGB", (1100, 760), tuple(chance.randint(60, 160) for _ in range(3)))
    table.paste(paper, (100, 110))
    return table.rotate(chance.uniform(-2, 2), Image.Resampling.BICUBIC, fillcolor=(110, 90, 70))
