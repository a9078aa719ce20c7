"""The families of networks, with the common interface `family.Family`."""
