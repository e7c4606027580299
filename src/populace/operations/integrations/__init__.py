"""Operations on what leaves the target by channels: deliver it, look at it, try it again, queue the past, reconcile it.

Which channels there are, a world declares; nothing here knows any of them by name.
"""
