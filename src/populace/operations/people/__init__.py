"""People of a population, one by one and by the day, and those of an older seed."""
