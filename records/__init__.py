"""What is written down: people, care, keys and the trail. Knows no HTTP."""
