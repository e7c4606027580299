"""Processes: one folder for each kind of flow, behind one protocol."""
