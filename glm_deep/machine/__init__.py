"""What this machine is: its GPU, and the folder of what was found out about it."""
