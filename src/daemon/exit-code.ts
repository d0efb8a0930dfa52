/** Exit codes of esmd, after sysexits(3); listed in esmd(8). */
export const exitCode = {
  done: 0,
  /** EX_SOFTWARE: a bug; the table was written, and init starts the next one. */
  software: 70,
  /** EX_TEMPFAIL: another esmd has the lock. */
  busy: 75,
  /** EX_NOPERM: not started by init. */
  refused: 77,
} as const;
