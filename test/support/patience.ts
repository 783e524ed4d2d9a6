/** How much longer than on a real machine tests wait for what they test: `make test-vm` has an emulated one. */
export const patience = Number(process.env.TEST_PATIENCE ?? '1')
