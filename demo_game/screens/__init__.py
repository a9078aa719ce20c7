"""The screens of the game as states: each handles actions, takes steps, draws, and names its successor."""
