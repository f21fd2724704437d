"""Sample characters of seven sorts, by code alone (numpy), one file per sort; they share motion, joints and surfaces.

Units are centimetres and degrees, +Y is up. Array letters: F frames, V vertices, J joints, K float controls,
C channels (the angles and controls that a motion moves).
"""
