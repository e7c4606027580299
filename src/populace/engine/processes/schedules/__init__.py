"""Items placed by the calendar, and the rows they leave."""
