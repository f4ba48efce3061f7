"""Uploaded files become a `Recording`; untrusted input is parsed in a child process with limits."""

from spikedash.readers.limits import MAX_BYTES
from spikedash.readers.preview import Description, describe
from spikedash.readers.reading import read

__all__ = ["MAX_BYTES", "Description", "describe", "read"]
