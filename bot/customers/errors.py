"""Errors of the customer store."""

from nlu.errors import LichnoError


class CustomerStoreMissing(LichnoError):
    """There is no customer database yet."""


class UnknownCustomer(LichnoError):
    """No customer has this id."""


class ImportRefused(LichnoError):
    """A file to import is missing or broken; says where. Nothing was imported."""
