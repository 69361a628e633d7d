"""Small spreadsheets, written by hand: what a test needs and no more."""

import zipfile
from pathlib import Path
from xml.sax.saxutils import escape

TYPES = (
    '<?xml version="1.0"?><Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">'
    '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
    '<Default Extension="xml" ContentType="application/xml"/><Override PartName="/xl/workbook.xml" '
    'ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml"/></Types>'
)
RELATION = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
PACKAGE = "http://schemas.openxmlformats.org/package/2006/relationships"
RELATIONS = (
    '<?xml version="1.0"?><Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">'
    f'<Relationship Id="rId1" Type="{RELATION}/%s" Target="%s"/></Relationships>'
)


def cell(value) -> str:
    if value is None:
        return "<c/>"
    if isinstance(value, tuple):
        formula, result = value
        return f'<c t="str"><f>{escape(formula)}</f><v>{escape(result)}</v></c>'
    if isinstance(value, int | float):
        return f"<c><v>{value}</v></c>"
    return f'<c t="inlineStr"><is><t>{escape(value)}</t></is></c>'


def write(path: Path, rows) -> Path:
    """A book with one sheet, which says how long it is; a pair is a formula and its result."""
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as book:
        book.writestr("[Content_Types].xml", TYPES)
        book.writestr("_rels/.rels", RELATIONS % ("officeDocument", "xl/workbook.xml"))
        book.writestr("xl/_rels/workbook.xml.rels", RELATIONS % ("worksheet", "worksheets/sheet1.xml"))
        book.writestr(
            "xl/workbook.xml",
            f'<?xml version="1.0"?><workbook xmlns="{MAIN}" xmlns:r="{RELATION}"><sheets>'
            '<sheet name="People" sheetId="1" r:id="rId1"/></sheets></workbook>',
        )
        with book.open("xl/worksheets/sheet1.xml", "w") as sheet:
            begin = f'<?xml version="1.0"?><worksheet xmlns="{MAIN}"><dimension ref="A1:Z{len(rows)}"/><sheetData>'
            sheet.write(begin.encode())
            for row in rows:
                sheet.write(f"<row>{''.join(map(cell, row))}</row>".encode())
            sheet.write(b"</sheetData></worksheet>")
    return path


def write_parts(path: Path, body="", *, sheet="", styles="", texts="", second="", since_1904=False) -> Path:
    """A book of parts as they are given: the rows of its sheet, or all of it."""
    relations = [("worksheet", "worksheets/sheet1.xml")]
    parts = {"worksheets/sheet1.xml": sheet or f'<worksheet xmlns="{MAIN}"><sheetData>{body}</sheetData></worksheet>'}
    for kind, name, content in (
        ("worksheet", "worksheets/sheet2.xml", second),
        ("styles", "styles.xml", styles),
        ("sharedStrings", "sharedStrings.xml", texts),
    ):
        if content:
            relations.append((kind, name))
            parts[name] = content
    listed = "".join(
        f'<Relationship Id="rId{n}" Type="{RELATION}/{kind}" Target="{name}"/>'
        for n, (kind, name) in enumerate(relations, 1)
    )
    more = '<sheet name="More" sheetId="2" r:id="rId2"/>' if second else ""
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as book:
        book.writestr("[Content_Types].xml", TYPES)
        book.writestr("_rels/.rels", RELATIONS % ("officeDocument", "xl/workbook.xml"))
        book.writestr("xl/_rels/workbook.xml.rels", f'<Relationships xmlns="{PACKAGE}">{listed}</Relationships>')
        book.writestr(
            "xl/workbook.xml",
            f'<workbook xmlns="{MAIN}" xmlns:r="{RELATION}"><workbookPr date1904="{int(since_1904)}"/><sheets>'
            f'<sheet name="People" sheetId="1" r:id="rId1"/>{more}</sheets></workbook>',
        )
        for name, content in parts.items():
            book.writestr(f"xl/{name}", content)
    return path
