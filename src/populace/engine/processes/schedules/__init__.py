"""Items that come by the calendar, and what they leave."""
