"""What the storage costs, as ratios within one run. `make bench-storage` runs them all."""
