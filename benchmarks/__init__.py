"""What restora costs, measured as ratios within one run: against plain restic, Python itself, and itself."""
