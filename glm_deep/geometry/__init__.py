"""Mesh, skinning, differential coordinates, anchors, reconstruction."""
