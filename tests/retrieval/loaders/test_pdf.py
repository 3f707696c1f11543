from __future__ import annotations

from importlib.util import find_spec
from pathlib import Path
from typing import Any, Literal

import pytest
from reportlab.lib.colors import black
from reportlab.lib.pdfencrypt import StandardEncryption
from reportlab.lib.styles import ParagraphStyle
from reportlab.lib.utils import ImageReader
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.ttfonts import TTFont
from reportlab.pdfgen.canvas import Canvas
from reportlab.platypus import BaseDocTemplate, Flowable, Frame, PageTemplate, Paragraph, Table

from retrieval.chunking import passages_of
from retrieval.documents import DocumentError
from tests.retrieval.loaders.reading import read, read_one

WIDTH, HEIGHT = 600.0, 800.0
TEXT, BOLD = "Text", "Text-Bold"

Line = tuple[float, float, str, float, str]  # place from the left and from above, text, size, font


@pytest.fixture(scope="module", autouse=True)
def fonts() -> None:
    """A font with Russian letters, from matplotlib."""
    package = find_spec("matplotlib")
    assert package is not None and package.submodule_search_locations
    folder = Path(package.submodule_search_locations[0]) / "mpl-data/fonts/ttf"
    pdfmetrics.registerFont(TTFont(TEXT, folder / "DejaVuSans.ttf"))
    pdfmetrics.registerFont(TTFont(BOLD, folder / "DejaVuSans-Bold.ttf"))


def line(place: float, text: str, x: float = 50, size: float = 10, font: str = TEXT) -> Line:
    return x, place, text, size, font


def drawn(path: Path, *pages: list[Line], encrypt: StandardEncryption | None = None) -> Path:
    """A PDF with lines at their places."""
    canvas = Canvas(str(path), pagesize=(WIDTH, HEIGHT), encrypt=encrypt)
    for page in pages:
        for x, place, text, size, font in page:
            canvas.setFont(font, size)
            canvas.drawString(x, HEIGHT - place, text)
        canvas.showPage()
    canvas.save()
    return path


def lines(texts: str, start: float = 100, x: float = 50) -> list[Line]:
    """Lines of a paragraph, one below the other."""
    return [line(start + 13 * number, text, x) for number, text in enumerate(texts.split("\n"))]


def text_of(path: Path) -> str:
    return read_one(path).text


# -- paragraphs ---------------------------------------------------------------------------------


def test_lines_become_paragraphs_headings_and_lists(tmp_path: Path) -> None:
    page = [
        line(60, "Руководство", size=20, font=BOLD),
        *lines("Курьер привозит заказ за два дня, если товар есть на складе,\nи за неделю, если его нет."),
        *lines("Новый абзац.", start=140),
        line(180, "Что нужно, чтобы получить заказ", size=14),
        line(198, "в пункте выдачи", size=14),
        *lines("• паспорт или другой документ, который удостоверяет\nличность;\n• номер заказа.", start=220),
        *lines("1. Назовите номер.\n2. Покажите паспорт.", start=280),
        line(330, "Если не пришли", font=BOLD),
        *lines("Заказ хранится семь дней.", start=343),
    ]
    assert text_of(drawn(tmp_path / "a.pdf", page)).split("\n\n") == [
        "# Руководство",
        "Курьер привозит заказ за два дня, если товар есть на складе, и за неделю, если его нет.",
        "Новый абзац.",
        "## Что нужно, чтобы получить заказ в пункте выдачи",
        "- паспорт или другой документ, который удостоверяет личность;\n- номер заказа.",
        "1. Назовите номер.\n2. Покажите паспорт.",
        "### Если не пришли",
        "Заказ хранится семь дней.",
    ]


@pytest.mark.parametrize(
    ("broken", "whole"),
    [
        ("возврат то-\nвара", "возврат товара"),
        ("возврат то\u00ad\nвара", "возврат товара"),
        ("город Санкт-\nПетербург", "город Санкт-Петербург"),
        ("если почему-\nто нет", "если почему-то нет"),
        ("интернет-магазин, наш интернет-\nмагазин", "интернет-магазин, наш интернет-магазин"),
        ("заказ NL-\n104233", "заказ NL-104233"),
        ("срок -\nнеделя", "срок - неделя"),
    ],
)
def test_hyphens_at_line_ends_go_unless_they_belong_to_the_word(tmp_path: Path, broken: str, whole: str) -> None:
    assert (
        text_of(drawn(tmp_path / "a.pdf", lines(f"Когда нужен {broken} в этот день")))
        == f"Когда нужен {whole} в этот день"
    )


def test_short_lines_stay_lines(tmp_path: Path) -> None:
    page = lines("ООО Пример\nМосква, Лесная улица, 5\n8 800 200-00-00") + lines("Текст " * 15, start=180)
    assert text_of(drawn(tmp_path / "a.pdf", page)).startswith(
        "ООО Пример\nМосква, Лесная улица, 5\n8 800 200-00-00\n\n"
    )


def test_what_looks_like_markdown_makes_no_heading(tmp_path: Path) -> None:
    assert text_of(drawn(tmp_path / "a.pdf", lines("# apt install lichno"))) == "apt install lichno"


# -- pages --------------------------------------------------------------------------------------


def test_headers_and_footers_go_and_pages_are_known(tmp_path: Path) -> None:
    def page(number: int, text: str) -> list[Line]:
        return [
            line(30, "Северное сияние", size=8),
            line(60, f"Шаг {number}", font=BOLD),
            *lines(text),
            line(780, "northernlights.example", size=8),
            line(780, f"Стр. {number} из 4", x=500, size=8),
        ]

    path = drawn(
        tmp_path / "a.pdf", page(1, "Один."), page(2, "Два, и это"), page(3, "ещё не конец."), page(4, "Четыре.")
    )
    document = read_one(path)
    assert "Северное" not in document.text and "northern" not in document.text and "Стр." not in document.text
    assert [(passage.section, passage.page) for passage in passages_of(document)] == [
        (f"Шаг {number}", number) for number in (1, 2, 3, 4)
    ]


def test_a_line_on_every_page_stays_where_there_is_nothing_else(tmp_path: Path) -> None:
    assert text_of(drawn(tmp_path / "a.pdf", *[[line(30, "Закрыто")]] * 2)) == "Закрыто\n\nЗакрыто"


def test_a_paragraph_goes_on_over_the_page(tmp_path: Path) -> None:
    path = drawn(tmp_path / "a.pdf", lines("Курьер позво-"), [], lines("нит за час до приезда."))
    document = read_one(path)
    assert document.text == "Курьер позвонит за час до приезда."
    assert document.page_starts == (0, len("Курьер позво-"), len("Курьер позво-"))


# -- columns and tables -------------------------------------------------------------------------

STORY = [
    "Курьер привозит заказ за два дня, если товар есть на складе, и за неделю, если его нет в городе.",
    "Перенести день или интервал можно бесплатно до восьми вечера накануне в разделе «Мои заказы».",
    "Назовите курьеру код получения: он придёт в сообщении утром в день доставки.",
    "Если вас не было дома, мы приедем ещё раз в течение трёх дней, день согласуем с вами заранее.",
] * 3


def set_in_columns(path: Path, story: list[Flowable], columns: int, height: float = HEIGHT) -> Path:
    width = (WIDTH - 80) / columns
    frames = [Frame(40 + number * width, 40, width - 10, height - 80) for number in range(columns)]
    document = BaseDocTemplate(str(path), pagesize=(WIDTH, height))
    document.addPageTemplates(PageTemplate(frames=frames))
    document.build(story)
    return path


@pytest.mark.parametrize("columns", [1, 2, 3])
@pytest.mark.parametrize("alignment", [0, 4])
def test_columns_are_read_one_after_another(tmp_path: Path, columns: int, alignment: Literal[0, 4]) -> None:
    style = ParagraphStyle("body", fontName=TEXT, fontSize=9, leading=12, spaceAfter=8, alignment=alignment)
    path = set_in_columns(tmp_path / "a.pdf", [Paragraph(text, style) for text in STORY], columns, height=300)
    assert text_of(path).split("\n\n") == STORY


def test_a_title_across_both_columns_comes_first(tmp_path: Path) -> None:
    left, right = ("Левый столбец рассказывает о доставке.\n" * 6, "Правый столбец говорит об оплате.\n" * 6)
    page = [line(60, "Помощь покупателям нашего магазина по всей стране", size=18, font=BOLD)]
    page += lines(left.strip()) + lines(right.strip(), x=330)
    text = text_of(drawn(tmp_path / "a.pdf", page))
    assert text.startswith("# Помощь")
    assert text.index("Левый") < text.rindex("Левый") < text.index("Правый")


def test_tables_with_rules_are_kept_over_pages_and_merged_cells_hold_for_all(tmp_path: Path) -> None:
    rows = [["Город", "Срок", "Цена"], ["Москва", "1 день", "299 ₽"], ["Тверь", "2 дня", ""]]
    rows += [[f"Город {n}", "неделя", f"{n} ₽"] for n in range(20)]
    style: list[Any] = [
        ("GRID", (0, 0), (-1, -1), 0.5, black),
        ("SPAN", (2, 1), (2, 2)),
        ("FONT", (0, 0), (-1, -1), TEXT),
    ]
    document = read_one(set_in_columns(tmp_path / "a.pdf", [Table(rows, style=style, repeatRows=1)], 1, height=300))
    rows[2][2] = "299 ₽"
    rule = ["---"] * 3
    assert document.text.split("\n") == [f"| {' | '.join(row)} |" for row in [rows[0], rule, *rows[1:]]]
    assert len(document.page_starts) > 1
    assert document.text[document.page_starts[1] :].strip().startswith("| Город ")


def test_a_row_of_one_cell_says_it_once_and_cells_have_no_hyphens_at_line_ends(tmp_path: Path) -> None:
    rows = [["Город", "Срок\nдостав-\nки"], ["Центр", ""], ["Москва", "1 день"]]
    style: list[Any] = [
        ("GRID", (0, 0), (-1, -1), 0.5, black),
        ("SPAN", (0, 1), (1, 1)),
        ("FONT", (0, 0), (-1, -1), TEXT),
    ]
    assert text_of(set_in_columns(tmp_path / "a.pdf", [Table(rows, style=style)], 1)).split("\n") == [
        "| Город | Срок доставки |",
        "| --- | --- |",
        "| Центр |  |",
        "| Москва | 1 день |",
    ]


def test_a_table_without_rules_is_read_by_rows(tmp_path: Path) -> None:
    rows = [("Куда", "Срок", "Цена"), ("Москва", "1 день", "299 ₽"), ("Тверь", "2 дня", "490 ₽")] * 2
    page = [
        line(100 + 13 * n, text, x=50 + 120 * column) for n, row in enumerate(rows) for column, text in enumerate(row)
    ]
    assert text_of(drawn(tmp_path / "a.pdf", page)).split("\n") == [" ".join(row) for row in rows]


# -- particulars and errors ---------------------------------------------------------------------


def titled(path: Path, title: str, *texts: str) -> Path:
    canvas = Canvas(str(path))
    canvas.setTitle(title)
    for place, text in enumerate(texts):
        canvas.setFont(TEXT, 20 if text.isupper() else 10)
        canvas.drawString(50, 700 - 30 * place, text)
    canvas.save()
    return path


@pytest.mark.parametrize(
    ("written", "texts", "title"),
    [
        ("Инструкция", ["Текст страницы."], "Инструкция"),
        ("Инструкция", ["ДОСТАВКА", "Текст страницы."], "ДОСТАВКА"),
        ("Инструкция", ["ОПЛАТА", "Текст страницы.", "ДОСТАВКА", "Текст страницы."], "Инструкция"),
        ("Microsoft Word - faq.docx", ["Текст страницы."], "faq"),
    ],
)
def test_the_title_is_the_one_heading_or_the_written_one(
    tmp_path: Path, written: str, texts: list[str], title: str
) -> None:
    document = read_one(titled(tmp_path / "faq.pdf", written, *texts))
    assert (document.id, document.title, document.language) == ("faq", title, "ru")
    assert len(document.updated) == len("2026-01-01")


def test_a_password_is_named_and_a_ban_on_copying_none(tmp_path: Path) -> None:
    with pytest.raises(DocumentError, match="a.pdf: the file has a password: save it without one"):
        read(drawn(tmp_path / "a.pdf", lines("Секрет"), encrypt=StandardEncryption("secret")))
    banned = StandardEncryption("", ownerPassword="owner", canCopy=0)
    assert text_of(drawn(tmp_path / "b.pdf", lines("Текст"), encrypt=banned)) == "Текст"


def scanned(path: Path, *texts: str) -> Path:
    """A PDF with a picture on each page and the texts that it was recognised as."""
    canvas = Canvas(str(path))
    canvas.setFont(TEXT, 10)
    for text in texts:
        canvas.drawImage(picture(), 100, 100, 200, 200)
        canvas.drawString(50, 700, text)
        canvas.showPage()
        canvas.setFont(TEXT, 10)
    canvas.save()
    return path


def picture() -> ImageReader:
    from PIL import Image

    return ImageReader(Image.new("RGB", (8, 8)))


def test_a_scan_is_named_and_of_one_in_part_the_pages(tmp_path: Path) -> None:
    with pytest.raises(DocumentError, match=r"a.pdf: the pages have no text layer \(a scan\?\): recognise the text"):
        read(scanned(tmp_path / "a.pdf", "", ""))
    failed: list[DocumentError] = []
    (document,) = read(scanned(tmp_path / "b.pdf", "", "Текст", ""), failed=failed)
    assert document.text == "Текст"
    assert str(failed[0]) == f"{tmp_path / 'b.pdf'}: no text layer on page 1, 3; the other pages are read."
