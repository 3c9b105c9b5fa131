"""Tables to take away, as CSV and as XLSX, written a piece at a time.

A cell is text or a whole number; amounts are given in yuan as `Yuan`. What a spreadsheet would take
for a formula is written so that it is not: CSV with an apostrophe before it, XLSX as text.
"""

import csv
import io
import zipfile
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from xml.sax.saxutils import escape

from django.http import StreamingHttpResponse

from core.console import figures

# How many rows are in memory at a time, however many there are.
AT_ONCE = 1_000
CSV, XLSX = "csv", "xlsx"
_TYPES = {
    CSV: "text/csv; charset=utf-8",
    XLSX: "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}
# A spreadsheet holds no more, and a file that it cannot open helps nobody.
ROWS_MAX = 1_048_575
_BEGINS_A_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")
# What XML 1.0 has no way to write.
_UNWRITABLE = {code: None for code in range(32) if chr(code) not in "\t\n\r"} | {
    0xFFFE: None,
    0xFFFF: None,
}


@dataclass(frozen=True, slots=True)
class Yuan:
    """An amount, shown in yuan with two places."""

    fen: int

    def __str__(self) -> str:
        sign, (whole, rest) = "-" if self.fen < 0 else "", divmod(abs(self.fen), 100)
        return f"{sign}{whole}.{rest:02d}"


Cell = str | int | Yuan | datetime | None
Row = Sequence[Cell]


def answer(
    kind: str, name: str, headings: Sequence[str], rows: Iterable[Row]
) -> StreamingHttpResponse:
    """Return a table as a file that is sent while it is written."""
    write = as_csv if kind == CSV else as_xlsx
    sent = StreamingHttpResponse(write(headings, rows), content_type=_TYPES[kind])
    sent["Content-Disposition"] = f'attachment; filename="{name}.{kind}"'
    sent["Cache-Control"] = "no-store"
    return sent


def as_csv(headings: Sequence[str], rows: Iterable[Row]) -> Iterator[bytes]:
    """Yield a table as CSV that spreadsheets read as UTF-8."""
    yield b"\xef\xbb\xbf"
    for piece in _pieces(headings, rows):
        text = io.StringIO(newline="")
        csv.writer(text).writerows([_plain(cell) for cell in row] for row in piece)
        yield text.getvalue().encode()


def as_xlsx(headings: Sequence[str], rows: Iterable[Row]) -> Iterator[bytes]:
    """Yield a table as a workbook of one sheet; nothing of it is kept once it is sent."""
    sink = _Sink()
    with zipfile.ZipFile(sink, "w", zipfile.ZIP_DEFLATED) as book:
        for path, part in _PARTS.items():
            book.writestr(path, part)
        with book.open("xl/worksheets/sheet1.xml", "w") as sheet:
            sheet.write(_SHEET_BEGINS)
            for piece in _pieces(headings, rows):
                sheet.write("".join(map(_xml_row, piece)).encode())
                yield sink.taken()
            sheet.write(_SHEET_ENDS)
    yield sink.taken()


def _pieces(headings: Sequence[str], rows: Iterable[Row]) -> Iterator[list[Row]]:
    piece: list[Row] = [headings]
    for place, row in enumerate(rows):
        if place == ROWS_MAX:
            break
        piece.append(row)
        if len(piece) >= AT_ONCE:
            yield piece
            piece = []
    yield piece


def _plain(cell: Cell) -> str:
    if isinstance(cell, datetime):
        return figures.local_second(cell)
    text = "" if cell is None else str(cell)
    is_text = isinstance(cell, str)
    return f"'{text}" if is_text and text.lstrip(" \u3000").startswith(_BEGINS_A_FORMULA) else text


class _Sink(io.RawIOBase):
    """What a workbook is written into, and taken out of as it grows; it cannot be sought in."""

    def __init__(self) -> None:
        super().__init__()
        self.waiting: list[bytes] = []

    def writable(self) -> bool:
        return True

    def write(self, part: object) -> int:
        piece = bytes(part)  # type: ignore[call-overload]
        self.waiting.append(piece)
        return len(piece)

    def taken(self) -> bytes:
        whole = b"".join(self.waiting)
        self.waiting.clear()
        return whole


def _xml_row(row: Row) -> str:
    return f"<row>{''.join(map(_xml_cell, row))}</row>"


def _xml_cell(cell: Cell) -> str:
    # Text stands inline and typed as text, so that no reader takes it for a formula.
    if isinstance(cell, Yuan):
        return f'<c s="1"><v>{cell}</v></c>'
    if isinstance(cell, int):
        return f"<c><v>{cell}</v></c>"
    text = figures.local_second(cell) if isinstance(cell, datetime) else cell or ""
    written = escape(text.translate(_UNWRITABLE))
    return f'<c t="inlineStr"><is><t xml:space="preserve">{written}</t></is></c>'


_HEAD = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>'
_MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
_OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_PACKAGE = "http://schemas.openxmlformats.org/package/2006"
_SHEET_BEGINS = f'{_HEAD}<worksheet xmlns="{_MAIN}"><sheetData>'.encode()
_SHEET_ENDS = b"</sheetData></worksheet>"
_KIND = "application/vnd.openxmlformats-officedocument.spreadsheetml"
# The least that a workbook has to have; the second of the two styles shows two places.
_PARTS = {
    "[Content_Types].xml": (
        f'{_HEAD}<Types xmlns="{_PACKAGE}/content-types">'
        '<Default Extension="rels" '
        'ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
        '<Default Extension="xml" ContentType="application/xml"/>'
        f'<Override PartName="/xl/workbook.xml" ContentType="{_KIND}.sheet.main+xml"/>'
        f'<Override PartName="/xl/worksheets/sheet1.xml" ContentType="{_KIND}.worksheet+xml"/>'
        f'<Override PartName="/xl/styles.xml" ContentType="{_KIND}.styles+xml"/></Types>'
    ),
    "_rels/.rels": (
        f'{_HEAD}<Relationships xmlns="{_PACKAGE}/relationships">'
        f'<Relationship Id="rId1" Type="{_OFFICE}/officeDocument" Target="xl/workbook.xml"/>'
        "</Relationships>"
    ),
    "xl/workbook.xml": (
        f'{_HEAD}<workbook xmlns="{_MAIN}" xmlns:r="{_OFFICE}"><sheets>'
        '<sheet name="Sheet1" sheetId="1" r:id="rId1"/></sheets></workbook>'
    ),
    "xl/_rels/workbook.xml.rels": (
        f'{_HEAD}<Relationships xmlns="{_PACKAGE}/relationships">'
        f'<Relationship Id="rId1" Type="{_OFFICE}/worksheet" Target="worksheets/sheet1.xml"/>'
        f'<Relationship Id="rId2" Type="{_OFFICE}/styles" Target="styles.xml"/></Relationships>'
    ),
    "xl/styles.xml": (
        f'{_HEAD}<styleSheet xmlns="{_MAIN}"><fonts count="1"><font/></fonts>'
        '<fills count="2"><fill><patternFill patternType="none"/></fill>'
        '<fill><patternFill patternType="gray125"/></fill></fills>'
        '<borders count="1"><border/></borders>'
        '<cellStyleXfs count="1"><xf/></cellStyleXfs>'
        '<cellXfs count="2"><xf xfId="0"/><xf numFmtId="4" xfId="0" applyNumberFormat="1"/>'
        "</cellXfs></styleSheet>"
    ),
}
