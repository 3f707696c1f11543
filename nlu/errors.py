"""The errors of understanding; each message says what is wrong and what to do."""


class LichnoError(Exception):
    """Root of every error that a person should read; its text is the whole message."""


class ModelMissing(LichnoError):
    """A model folder does not exist or lacks a file."""


class ModelBroken(LichnoError):
    """A model folder's files differ from what was built."""


class TrainingDataError(LichnoError):
    """Training data that no model can be trained from."""
