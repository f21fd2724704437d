"""Training: regression in closed form, networks on what it leaves, and the run that puts them together."""
