"""Daily Sabah (English) as a dataset that can be trusted."""

__version__ = "0.1.0"
