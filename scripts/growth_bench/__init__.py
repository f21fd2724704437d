"""Parts of `growth.py`: a synthetic character of any size, one measured training, the tables and the picture.

Array letters: F frames, V vertices, J joints, I drivers.
"""
