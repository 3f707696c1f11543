"""What customers allowed, told and prefer, the keys of their data, and that they were erased."""

from __future__ import annotations

from sqlalchemy import Boolean, Column, DateTime, ForeignKey, Integer, String, Text

from bot.customers.encryption import Encrypted
from bot.customers.models.base import COMMON, Base


class Consent(Base):
    """A yes or no of a customer to one purpose; the latest counts, earlier ones are its history."""

    __tablename__ = "consents"
    id = Column(Integer, primary_key=True)
    customer_id = Column(String, ForeignKey("customers.customer_id"), nullable=False, index=True)
    purpose = Column(String, nullable=False)
    given = Column(Boolean, nullable=False)
    at = Column(DateTime, nullable=False)
    channel = Column(String, nullable=False)
    text_version = Column(String)


class RememberedFact(Base):
    """Something the customer told of themselves and let us keep, in their own words."""

    __tablename__ = "remembered_facts"
    id = Column(Integer, primary_key=True)
    customer_id = Column(String, ForeignKey("customers.customer_id"), nullable=False, index=True)
    text = Column(Encrypted, nullable=False)
    language = Column(String, nullable=False)
    told_at = Column(DateTime, nullable=False)
    channel = Column(String, nullable=False)


class Preference(Base):
    """How a customer likes to be answered: a key, such as ``length``, and its value."""

    __tablename__ = "preferences"
    customer_id = Column(String, ForeignKey("customers.customer_id"), primary_key=True)
    key = Column(String, primary_key=True)
    value = Column(Encrypted, nullable=False, info=COMMON)


class DataKey(Base):
    """What a customer's encrypted columns were encrypted with, wrapped under the master key."""

    __tablename__ = "data_keys"
    customer_id = Column(String, primary_key=True)
    key_id = Column(String, nullable=False, unique=True)
    wrapped = Column(Text, nullable=False)
    master = Column(String, nullable=False)


class Erasure(Base):
    """That a customer was erased: a keyed digest of their id, so that no import brings them back."""

    __tablename__ = "erasures"
    id = Column(Integer, primary_key=True)
    customer_digest = Column(String, nullable=False, index=True)
    erased_at = Column(DateTime, nullable=False)
