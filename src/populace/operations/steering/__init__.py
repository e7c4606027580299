"""What may be asked of a population while it lives. Each is an intervention: it stands in the target until a runner
takes it up with the first window that it applies to. Asking returns at once; waiting is another operation.
"""
