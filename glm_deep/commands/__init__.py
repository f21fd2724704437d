"""The sub-commands of the command line, one file each; a file imports what its command runs when it is run."""
