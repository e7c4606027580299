"""Processes: one room for each way in which rows come about, behind one protocol."""
