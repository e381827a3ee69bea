"""A browser for the pages that need one."""
