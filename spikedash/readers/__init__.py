"""Uploaded files become a `Recording`; untrusted input is parsed in a child process with limits."""

from spikedash.readers.choices import CHOICES, Choice
from spikedash.readers.limits import MAX_BYTES
from spikedash.readers.preview import Description, describe
from spikedash.readers.reading import look, read

__all__ = ["CHOICES", "MAX_BYTES", "Choice", "Description", "describe", "look", "read"]
