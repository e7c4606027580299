"""The site of HogFlix: visitors sign in, browse, watch, rate, keep a list, subscribe, ask for help, and chat with
FlixBuddy; what they do stands in the tables of the app. Seeded people can sign in, and play on with what they have.
"""

from populace.sites.hogflix.site import create

__all__ = ["create"]
