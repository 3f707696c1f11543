"""A receipt or another document of an order once more (article receipts-documents), to the e-mail on file."""

from __future__ import annotations

from collections.abc import Sequence

from bot.actions.audit import file_ticket, ticket_of
from bot.actions.context import Context
from bot.actions.form import TransactionAction
from bot.actions.order_steps import OrderStep
from bot.actions.orders import order_of
from bot.actions.steps import ChoiceStep, option
from bot.actions.transaction import Done, Reply, Said, Step, Transaction, Unfit, Values
from bot.identity.contacts import masked

_OPTIONS = [
    option(
        "receipt",
        "Кассовый чек",
        "receipt",
        r"(?<!товарный )(?<!товарного )(?<!товарном )\bчек|квитанц|(?<!sales )receipt|\bbill\b|копи[яюи] счёта"
        r"|copy of my invoice",
    ),
    option("sales_receipt", "Товарный чек", "sales receipt", r"товарн\w+ чек|sales receipt|surname|фамили"),
    option("delivery_act", "Акт за доставку", "delivery statement", r"\bакта?\b|delivery (?:act|statement|service)"),
    option(
        "certificate",
        "Справка об оплате",
        "payment certificate",
        r"справк|подтверждени\w+ оплат|proof of payment|payment (?:certificate|confirmation)|certificate"
        r"|statement that|evidence",
    ),
    option("vat_invoice", "УПД", "VAT invoice", r"сч[её]т-?\s?фактур|\bупд\b|закрывающ|vat invoice|tax invoice"),
]
_DAYS = {"receipt": 1, "sales_receipt": 2, "delivery_act": 2, "certificate": 3}  # working days, of the article
COMPANIES_ONLY = "vat_invoice"


class InvoiceCopy(Transaction):
    """Has a document sent; which ones there are depends on how the order was paid."""

    name = "invoice_copy"

    def check(self, context: Context, values: Values) -> Reply | None:
        if "order" not in values:
            return None
        order = order_of(context, values)
        if not order.paid:
            return Reply("utter_order_unpaid", context.describe(order))
        if "document" not in values:
            return None
        ticket = ticket_of(context, self.name, order.order_id, document=values["document"])
        return Reply("utter_request_open", {"order_id": order.order_id, "ticket": ticket}) if ticket else None

    def steps(self, context: Context, values: Values) -> Sequence[Step]:
        paid = [order for order in context.customer.orders if order.paid]
        steps: list[Step] = [OrderStep(paid, Reply("utter_no_paid_order"))]
        return [*steps, _DocumentStep(context, values)] if "order" in values else steps

    def confirm(self, context: Context, values: Values) -> Reply:
        return Reply("utter_confirm_document", self._told(context, values))

    def _told(self, context: Context, values: Values) -> dict[str, str]:
        document = next(option for option in _OPTIONS if option.code == values["document"])
        return {
            "document": document.title(context).lower() if document.code != COMPANIES_ONLY else document.title(context),
            "order_id": values["order"],
            "email": masked(str(context.customer.email)),
        }

    def perform(self, context: Context, values: Values) -> Done:
        told = self._told(context, values)
        days = _DAYS.get(values["document"])
        if days is None:
            term = context.say("после проверки бухгалтерией", "once accounting has checked it")
        else:
            term = context.say(
                f"за {days} рабочий день" if days == 1 else f"за {days} рабочих дня",
                f"within {days} working day" + "s" * (days > 1),
            )
        subject = context.say(f"Прислать документ: {told['document']}", f"Send a document: {told['document']}")
        ticket = file_ticket(context, "payment", subject, values["order"])
        reply = Reply("utter_document_filed", {**told, "ticket": ticket, "term": term})
        return Done(reply, values["order"], ticket, {"document": values["document"]})


class _DocumentStep(ChoiceStep):
    """Which document; what only companies get is not offered to others."""

    def __init__(self, context: Context, values: Values) -> None:
        self._by_invoice = order_of(context, values).payment_method == "invoice"
        offered = [option for option in _OPTIONS if option.code != COMPANIES_ONLY or self._by_invoice]
        question = Reply("utter_ask_document", {"order_id": values["order"]})
        super().__init__("document", offered, question, r"документ|чек\b|акт\b|справк|document|receipt|certificate")

    def read(self, said: Said, context: Context, values: Values) -> str | None:
        found = self.find(said, context, values)
        if found is None and _OPTIONS[-1].means.search(said.text):
            raise Unfit(Reply("utter_documents_for_companies"))
        return found


class ActionInvoiceCopy(TransactionAction):
    transaction = InvoiceCopy()
