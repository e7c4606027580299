"""People into a target: a seed, and what leads up to one."""
