/**
 * Branded numbers, so that an instant is not added to an instant and a pid is not taken for a
 * duration. All time inside the core is monotonic; wall-clock time exists only for display.
 */

declare const unit: unique symbol;
type Unit<Name extends string> = number & { readonly [unit]: Name };

/** A point on the monotonic clock, in milliseconds since an arbitrary origin (CLOCK_MONOTONIC). */
export type Instant = Unit<'Instant'>;

/** A length of time in milliseconds. */
export type Millis = Unit<'Millis'>;

/** A point on the wall clock, in milliseconds since 1970; for display only. */
export type WallClock = Unit<'WallClock'>;

/** A process number. By itself it identifies nothing: see Process. */
export type Pid = Unit<'Pid'>;

/** Counts the lives of one service; an asynchronous answer names the one it belongs to. */
export type Incarnation = Unit<'Incarnation'>;

/** The number of a published event; grows by one with each. */
export type Sequence = Unit<'Sequence'>;

export const instant = (ms: number): Instant => ms as Instant;
export const millis = (ms: number): Millis => ms as Millis;
export const seconds = (s: number): Millis => (s * 1000) as Millis;
export const wallClock = (ms: number): WallClock => ms as WallClock;
export const pid = (n: number): Pid => n as Pid;
export const incarnation = (n: number): Incarnation => n as Incarnation;
export const sequence = (n: number): Sequence => n as Sequence;

/** The instant that lies `wait` after `from`. */
export const after = (from: Instant, wait: Millis): Instant => (from + wait) as Instant;

/** Whether `deadline` has come at `now`. */
export const hasCome = (deadline: Instant, now: Instant): boolean => now >= deadline;
