"""The control API: the operations over HTTP, for every world, with the runner beside them.

`create` makes the application of a `Service`. Routes parse a request, call an operation and return its document; what
they share (who asks, how much of a body is read, how an error looks) stands around them.
"""
