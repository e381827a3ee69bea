"""What can be wrong with what a spider is given."""

from __future__ import annotations


class ArgumentError(ValueError):
    """An argument that cannot be used; the message is one line that names the valid values."""
