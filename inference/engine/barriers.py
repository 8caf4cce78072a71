"""How long OpenMP's threads spin at a barrier before they sleep. Import before llama.cpp loads it.

A decoding step passes hundreds of barriers. Threads that sleep at each of them halve the speed.
Threads that spin for long, OpenMP's default, occupy the core needed by the very thread they wait
for as soon as other programs are busy: steps then take five times as long as with this setting. An
operator's own setting takes precedence.
"""

from __future__ import annotations

import os

SPINS = 5000  # some tens of microseconds

os.environ.setdefault("GOMP_SPINCOUNT", str(SPINS))
