from __future__ import annotations

from pathlib import Path
from zipfile import ZipFile

import docx
import pytest

from retrieval.documents import DocumentError
from tests.retrieval.loaders.reading import read, read_one


def rules(path: Path) -> Path:
    document = docx.Document()
    document.sections[0].header.paragraphs[0].text = "For the staff"
    document.sections[0].footer.paragraphs[0].text = "Page 1"
    document.add_heading("Returns", 0)
    document.add_paragraph("You have 14 days.")
    document.add_heading("What to bring", 1)
    document.add_paragraph("Please bring:")
    document.add_paragraph("the receipt;", style="List Bullet")
    document.add_paragraph("the goods.", style="List Bullet")
    document.add_heading("Terms", 1)
    document.add_heading("By category", 2)
    table = document.add_table(4, 3)
    cells = [["Category", "Term", "Who pays"], ["Phones", "14 days", "customer"], ["Shoes", "30 days", ""], ["Faulty"]]
    for row, texts in zip(table.rows, cells):
        for cell, text in zip(row.cells, texts):
            cell.text = text
    table.cell(1, 2).merge(table.cell(2, 2))
    table.cell(3, 1).merge(table.cell(3, 2)).text = "ask us"
    document.add_heading("Steps", 1)
    document.add_paragraph("Call us.", style="List Number")
    document.add_paragraph("Pack the goods.", style="List Number")
    document.save(str(path))
    return path


def test_headings_lists_and_tables_are_kept(tmp_path: Path) -> None:
    document = read_one(rules(tmp_path / "returns.docx"))
    assert (document.id, document.title, document.language) == ("returns", "Returns", "en")
    assert document.text.split("\n\n") == [
        "# Returns",
        "You have 14 days.",
        "# What to bring",
        "Please bring:",
        "- the receipt;\n- the goods.",
        "# Terms",
        "## By category",
        "| Category | Term | Who pays |\n| --- | --- | --- |\n| Phones | 14 days | customer |\n"
        "| Shoes | 30 days | customer |\n| Faulty | ask us | ask us |",
        "# Steps",
        "1. Call us.\n2. Pack the goods.",
    ]


def test_title_and_day_come_from_the_properties_where_the_text_has_none(tmp_path: Path) -> None:
    document = docx.Document()
    document.core_properties.title = "Доставка"
    document.add_paragraph("Курьер приедет завтра.")
    document.save(str(tmp_path / "a.docx"))
    read = read_one(tmp_path / "a.docx")
    assert (read.title, read.updated) == ("Доставка", document.core_properties.modified.date().isoformat())


def test_lines_in_bold_are_headings_where_there_are_no_others(tmp_path: Path) -> None:
    document = docx.Document()
    for heading, text in (("Payment", "By card."), ("Delivery", "By courier.")):
        document.add_paragraph().add_run(heading).bold = True
        document.add_paragraph(text)
    document.add_paragraph().add_run("Note:").bold = True
    document.save(str(tmp_path / "a.docx"))
    assert read_one(tmp_path / "a.docx").text == "## Payment\n\nBy card.\n\n## Delivery\n\nBy courier.\n\n**Note:**"


def test_a_frame_of_one_cell_is_text(tmp_path: Path) -> None:
    document = docx.Document()
    document.add_table(1, 1).cell(0, 0).text = "Important."
    document.save(str(tmp_path / "a.docx"))
    assert read_one(tmp_path / "a.docx").text == "Important."


def test_a_document_without_text_or_that_is_none_is_named(tmp_path: Path) -> None:
    docx.Document().save(str(tmp_path / "empty.docx"))
    with pytest.raises(DocumentError, match="empty.docx: the article is empty"):
        read(tmp_path / "empty.docx")
    with ZipFile(tmp_path / "a.docx", "w") as package:
        package.writestr("a.txt", "text")
    with pytest.raises(DocumentError, match=r"a.docx: the file is damaged \(.*\): save it again"):
        read(tmp_path / "a.docx")
