import matplotlib.pyplot as plt
import pandas as pd

table = pd.read_csv("temperatures.csv", parse_dates=["day"])
print(table.describe())

table.plot(x="day", y=["low", "high"], title="Temperatures")
plt.savefig("temperatures.png")
print("temperatures.png is drawn")
