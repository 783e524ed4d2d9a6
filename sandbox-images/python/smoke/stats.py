def describe(series):
    return f'{len(series)} values, mean {series.mean():.2f}, größter {series.max():.1f}'
