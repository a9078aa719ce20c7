"""Settings for every test."""

import os

# Read when NumPy and torch are imported, and by the processes that tests start. Their products are small here: more
# threads wait for one another, and the other cores have tests of their own to run.
os.environ.setdefault("OMP_NUM_THREADS", "1")
