"""What people of Recoverlution do: engagements in history, and walks through journeys from then on."""
