import sys

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd

from stats import describe

values = np.array([float(line) for line in sys.stdin])
print(describe(pd.Series(values)))

pd.Series(values).plot()
plt.title('Größe')
plt.savefig('plot.png')
with open('plot.png', 'rb') as plot:
    print(plot.read(8) == b'\x89PNG\r\n\x1a\n')
