"""What outlives a run: the ledger, the JSON Lines segments, the snapshots."""
