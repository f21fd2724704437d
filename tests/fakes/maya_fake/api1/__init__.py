"""`maya.OpenMaya`, `OpenMayaAnim`, `OpenMayaMPx` and `OpenMayaUI`: Python API 1.0."""
