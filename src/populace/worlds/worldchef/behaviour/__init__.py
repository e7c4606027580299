"""What people of WorldChef do: publish recipes, look at them, cook them, and say what they think of them."""
