"""The operations as tools for coding agents, by the Model Context Protocol over standard input and output.

A tool is read-only unless the server was started to allow writes; those that write are not even listed then.
"""
