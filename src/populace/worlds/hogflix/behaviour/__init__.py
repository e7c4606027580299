"""What HogFlix's people do: visits, what they open, watch and rate, what they ask, and the rows of it."""
