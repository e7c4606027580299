"""Sends what waits in the outbox: the integrations, and what happens to a row that is not accepted."""
