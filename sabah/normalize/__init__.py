"""Pure functions that turn printed strings into values; one topic a file."""
