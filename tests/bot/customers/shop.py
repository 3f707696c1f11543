"""A shop of two customers as CSV files, to be broken one cell at a time."""

from __future__ import annotations

from pathlib import Path

SHOP: dict[str, list[str]] = {
    "customers.csv": [
        "customer_id,first_name,last_name,gender,language,address_form,city,street_address,phone,email,loyalty_level,"
        "points,registered,consent_memory,consent_marketing",
        'C1,Ирина,Соколова,f,ru,formal,Москва,"Тихая ул., 2",+7 000 000-00-01,i@m.example,start,10,2024-01-31,yes,no',
        "C2,Ann,Harper,f,en,formal,Kazan,1 High Street,+7 000 000-00-02,a@mail.example,gold,20,2024-02-29,yes,yes",
    ],
    "products.csv": [
        "product_id,model,brand,category,name_ru,name_en,price,warranty_months,weight_kg",
        "P1,AB-200,Aurora,headphones,Наушники Aurora,Aurora earbuds,8990,12,0.2",
    ],
    "orders.csv": [
        "order_id,customer_id,ordered_at,status,delivery_method,delivery_address,expected_at,delivered_at,total,"
        "delivery_cost,payment_method,paid,tracking_code",
        "NL-1,C1,2026-11-01,delivered,courier,Москва,2026-11-05,2026-11-05,8990,0,card,yes,",
        "NL-2,C2,2026-11-20,in_transit,courier,Kazan,2026-11-26,,8990,0,card,yes,NLD1",
        "NL-3,C2,2026-11-01,delivered,courier,Kazan,2026-11-05,2026-11-05,17980,0,card,yes,",
    ],
    "order_items.csv": ["order_id,product_id,quantity,price", "NL-1,P1,1,8990", "NL-2,P1,1,8990", "NL-3,P1,2,8990"],
    "delivery_events.csv": ["order_id,happened_at,event,place,note", "NL-1,2026-11-01T10:00,placed,,"],
    "tickets.csv": [
        "ticket_id,customer_id,order_id,opened_at,closed_at,topic,subject,resolution",
        "T0001,C1,NL-1,2026-11-06T09:00,,return,Как вернуть?,",
    ],
    "browsing_events.csv": ["customer_id,happened_at,product_id,event", "C1,2026-11-07T09:00,P1,viewed"],
}


def write_shop(folder: Path, file: str = "", old: str = "", new: str = "") -> Path:
    """The seven files in UTF-8; in ``file`` the first ``old`` is replaced by ``new``."""
    folder.mkdir(exist_ok=True)
    for name, lines in SHOP.items():
        text = "\n".join(lines) + "\n"
        if name == file:
            assert old in text
            text = text.replace(old, new, 1)
        (folder / name).write_text(text, encoding="utf-8")
    return folder
