"""What leaves the database by the outbox: who takes it, and what becomes of a row that nobody takes."""
