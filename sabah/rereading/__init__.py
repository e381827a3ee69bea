"""Stored pages read again with today's readers: one line that was lost, or the whole archive."""
