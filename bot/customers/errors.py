"""Errors of the customer store."""

from nlu.errors import LichnoError


class CustomerStoreMissing(LichnoError):
    """There is no customer database yet."""


class UnknownCustomer(LichnoError):
    """No customer has this id."""


class ImportRefused(LichnoError):
    """A file to import is missing or broken; says where. Nothing was imported."""


class StoreOutdated(LichnoError):
    """The database's tables are of another version of the program."""


class MasterKeyWrong(LichnoError):
    """The master key is missing, malformed, or not the one that the data was encrypted with."""


class DataKeyMissing(LichnoError):
    """What a value was encrypted with was erased."""


class MappingWrong(LichnoError):
    """A mapping file cannot be used; says which entry and why."""
