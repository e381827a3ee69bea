"""WARC files and index files, of this project and of others: read, found in archives, and read again with today's readers."""
