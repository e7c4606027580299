"""Visits that arrive: how many in a minute, who comes, and the course of their sessions."""
