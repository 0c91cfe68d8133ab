"""Beside the product: invented societies, the demo, benchmarks, the office on this machine, pictures."""
