"""How a population goes on: with a resident runner, or a while at a time."""
