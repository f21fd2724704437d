"""glm_deep inside Maya: commands, extraction, linear mesh, configuration node, docked window."""
