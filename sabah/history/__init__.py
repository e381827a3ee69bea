"""Addresses that no listing reaches any more, from the index files of web archives."""
