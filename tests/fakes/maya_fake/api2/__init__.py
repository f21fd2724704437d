"""`maya.api.OpenMaya` and `maya.api.OpenMayaAnim`: Python API 2.0."""
