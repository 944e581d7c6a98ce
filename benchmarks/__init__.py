"""What the service costs, each figure beside what it is compared with: `python -m benchmarks` (docs/speed.md)."""
