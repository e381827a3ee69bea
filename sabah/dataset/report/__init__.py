"""What the dataset looks like: numbers, charts of them, one HTML page."""
