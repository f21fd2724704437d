"""Behind `config` and `dio`: how settings are declared, described, checked, read with their places, and changed."""
