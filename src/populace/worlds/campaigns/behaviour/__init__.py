"""What happens on the platform: campaigns, who receives them, calls, gift cards, and the rows of it."""
