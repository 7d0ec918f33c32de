"""Ends with status 0 where NumPy can leave out the named features of this processor, to compute as an older one."""

import sys

from numpy._core._multiarray_umath import __cpu_dispatch__, __cpu_features__

sys.exit(not all(__cpu_features__.get(name) and name in __cpu_dispatch__ for name in sys.argv[1:]))
