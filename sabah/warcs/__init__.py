"""WARC files of other tools, as they are in the wild: packed or not, whole or damaged."""
