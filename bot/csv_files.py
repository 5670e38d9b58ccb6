"""CSV as people's spreadsheets write it: UTF-8 with or without a mark, UTF-16, GBK; commas, semicolons or tabs."""

import csv
import io
from collections.abc import Iterator
from dataclasses import dataclass
from difflib import get_close_matches

LARGEST_CELL = 10_000


class FileRefused(Exception):
    """Nothing of the file can be used. `words` are Chinese: what, why, what to do."""

    def __init__(self, words: str) -> None:
        super().__init__(words)
        self.words = words


@dataclass(frozen=True)
class Row:
    line: int
    """Where it begins in the file, from 1."""
    cells: dict[str, str]
    problem: str = ""
    """Why its cells cannot be told apart; then there are none."""


def decode(content: bytes) -> str:
    """The text of a file. Raises FileRefused."""
    if content.startswith((b"PK\x03\x04", b"\xd0\xcf\x11\xe0")):
        raise FileRefused("这是 Excel 文件，不是 CSV。请在 Excel 里另存为“CSV UTF-8（逗号分隔）”再导入。")
    if content.startswith((b"\xff\xfe", b"\xfe\xff")):
        encodings: tuple[str, ...] = ("utf-16",)
    else:
        encodings = ("utf-8-sig", "gb18030")
    for encoding in encodings:
        try:
            text = content.decode(encoding)
        except UnicodeDecodeError:
            continue
        if "\0" not in text:
            return text
    raise FileRefused("看不懂文件的编码。请另存为“CSV UTF-8（逗号分隔）”再导入。")


def rows(
    content: bytes, *, columns: tuple[str, ...], required: tuple[str, ...], others: bool = False
) -> Iterator[Row]:
    """The rows under the header, blank ones left out. Raises FileRefused where the header is not as it should be.

    `others`: columns that are not in `columns` are welcome.
    """
    text = decode(content)
    first = next((line for line in text.splitlines() if line.strip()), "")
    delimiter = max(",;\t", key=first.count)
    csv.field_size_limit(max(LARGEST_CELL * 10, csv.field_size_limit()))
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=False)
    header: list[str] | None = None
    line = 1
    while True:
        try:
            cells = next(reader, None)
        except csv.Error as error:
            raise FileRefused(f"第 {line} 行起读不下去（{error}）。请检查这一行的引号是否成对。") from None
        if cells is None:
            break
        start, line = line, reader.line_num + 1
        cells = [cell.strip() for cell in cells]
        if not any(cells):
            continue
        if header is None:
            header = [cell.lower() for cell in cells]
            _check_header(header, columns, required, others)
        else:
            yield _row(start, header, cells)
    if header is None:
        raise FileRefused(f"文件是空的。第一行应当是表头：{','.join(columns)}。")


def _row(line: int, header: list[str], cells: list[str]) -> Row:
    if len(cells) != len(header):
        words = f"有 {len(cells)} 格，表头有 {len(header)} 列；请检查逗号，带逗号的内容要加引号"
        return Row(line, {}, words)
    long = next((name for name, cell in zip(header, cells, strict=True) if len(cell) > LARGEST_CELL), "")
    if long:
        return Row(line, {}, f"{long} 超过 {LARGEST_CELL} 个字；请检查前面的引号是否成对")
    return Row(line, dict(zip(header, cells, strict=True)))


def _check_header(
    header: list[str], columns: tuple[str, ...], required: tuple[str, ...], others: bool
) -> None:
    problems = []
    for name in header:
        if name not in columns and (not others or not name):
            near = get_close_matches(name, columns, n=1)
            problems.append(f"不认识的列“{name}”" + (f"（是不是 {near[0]}？）" if near else ""))
        elif header.count(name) > 1:
            problems.append(f"列“{name}”写了两次")
    problems.extend(f"缺少列“{name}”" for name in required if name not in header)
    if problems:
        found = "；".join(dict.fromkeys(problems))
        raise FileRefused(f"表头不对：{found}。表头应当是：{','.join(columns)}。")
