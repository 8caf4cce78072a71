"""How long OpenMP's threads spin at a barrier before they sleep. Import before llama.cpp loads it.

A decoding step passes hundreds of barriers. Threads that sleep at each halve the speed; threads
that spin for long, OpenMP's default, take the very core that the thread they wait for needs as soon
as other programs want one: steps are then five times slower than with this. An operator's own
setting stays.
"""

from __future__ import annotations

import os

SPINS = 5000  # some tens of microseconds

os.environ.setdefault("GOMP_SPINCOUNT", str(SPINS))
