"""The families of networks, behind one interface: `family.Family`."""
