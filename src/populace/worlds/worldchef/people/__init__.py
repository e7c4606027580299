"""Who the people of WorldChef are, whom they follow, and what they collect."""
