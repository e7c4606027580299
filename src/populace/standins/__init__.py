"""Small real servers on loopback, where the real service cannot be: they check what they get, and keep count."""
