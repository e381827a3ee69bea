"""What becomes of a record between the spider and the disk; a user's own pipelines stand between validate (100) and deduplicate (800)."""
