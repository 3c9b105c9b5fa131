"""What is taken away is whole, small in memory, and no formula in anybody's spreadsheet."""

import csv
import io
import tracemalloc
import zipfile
from xml.etree import ElementTree as ET

import pytest

from core.console import sheets
from core.console.sheets import Yuan

SPACE = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"
EVIL = ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", "  =1", "＝1"]


def read_csv(pieces):
    return list(csv.reader(io.StringIO(b"".join(pieces).decode("utf-8-sig"), newline="")))


def read_xlsx(pieces):
    book = zipfile.ZipFile(io.BytesIO(b"".join(pieces)))
    assert book.testzip() is None
    sheet = ET.fromstring(book.read("xl/worksheets/sheet1.xml"))
    for name in book.namelist():
        ET.fromstring(book.read(name))
    return [
        [("".join(cell.itertext()), cell.get("t", "n")) for cell in row]
        for row in sheet.iter(f"{SPACE}row")
    ], sheet


def test_a_table_reads_back_as_it_was_in_both_kinds():
    rows = [("橙 & <b>", 3, Yuan(-1_205), None), ('a,b\n"c"', 0, Yuan(5), "x")]

    plain = read_csv(sheets.as_csv(("甲", "乙", "丙", "丁"), rows))
    cells, _ = read_xlsx(sheets.as_xlsx(("甲", "乙", "丙", "丁"), rows))

    assert plain == [
        ["甲", "乙", "丙", "丁"],
        ["橙 & <b>", "3", "-12.05", ""],
        ['a,b\n"c"', "0", "0.05", "x"],
    ]
    assert [[text for text, _ in row] for row in cells] == plain
    assert [kind for _, kind in cells[1]] == ["inlineStr", "n", "n", "inlineStr"]


@pytest.mark.parametrize("text", EVIL)
def test_no_text_becomes_a_formula(text):
    assert read_csv(sheets.as_csv(("a",), [(text,)]))[1] == [f"'{text}"]
    cells, sheet = read_xlsx(sheets.as_xlsx(("a",), [(text,)]))
    assert cells[1][0][1] == "inlineStr"
    assert list(sheet.iter(f"{SPACE}f")) == []


def test_what_xml_cannot_hold_is_left_out():
    cells, _ = read_xlsx(sheets.as_xlsx(("a",), [("a\x00\x0b\x1fb",)]))

    assert cells[1][0][0] == "ab"


@pytest.mark.parametrize("write", [sheets.as_csv, sheets.as_xlsx])
def test_a_hundred_times_the_rows_take_no_more_memory(write):
    def peak(rows):
        tracemalloc.start()
        for _ in write(("a", "b"), ((f"row {place}", place) for place in range(rows))):
            pass
        _, most = tracemalloc.get_traced_memory()
        tracemalloc.stop()
        return most

    peak(10)

    assert peak(20_000) < peak(200) + 1_000_000
