"""Changes to a population while it runs. Each is an intervention: it waits in the target until a runner
takes it up with the first window that it applies to. Asking returns at once; waiting is another operation.
"""
