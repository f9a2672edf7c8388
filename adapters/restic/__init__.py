"""restic repositories through the restic binary."""
