"""What is reported of HogFlix's people: analytics events, and what a population costs outside the database."""
