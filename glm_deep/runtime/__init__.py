"""Playing a model: numpy alone, from rig inputs to offsets."""
