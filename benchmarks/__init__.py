"""What restora costs, measured as ratios within one run: against plain restic, against Python itself, against itself."""
