"""Parameters fitted to aggregates of a real product, by simulating and comparing."""
