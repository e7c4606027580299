"""The built-in worlds, a folder each, and the registry that finds these and others."""
