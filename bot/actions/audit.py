"""What is written down of requests: done (the audit log) or kept for later. Each request at most once."""

from __future__ import annotations

import json
from typing import Any

from bot.actions.context import Context
from bot.actions.transaction import Done, Values
from bot.customers.models import AuditEntry, KeptRequest, Ticket
from bot.customers.store import open_ticket


def was_done(context: Context, request_id: str) -> bool:
    """Whether the request has been carried out before."""
    entries = context.session.query(AuditEntry).filter(AuditEntry.request_id == request_id)
    return bool(entries.count())


def record(context: Context, action: str, request_id: str, done: Done) -> None:
    """Write an entry of the audit log."""
    context.session.add(
        AuditEntry(
            customer_id=context.customer_id,
            at=context.now,
            action=action,
            order_id=done.order_id,
            channel=context.conversation.channel,
            details=json.dumps(done.details, ensure_ascii=False, sort_keys=True),
            ticket_id=done.ticket_id,
            request_id=request_id,
        )
    )
    context.session.query(KeptRequest).filter(KeptRequest.request_id == request_id).delete()


def file_ticket(context: Context, topic: str, subject: str, order_id: str | None = None) -> str:
    """A ticket of this customer for a person; its number."""
    return open_ticket(context.session, context.customer_id, topic, subject, context.now, order_id)


def ticket_of(context: Context, action: str, order_id: str, **details: Any) -> str | None:
    """The open ticket of an earlier request for the same: its action, its order and these details."""
    rows = (
        context.session.query(AuditEntry.ticket_id, AuditEntry.details)
        .join(Ticket, Ticket.ticket_id == AuditEntry.ticket_id)
        .filter(
            AuditEntry.customer_id == context.customer_id,
            AuditEntry.action == action,
            AuditEntry.order_id == order_id,
            Ticket.closed_at.is_(None),
        )
    )
    for ticket_id, text in rows:
        if details.items() <= json.loads(text).items():
            return str(ticket_id)
    return None


def keep(context: Context, kept: list[dict[str, Any]]) -> None:
    """Write down requests that the shop's system could not take before; those known already are left alone."""
    for request in kept:
        known = context.session.query(KeptRequest).filter(KeptRequest.request_id == request["values"]["request_id"])
        if not known.count() and not was_done(context, request["values"]["request_id"]):
            context.session.add(
                KeptRequest(
                    customer_id=context.customer_id,
                    kept_at=context.now,
                    action=request["name"],
                    details=json.dumps(request["values"], ensure_ascii=False),
                    request_id=request["values"]["request_id"],
                )
            )


def oldest_kept(context: Context) -> tuple[str, Values] | None:
    """Name and values of the customer's oldest kept request."""
    row = (
        context.session.query(KeptRequest)
        .filter(KeptRequest.customer_id == context.customer_id)
        .order_by(KeptRequest.kept_at, KeptRequest.id)
        .first()
    )
    return None if row is None else (str(row.action), json.loads(row.details))


def forget_kept(context: Context, request_id: str) -> None:
    """The customer no longer wants it."""
    context.session.query(KeptRequest).filter(
        KeptRequest.customer_id == context.customer_id, KeptRequest.request_id == request_id
    ).delete()
