"""Bases of the deformation."""
