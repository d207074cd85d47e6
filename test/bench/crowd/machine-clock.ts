/** Milliseconds of the machine's monotonic clock: the same in every process, so that one may note a sending and another the effect. */
export function machineNow(): number {
  return Number(process.hrtime.bigint()) / 1e6;
}
