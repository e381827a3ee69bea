"""A crawl as a whole: what it claims, what it has under way, how it ends, and what it says."""
