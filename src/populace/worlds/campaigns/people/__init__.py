"""Who the platform's people are: organisations, clients, those who have accounts, contacts, and persons at large."""
