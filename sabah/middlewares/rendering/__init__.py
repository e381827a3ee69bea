"""Pages that need a browser: which they are, and how Chromium shows them."""
