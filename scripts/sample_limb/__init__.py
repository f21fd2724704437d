"""The sample character: a human arm in a shirt sleeve, modelled, rigged and posed by code alone (numpy).

Units are centimetres and degrees. The arm lies along +X (a left arm in T-pose): +Y is up, +Z is forward, the palm
looks down and the elbow bends forward. Array letters: F frames, V vertices, J joints, K float controls.
"""
