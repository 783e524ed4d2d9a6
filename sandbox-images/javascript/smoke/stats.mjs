export function describe (values) {
  const mean = values.reduce((sum, value) => sum + value) / values.length
  return `${values.length} values, mean ${mean.toFixed(2)}, größter ${Math.max(...values)}`
}
