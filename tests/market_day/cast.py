"""Who comes to the market, and what they bring: real counties and what they are known for."""

import struct
import zlib
from dataclasses import dataclass

SURNAMES = "王李张刘陈杨黄赵吴周徐孙马朱胡林郭何高罗"
GIVEN = ("秀英", "建国", "桂芳", "春生", "玉兰", "德明", "小红", "长青", "金花", "永福")
GRADES = (
    "精品大果",
    "家庭装",
    "尝鲜装",
    "礼盒装",
    "实惠装",
    "老树",
    "高山",
    "当季现摘",
    "农家自种",
    "一级",
)


@dataclass(frozen=True)
class Good:
    """One kind of produce: its category's slug, price per kilogram in fen, usual grams."""

    name: str
    category: str
    fen_per_kg: int
    grams: int
    made: str = "RAW_PRODUCE"


@dataclass(frozen=True)
class County:
    """Where farmers come from."""

    code: str
    name: str
    goods: tuple[Good, ...]


COUNTIES = (
    County(
        "420527", "秭归", (Good("脐橙", "citrus", 900, 5_000), Good("夏橙", "citrus", 760, 4_500))
    ),
    County(
        "420528",
        "长阳",
        (
            Good("木瓜", "tropical-fruit", 680, 3_000),
            Good("高山番茄", "fruit-vegetables", 520, 4_000),
        ),
    ),
    County(
        "422801",
        "恩施",
        (Good("富硒土豆", "roots-tubers", 480, 5_000), Good("玉露茶", "green-tea", 42_000, 250)),
    ),
    County(
        "429004",
        "仙桃",
        (
            Good("莲藕", "lotus-water-vegetables", 600, 5_000),
            Good("沙湖藕带", "lotus-water-vegetables", 1_800, 2_000),
        ),
    ),
    County(
        "429021",
        "神农架",
        (Good("百花蜂蜜", "honey", 9_800, 1_000), Good("香菇", "dried-mushrooms", 11_000, 500)),
    ),
    County(
        "430426",
        "祁东",
        (
            Good("黄花菜", "dried-vegetables", 7_200, 500),
            Good("酥脆枣", "stone-fruit", 1_600, 2_500),
        ),
    ),
    County(
        "520624",
        "思南",
        (Good("红心红薯", "roots-tubers", 560, 5_000), Good("晏茶", "green-tea", 36_000, 200)),
    ),
    County(
        "610629",
        "洛川",
        (Good("苹果", "apples-pears", 980, 5_000), Good("苹果小果", "apples-pears", 620, 4_500)),
    ),
    County(
        "640521",
        "中宁",
        (Good("枸杞", "food-herbs", 8_600, 500), Good("硒砂瓜", "melons", 320, 8_000)),
    ),
    County(
        "341321",
        "砀山",
        (Good("酥梨", "apples-pears", 640, 5_000), Good("黄桃", "stone-fruit", 1_150, 3_500)),
    ),
)

# Where buyers live: Shanghai, Beijing, Shenzhen, Wuhan.
ADDRESSES = ("310101", "110101", "440305", "420106")


def farmer_name(number: int) -> str:
    return SURNAMES[number % len(SURNAMES)] + GIVEN[number // len(SURNAMES) % len(GIVEN)]


def farmer_phone(number: int) -> str:
    return f"+86138{10_000_000 + number:08d}"


def buyer_phone(number: int) -> str:
    return f"+86137{20_000_000 + number:08d}"


def photo(number: int) -> bytes:
    """Return a small real PNG, a different colour for each number."""
    side = 64
    colour = bytes(((number * 37) % 256, (number * 91 + 80) % 256, (number * 53 + 40) % 256))
    rows = b"".join(b"\x00" + colour * side for _ in range(side))

    def chunk(kind: bytes, content: bytes) -> bytes:
        check = zlib.crc32(kind + content)
        return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", check)

    header = struct.pack(">IIBBBBB", side, side, 8, 2, 0, 0, 0)
    return (
        b"\x89PNG\r\n\x1a\n"
        + chunk(b"IHDR", header)
        + chunk(b"IDAT", zlib.compress(rows))
        + chunk(b"IEND", b"")
    )
