"""For authors of worlds: a skeleton to begin with, and a check of what they wrote."""
