"""glm_deep learns the deformation of a film character and plays it back fast.

Glossary, in the standard terms of the field:

rest pose                 mesh at bind; skinning matrices are the identity there
linear mesh               the mesh as the skinCluster alone poses it
offset                    what the rig adds before skinning: posed = linear + A offset, A = 3x3 part of the skinning
differential coordinates  a vertex's offset minus the mean offset of its one-ring
anchor                    a vertex whose absolute offset a subspace model predicts
region                    a part of the mesh with its own inputs
epistemic error           how unsure the model is of a pose, in scene units

Array letters: F frames, V vertices, A anchors, K components, I input values, J joints.
This file imports nothing, so that any room can be loaded alone.
"""

__version__ = "0.1.0"
