"""Who HogFlix's people are: what is theirs for life, their accounts, what they pay, and their life with the app."""
