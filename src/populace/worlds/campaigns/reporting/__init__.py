"""What the platform reports about itself."""
